"""`train` and `pretrain`: from a configuration to a finished run directory."""

import dataclasses
import sys
import time

import keras
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.data import (
    PreparedData,
    check_num_classes,
    find_configured,
    verify,
)
from deepi2i_tf.models import AdversarialModel, build_model
from deepi2i_tf.models.stages import stages
from deepi2i_tf.networks import trainable_parameters
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.identity import data_facts
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER, LOG_FILE
from deepi2i_tf.runs.provenance import software_versions
from deepi2i_tf.runs.run_dir import RunDir, describe_run, open_run_dir
from deepi2i_tf.training.callbacks import Evaluate
from deepi2i_tf.training.distributed.agreement import check_workers_agree
from deepi2i_tf.training.distributed.strategy import DistributionContext, place
from deepi2i_tf.training.follower import WorkerLoop
from deepi2i_tf.training.loop import TrainingLoop
from deepi2i_tf.training.preflight.summary import (
    arithmetic_text,
    memory_here,
    parameter_table,
)
from deepi2i_tf.transfer.initialise import initialise
from deepi2i_tf.utils.errors import UserError

BEGIN = "begin"
FINISHED = ""  # beside the path of a run


def train(
    config: Config,
    flagfile_text: str = "",
    evaluate: Evaluate | None = None,
) -> None:
    """Trains, or goes on training, until `config.training.steps`.

    The same call after any interruption goes on from the last checkpoint and
    ends with the same weights, bit for bit, as without the interruption.

    Args:
        config: the experiment.
        flagfile_text: a flagfile that starts this run again, for the run
            directory.
        evaluate: `evaluate(step, averaged networks) -> numbers`, called
            every `evaluate_every` steps; the command passes it in.

    Raises:
        UserError: for everything that a user can mend; also after the first
            SIGINT or SIGTERM, when the checkpoint of that step is saved.
    """
    started = time.monotonic()
    _set_up(config)
    placement = place(config.training)
    with (peers := placement.peers).together():
        prepared = _find_data(config)
        config = _resolved(config, prepared)
        facts = data_facts(prepared)
        check_workers_agree(placement, config, facts)
        if peers.leads:
            run = open_run_dir(config)
            try:
                versions = software_versions()
                describe_run(run, config, flagfile_text, facts, versions)
                _lead(config, placement, prepared, run, evaluate, started)
            finally:
                run.release()
        else:
            _follow(config, placement, prepared)
        peers.part()


def _lead(
    config: Config,
    placement: DistributionContext,
    prepared: PreparedData,
    run: RunDir,
    evaluate: Evaluate | None,
    started: float,
) -> None:
    log = RunLog(run.path / LOG_FILE)
    finished = _is_finished(run, config.training.steps, log)
    placement.peers.tell(BEGIN, FINISHED if finished else str(run.path))
    if not finished:
        model = _make_model(config, placement, prepared, run, log)
        loop = TrainingLoop(
            config, model, placement, prepared, run, log, evaluate, started
        )
        loop.run()


def _follow(
    config: Config, placement: DistributionContext, prepared: PreparedData
) -> None:
    """What a worker does that does not lead: it has no run directory."""
    peers = placement.peers
    log = RunLog(None, sys.stderr, f"Worker {peers.index}: ")
    run = peers.hear(BEGIN)
    if run == FINISHED:
        log.say("Nothing to do: the leader's run is done.")
        return
    log.say(f"Following the run {run} of worker 0.")
    with placement.strategy.scope():
        model = build_model(config, placement.num_replicas)
    WorkerLoop(config, model, placement, prepared, log).run()


def _set_up(config: Config) -> None:
    stages(config)  # Refuses one in which nothing would train.
    training = config.training
    keras.config.set_dtype_policy(training.mixed_precision)
    keras.utils.set_random_seed(training.seed)
    if training.deterministic:
        tf.config.experimental.enable_op_determinism()


def _find_data(config: Config) -> PreparedData:
    prepared = find_configured(config.data, config.network.resolution)
    if config.data.verify_data:
        verify(prepared)
    return prepared


def _resolved(config: Config, prepared: PreparedData) -> Config:
    classes = check_num_classes(prepared, config.network.num_classes)
    network = dataclasses.replace(config.network, num_classes=classes)
    # Another set of this resolution may be prepared before the run is
    # resumed or measured.
    data = dataclasses.replace(
        config.data, dataset=prepared.dataset, data_config=prepared.config
    )
    return dataclasses.replace(config, network=network, data=data)


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


def _make_model(
    config: Config,
    placement: DistributionContext,
    prepared: PreparedData,
    run: RunDir,
    log: RunLog,
) -> AdversarialModel:
    """Builds the model and says what will be trained, and how."""
    if run.found:
        log.say(f"Going on with this command's unfinished run {run.path}.")
    else:
        log.say(f"Run directory: {run.path}")
    with placement.strategy.scope():
        model = build_model(config, placement.num_replicas)
    counts = {
        name: trainable_parameters(network)
        for name, network in model.networks.items()
    }
    log.say(parameter_table(counts))
    examples = prepared.num_examples["train"]
    replicas = placement.num_replicas
    log.say(arithmetic_text(config.training, replicas, examples))
    log.say(memory_here(config, counts, replicas))
    # A run that has begun goes on from its own checkpoint.
    if config.training.init_from and not list_checkpoints(
        run.path / CHECKPOINTS_FOLDER
    ):
        try:
            initialise(config, model, prepared, run.path, log)
        except UserError:
            run.forget()  # The mended command may have the same --run_dir.
            raise
    return model
