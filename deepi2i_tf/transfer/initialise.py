"""Where a run's networks start from: `--init_from` (training.md, Stages).

Of a BigGAN, generator from the average of its generator, discriminator and
encoder from its discriminator; the adaptor stays at its random start. Of a
DeepI2I, each network from its own. Class rows follow `transfer.class_rows`.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deepi2i_tf.config import Config
from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)
from deepi2i_tf.models import AdversarialModel
from deepi2i_tf.networks import build_network
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.transfer.class_map import read_class_map
from deepi2i_tf.transfer.class_rows import (
    ClassRow,
    choose_rows,
    counts_text,
    row_matrix,
    table_text,
)
from deepi2i_tf.transfer.nearest_features import nearest_classes, pooled_means
from deepi2i_tf.transfer.network_arrays import assign_arrays, trunk_arrays
from deepi2i_tf.transfer.source import InitSource, open_source
from deepi2i_tf.utils.atomic_files import explain_disk_errors, write_text

TABLE_FILE = "class_map.tsv"
_BATCH = 64
# Of each class, on average, before the search for images of it is given up.
_MOST_READ = 1000


def initialise(
    config: Config,
    model: AdversarialModel,
    prepared: PreparedData,
    run: str | os.PathLike,
    log: RunLog,
) -> None:
    """Starts networks and averages from another run; says what came whence.

    Optimizers and the step stay as they are. `class_map.tsv` in the run
    directory says which rule served which class.

    Args:
        config: the run, `num_classes` filled in.
        model: the model to be given weights.
        prepared: the data set, for images of our classes.
        run: the run directory.
        log: where sentences go.

    Raises:
        UserError: `--init_from` is no run, or one of another architecture, or
            the class map is wrong.
    """
    source = open_source(config.training.init_from)
    names = source.choose(config.transfer.init_networks, tuple(model.networks))
    source.require_fit(config.network, names)
    for sentence in source.sentences(names, tuple(model.networks)):
        log.say(sentence)
    rows = ()
    if {"generator", "discriminator"}.intersection(names):
        rows = _class_rows(config, source, prepared)
        log.say(f"Class rows: {counts_text(rows)}; see {TABLE_FILE}.")
    matrix = row_matrix(rows, source.class_names)
    for name in names:
        assign_arrays(model.networks[name], source.arrays(name), matrix)
    model.average.reset()
    table = Path(run) / TABLE_FILE
    with explain_disk_errors(table, "Nothing was trained."):
        write_text(table, table_text(rows))


def _class_rows(
    config: Config, source: InitSource, prepared: PreparedData
) -> tuple[ClassRow, ...]:
    ours, transfer = prepared.class_names, config.transfer
    mapped = {}
    if transfer.class_map:
        mapped = read_class_map(transfer.class_map, ours, source.class_names)

    def nearest() -> dict[str, str]:
        return _nearest(config, source, prepared)

    return choose_rows(
        ours, source.class_names, mapped, transfer.class_rows, nearest
    )


def _nearest(
    config: Config, source: InitSource, prepared: PreparedData
) -> dict[str, str]:
    """Their nearest class for each of ours; none without a discriminator."""
    if "discriminator" not in source.networks:
        return {}
    arrays = source.arrays("discriminator")
    trunk = build_network("encoder", config.network)
    assign_arrays(trunk, trunk_arrays(arrays))
    embeddings = arrays["discriminator/embed/embeddings"]
    shape = (prepared.num_classes, embeddings.shape[1])
    try:
        means, counts = pooled_means(trunk, _batches(prepared), shape)
    except DATA_ERRORS as error:
        raise describe_data_error(error, prepared) from error
    found = nearest_classes(means, counts, embeddings)
    return {
        prepared.class_names[label]: source.class_names[nearest]
        for label, nearest in found.items()
    }


def _batches(
    prepared: PreparedData,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    examples = read_split(prepared, "train")
    most = _MOST_READ * prepared.num_classes
    for batch in examples.take(most).batch(_BATCH).as_numpy_iterator():
        yield batch["image"], batch["label"]
