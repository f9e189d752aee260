"""Prepares a data set: raw images to TFRecord shards with a manifest.

Examples:
  python -m data_prep.prepare --dataset=creatures --num_classes=8 \
--num_images=8000 --resolution=32 --data_dir=data
  python -m data_prep.prepare --dataset=image_folder --manual_dir=photos \
--resolution=128 --data_dir=data
"""

import sys

from absl import flags

from data_prep.command import call, help_page, import_quietly
from data_prep.errors import Refusal

DATASETS = ("creatures", "image_folder")
FLAG_GROUPS = {
    "What": ("dataset", "manual_dir", "resolution", "class_order"),
    "Where to": ("data_dir", "num_shards"),
    "Bad input": ("max_refused", "min_images_per_class"),
    "Creatures": ("num_classes", "num_images", "seed"),
}
FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of the command."""
    _define_places()
    flags.DEFINE_integer(
        "resolution", 64, "Height and width of the stored images.", 8, 1024
    )
    flags.DEFINE_enum(
        "class_order",
        "name",
        ("name", "upstream"),
        "Order of the labels; upstream exists for the sets of the paper only.",
    )
    flags.DEFINE_float(
        "max_refused",
        0.01,
        "Fraction of unreadable files that is put up with.",
        0.0,
        1.0,
    )
    flags.DEFINE_integer(
        "min_images_per_class", 2, "A class with fewer is an error.", 2
    )
    flags.DEFINE_integer("num_classes", 16, "How many species.", 2)
    flags.DEFINE_integer(
        "num_images", 16000, "Images of both splits together.", 4, 9_999_999
    )
    flags.DEFINE_integer("seed", 0, "Seed of poses and backgrounds.", 0)


def _define_places() -> None:
    flags.DEFINE_enum(
        "dataset",
        None,
        DATASETS,
        "Which data set: creatures (drawn here) or image_folder (your "
        "pictures, a folder per class).",
    )
    flags.mark_flag_as_required("dataset")
    flags.DEFINE_string("manual_dir", None, "Folder of the raw images.")
    flags.DEFINE_string(
        "data_dir",
        "data",
        "Folder below which <dataset>/<config>/<version>/ is written.",
    )
    flags.DEFINE_integer("num_shards", 4, "Files per split.", 1, 4096)


def main() -> None:
    """Prepares what the flags say."""
    if FLAGS.class_order != "name":
        raise Refusal(
            f"Expected --class_order=name for {FLAGS.dataset}. Received: "
            f"{FLAGS.class_order}, which the sets of the paper alone have. "
            "Leave the flag out."
        )
    preparation = import_quietly("data_prep.preparation")
    module = import_quietly(
        f"data_prep.{FLAGS.dataset}.{FLAGS.dataset}_dataset_builder"
    )
    config = module.config_from(FLAGS.flag_values_dict())
    preparation.prepare(
        module.Builder, config, FLAGS.data_dir, FLAGS.num_shards
    )


def page() -> str:
    """Returns what `--help` prints."""
    return help_page("data_prep.prepare", __doc__, FLAG_GROUPS)


if __name__ == "__main__":
    define_flags()
    sys.exit(call(main, page, sys.argv[1:]))
