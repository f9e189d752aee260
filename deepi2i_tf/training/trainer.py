"""`train` and `pretrain`: from a configuration to a finished run directory."""

import contextlib
import dataclasses
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import tensorflow as tf

from deepi2i_tf.config import ROLLBACK, Config
from deepi2i_tf.data import (
    PreparedData,
    check_num_classes,
    find_configured,
    verify,
)
from deepi2i_tf.models import build_model
from deepi2i_tf.models.stages import stages
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.identity import data_facts
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER, LOG_FILE
from deepi2i_tf.runs.run_dir import RunDir, describe_run, open_run_dir
from deepi2i_tf.training.callbacks import Evaluate
from deepi2i_tf.training.distributed.agreement import check_workers_agree
from deepi2i_tf.training.distributed.strategy import (
    DistributionContext,
    make_distribution,
)
from deepi2i_tf.training.loop import TrainingLoop, WorkerLoop
from deepi2i_tf.training.preflight.summary import model_text
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.transfer.initialise import initialise
from deepi2i_tf.utils.backend import dtype_policy
from deepi2i_tf.utils.errors import UserError

BEGIN = "begin"
FINISHED = ""  # in place of the path of a run


def train(
    config: Config, flagfile_text: str = "", evaluate: Evaluate | None = None
) -> Path | None:
    """Trains, or goes on training, until `config.training.steps`.

    The same call after an interruption goes on from the last checkpoint and
    ends with the weights it would have had, bit for bit.

    Args:
        config: the experiment.
        flagfile_text: a flagfile that starts this run again.
        evaluate: `evaluate(step, averaged networks) -> numbers`, called
            every `evaluate_every` steps; the command passes it in.

    Returns:
        The run directory; None on a worker that is not the chief.

    Raises:
        UserError: for everything that a user can mend; also after a signal.
    """
    started = time.monotonic()
    _set_up(config)
    distribution = make_distribution(config.training)
    coordinator, path = distribution.coordinator, None
    policy = dtype_policy(config.training.mixed_precision)
    with policy, coordinator.share_errors():
        _require_rows(config, distribution.num_replicas)
        _require_one_worker(config, coordinator.size)
        config, data = _find_data(config)
        facts = data_facts(data)
        check_workers_agree(distribution, config, facts)
        if coordinator.is_chief:
            with _opened(config) as run:
                path = run.path
                describe_run(run, config, flagfile_text, facts)
                _lead(config, distribution, data, run, evaluate, started)
        else:
            _follow(config, distribution, data)
        coordinator.shutdown()
    return path


@contextlib.contextmanager
def _opened(config: Config) -> Iterator[RunDir]:
    run = open_run_dir(config)
    try:
        yield run
    finally:
        run.release()


def _set_up(config: Config) -> None:
    stages(config)  # Refuses one in which nothing would train.
    training = config.training
    keras.utils.set_random_seed(training.seed)
    if training.deterministic:
        tf.config.experimental.enable_op_determinism()


def _require_rows(config: Config, num_replicas: int) -> None:
    """Refuses replicas whose rows the losses of the pose cannot group."""
    together = config.pose.rows_together
    multiple = together * num_replicas
    size = config.training.batch_size
    if size % multiple:
        raise UserError(
            f"Expected --batch_size to be a multiple of {multiple}: "
            f"{num_replicas} replicas of {together} rows that --equivariance "
            f"or --cycle compares. Received: batch_size={size}. Use "
            f"{size + multiple - size % multiple}."
        )


def _require_one_worker(config: Config, workers: int) -> None:
    """Refuses rollbacks among several workers, who would all have to agree."""
    if config.monitor.on_collapse == ROLLBACK and workers > 1:
        raise UserError(
            "Expected --on_collapse=rollback to come with one worker. "
            f"Received: {workers} workers. Use --on_collapse=stop and begin "
            "again from a checkpoint that was healthy."
        )


def _find_data(config: Config) -> tuple[Config, PreparedData]:
    """The data set, and the configuration with what it decides filled in."""
    data = find_configured(config.data, config.network.resolution)
    if config.data.verify_data:
        verify(data)
    classes = check_num_classes(data, config.network.num_classes)
    config = dataclasses.replace(
        config,
        network=dataclasses.replace(config.network, num_classes=classes),
        # Another set of this resolution may be prepared before the run is
        # resumed or measured.
        data=dataclasses.replace(
            config.data, dataset=data.dataset, data_config=data.config
        ),
    )
    return config, data


def _lead(
    config: Config,
    distribution: DistributionContext,
    data: PreparedData,
    run: RunDir,
    evaluate: Evaluate | None,
    started: float,
) -> None:
    """The chief's part of a run: says what will be trained, and trains it."""
    log = RunLog(run.path / LOG_FILE)
    finished = _is_finished(run, config.training.steps, log)
    distribution.coordinator.put(BEGIN, FINISHED if finished else str(run.path))
    if finished:
        return
    if run.found:
        log.say(f"Going on with this command's unfinished run {run.path}.")
    else:
        log.say(f"Run directory: {run.path}")
    with distribution.strategy.scope():
        model = build_model(config)
    examples = data.num_examples["train"]
    replicas = distribution.num_replicas
    log.say(model_text(config, model.networks, replicas, examples))
    context = RunContext(config, model, distribution, data, run, log)
    # A run that has begun goes on from its own checkpoint.
    begun = list_checkpoints(run.path / CHECKPOINTS_FOLDER)
    if config.training.init_from and not begun:
        try:
            initialise(config, model, data, run.path, log)
        except UserError:
            run.forget()  # The mended command may have the same --run_dir.
            raise
    TrainingLoop(context, evaluate, started).run()


def _is_finished(run: RunDir, steps: int, log: RunLog) -> bool:
    done = run.finished_step()
    if done is not None and done >= steps:
        log.say(
            f"Nothing to do: {run.path} is done at step {done}. Raise --steps "
            "to train on, or choose another --run_dir."
        )
        return True
    run.reopen()
    return False


def _follow(
    config: Config, distribution: DistributionContext, data: PreparedData
) -> None:
    """The part of a worker that is not the chief: it has no run directory."""
    coordinator = distribution.coordinator
    log = RunLog(None, sys.stderr, f"Worker {coordinator.index}: ")
    run = coordinator.get(BEGIN)
    if run == FINISHED:
        log.say("Nothing to do: the leader's run is done.")
        return
    log.say(f"Following the run {run} of worker 0.")
    with distribution.strategy.scope():
        model = build_model(config)
    WorkerLoop(RunContext(config, model, distribution, data, None, log)).run()
