"""Callbacks of `fit` that do what the command's loop does, by the same code."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.data.dataset import Dataset
from deepi2i_tf.evaluation.in_training import (
    IN_TRAINING,
    RunEvaluator,
    SampleEvaluator,
)
from deepi2i_tf.metrics.names import flat_numbers
from deepi2i_tf.models import TrainedModel
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks.configured_network import plain
from deepi2i_tf.runs.checkpoints import (
    BEST,
    SCHEDULED,
    Checkpoints,
    list_checkpoints,
)
from deepi2i_tf.runs.identity import differing_fields
from deepi2i_tf.runs.layout import CHECKPOINT_FILE, EVALUATION
from deepi2i_tf.training.callbacks import evaluation_text
from deepi2i_tf.training.loop import first_non_finite
from deepi2i_tf.training.sample_sheets import Sheets, make_sheets
from deepi2i_tf.utils.atomic_files import read_json
from deepi2i_tf.utils.errors import UserError

# In `checkpoint.json`: the step at which its `fit` began, its configuration.
BEGUN = "fit_begun_at"
CONFIG = "config"


class StepCallback(keras.callbacks.Callback):
    """Does something every so many steps of the model.

    Args:
        every: steps; 0 does it at the end of each epoch.
    """

    def __init__(self, every: int) -> None:
        super().__init__()
        if every < 0:
            raise UserError(
                f"Expected every to be 0 or more steps. Received: {every}. "
                "0 is the end of each epoch."
            )
        self.every = every
        self._seen = 0

    def on_train_begin(self, logs=None) -> None:
        """Counts from the step that the model is at."""
        self._seen = self.model.finished_steps

    def on_train_batch_end(self, batch, logs=None) -> None:
        """Sees whether the steps of an execution pass one that is due."""
        step = self.model.finished_steps
        if self.every and step // self.every > self._seen // self.every:
            self.act(step)
        self._seen = step

    def on_epoch_end(self, epoch, logs=None) -> None:
        """Acts where it is not steps that count."""
        if not self.every:
            self.act(self.model.finished_steps)

    def act(self, step: int) -> None:
        """Does what is due after a step."""
        raise NotImplementedError


class SampleSheets(StepCallback):
    """Draws sheets of samples, the same sources and z each time.

    Args:
        folder: `real.png` and `step-000500.png` and so on go there.
        data: from `load_dataset`; sources are held-out images.
        every: steps; None takes the configuration's `sample_every`, 0 is the
            end of each epoch.
    """

    def __init__(
        self, folder: str | os.PathLike, data: Dataset, every: int | None = None
    ) -> None:
        usual = data.config.training.sample_every
        super().__init__(usual if every is None else every)
        self._folder, self._data = Path(folder), data
        self._sheets: Sheets | None = None

    def on_train_begin(self, logs=None) -> None:
        """Draws real images and first fakes of a model that is new."""
        super().on_train_begin(logs)
        if self._sheets is None:
            self._sheets = make_sheets(
                self._folder, self._data.prepared, self.model.config
            )
        if self._seen == 0:
            self._sheets.draw_real()
            self.act(0)

    def act(self, step: int) -> None:
        """Draws a sheet."""
        self._sheets.draw(self.model.averaged, step)


class Evaluate(StepCallback):
    """Measures the averages: `evaluation/rc` and others in the history.

    An epoch that has several evaluations shows the last one.

    Args:
        data: from `load_dataset`.
        every: steps; 0 is the end of each epoch.
        evaluation: how it is measured.

    Attributes:
        results: (step, numbers) of each evaluation.
    """

    def __init__(
        self,
        data: Dataset,
        every: int = 0,
        evaluation: EvaluationConfig = IN_TRAINING,
    ) -> None:
        super().__init__(every)
        self._data, self._how = data, evaluation
        self._evaluate: RunEvaluator | None = None
        self.results: list[tuple[int, Mapping[str, Any]]] = []
        self._new: dict[str, float] = {}

    def on_epoch_end(self, epoch, logs=None) -> None:
        """Hands the numbers of the epoch to the callbacks behind."""
        super().on_epoch_end(epoch, logs)
        if logs is not None:
            logs |= self._new
        self._new = dict.fromkeys(self._new, float("nan"))

    def act(self, step: int) -> None:
        """Measures the averages."""
        if self._evaluate is None:
            pretrains = self.model.config.training.stage == PRETRAIN
            evaluator = SampleEvaluator if pretrains else RunEvaluator
            self._evaluate = evaluator(
                self.model.config, self._how, self._data.prepared
            )
        found = self._evaluate(step, self.model.averaged)
        self.results.append((step, found))
        # A progress bar shows all that the history has.
        self._new = {
            f"{EVALUATION}{name}": value
            for name, value in flat_numbers(found).items()
            if "/" not in name
        }
        print(f"Evaluation at step {step}: {evaluation_text(found)}.")


class ExactCheckpoint(StepCallback):
    """Keeps all that moves, so that a killed `fit` goes on exactly.

    The same script, run again, ends with the weights that it would have had,
    bit for bit: weights, averages, optimizers and the step come from the
    newest whole checkpoint, images and noise follow from the step, and epochs
    are counted on from where it was. The folder is for one `fit`.

    Args:
        folder: where checkpoints go, in the format of the commands.
        every: steps; 0 is the end of each epoch.
        keep: newest checkpoints that stay.
    """

    def __init__(
        self, folder: str | os.PathLike, every: int = 0, keep: int = 2
    ) -> None:
        super().__init__(every)
        self._folder, self._keep = Path(folder), keep
        self._checkpoints: Checkpoints | None = None
        self._begun = self._saved = 0

    def restore_before_fit(self, model: TrainedModel) -> None:
        """Brings a model to the newest checkpoint, if there is one.

        Raises:
            UserError: it is of another model or of another `fit`.
        """
        self._checkpoints = Checkpoints(
            self._folder, model.checkpoint_items(), self._keep
        )
        self._checkpoints.remove_unfinished()
        self._begun = self._saved = int(model.step.numpy())
        for step, path in list_checkpoints(self._folder)[-1:]:
            if step == self._begun:  # A second fit of one model goes on.
                return
            self._require_own(read_json(path / CHECKPOINT_FILE) or {}, model)
        meta, sentences = self._checkpoints.restore_newest()
        for sentence in sentences:
            print(sentence)
        if meta is not None:
            self._saved = meta["step"]
            print(f"Going on from the checkpoint of step {meta['step']}.")

    def on_train_end(self, logs=None) -> None:
        """Saves the last step."""
        if self._saved != self.model.finished_steps:
            self.act(self.model.finished_steps)

    def act(self, step: int) -> None:
        """Writes a checkpoint, then removes old ones.

        Raises:
            NonFiniteError: a loss was NaN or infinite.
            UserError: a weight is, or the disk is full.
        """
        self.model.train_function.require_finite()
        bad = first_non_finite(self.model.named_weights())
        if bad is not None:
            raise UserError(
                f"Expected finite weights. Received: {bad} holds NaN or "
                f"infinity after step {step}. Nothing of it was saved; lower "
                "the learning rates or use another seed."
            )
        self._checkpoints.save(
            step,
            {
                BEGUN: self._begun,
                CONFIG: plain(self.model.config.to_dict()),
                SCHEDULED: True,
                BEST: None,
            },
        )
        self._checkpoints.remove_old()
        self._saved = step

    def _require_own(
        self, meta: Mapping[str, Any], model: TrainedModel
    ) -> None:
        config = model.config.to_dict()
        differing = differing_fields(meta.get(CONFIG, {}), config)
        begun = meta.get(BEGUN)
        if begun != self._begun:
            differing.append(
                f"the step it began at ({begun} there, {self._begun} here)"
            )
        if differing:
            raise UserError(
                f"Expected {self._folder} to hold checkpoints of this fit. "
                f"Received other values of: {', '.join(differing)}. Give each "
                "fit a folder of its own."
            )
