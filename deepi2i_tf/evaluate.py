"""Measures translations: are they of the class, and do they keep the source.

RC and FC: accuracy of a classifier trained on real images on translations,
and the other way round. mFID and mKID x 100: distance between translations
into a class and its real images, in the features of that classifier (domain)
or, with --inception_weights, of Inception (inception-2015). Diversity: how
much z changes. Pose R^2, where the data set stores poses (Creatures): how
much of position, size and turn a translation keeps.

What is measured: a run (--run_dir), an exported model (--model), or images
that any program made (--translations, --reals). The protocol is printed with
the numbers. Written to --output: report.html, metrics.json, per_class.csv,
pictures.npz, translations.png and plots/. Interrupted work is kept, and the
same command goes on.

Examples:
    python -m deepi2i_tf.evaluate --run_dir=runs/00001-creatures
    python -m deepi2i_tf.evaluate --compare=runs/00001-a,runs/00002-b
"""

import os
from typing import Any

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.evaluation import results
from deepi2i_tf.evaluation.evaluate import evaluate, evaluate_folder
from deepi2i_tf.evaluation.evaluated_model import (
    load_evaluated_model,
    sources_of,
)
from deepi2i_tf.evaluation.images.image_folder import read_both_folders
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from deepi2i_tf.evaluation.in_training import make_repeatable, reference_folder
from deepi2i_tf.reporting.comparison import write_comparison
from deepi2i_tf.reporting.report import write_html
from deepi2i_tf.runs.layout import COMPARISON_FOLDER, REPORT_FOLDER


def main() -> None:
    """Measures what the flags say."""
    options = flags.read(EvaluateOptions)
    if options.compare:
        print(_compare(options))
        return
    output = options.output or os.path.join(options.run_dir, REPORT_FOLDER)
    results.tell_replaced(output)
    scores = _measure(options, output)
    print(results.describe(scores))
    print(write_html(output, options.run_dir))


def _compare(options: EvaluateOptions) -> str:
    runs = options.compare.split(",")
    beside = os.path.dirname(os.path.normpath(runs[0]))
    output = options.output or os.path.join(beside, COMPARISON_FOLDER)
    return write_comparison(runs, output)


def _measure(options: EvaluateOptions, output: str) -> dict[str, Any]:
    config, reference_dir = options.evaluation, options.judge_dir
    if options.translations:
        folders = read_both_folders(options.translations, options.reals)
        return evaluate_folder(*folders, output, config, reference_dir)
    if options.run_dir and not reference_dir:
        reference_dir = reference_folder(options.run_dir)
    model, prepared = load_evaluated_model(options)
    data, sources = prepared_set(prepared), sources_of(options, prepared)
    return evaluate(model, data, output, config, reference_dir, sources)


if __name__ == "__main__":
    make_repeatable()
    flags.define("evaluate")
    command.run(main)
