"""Prepares a data set: raw images to TFRecord shards with a manifest.

Examples:
  python -m data_prep.prepare --dataset=creatures --num_classes=8 \
--num_images=8000 --resolution=32 --data_dir=data
  python -m data_prep.prepare --dataset=image_folder --manual_dir=photos \
--resolution=128 --data_dir=data
"""

import dataclasses
from typing import Any

from absl import flags

from data_prep.command import import_quietly, run
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import WAYS

DATASETS = {
    "creatures": "drawn here",
    "glyphs": "characters in the fonts of a folder or of this machine",
    "image_folder": "your pictures, a folder per class",
    "animal_faces": "crops of ImageNet, FUNIT's coordinates",
    "uecfood256": "UECFOOD-256, cut to its boxes",
    "nabirds": "NABirds, cut to its boxes",
    "biggan_hdf5": "a file of BigGAN-PyTorch's make_hdf5.py",
}
# As `encoding.ENCODINGS`, which needs TensorFlow.
ENCODINGS = ("raw", "png", "jpeg")
FLAG_GROUPS = {
    "What": ("dataset", "manual_dir", "resolution", "encoding"),
    "How photos become squares": ("fit", "pad_color"),
    "Classes": ("class_order", "class_names_file", "official_split"),
    "Where to": ("data_dir", "num_shards"),
    "Bad input": ("max_refused", "min_images_per_class"),
    "Creatures": (
        "first_class",
        "num_classes",
        "num_images",
        "seed",
        "paired_test",
    ),
    "Glyphs": ("characters",),
    "Many machines": ("beam_options",),
}
# Which data sets know what to do with a flag that is not for all.
ONLY_FOR = {
    "class_order": ("animal_faces", "uecfood256", "nabirds", "biggan_hdf5"),
    "class_names_file": ("animal_faces", "biggan_hdf5"),
    "official_split": ("nabirds",),
    "fit": ("image_folder", "animal_faces", "uecfood256", "nabirds"),
    "pad_color": ("image_folder", "animal_faces", "uecfood256", "nabirds"),
    "first_class": ("creatures",),
    "num_classes": ("creatures",),
    "num_images": ("creatures",),
    "seed": ("creatures",),
    "paired_test": ("creatures",),
    "characters": ("glyphs",),
    "max_refused": (
        "image_folder",
        "animal_faces",
        "uecfood256",
        "nabirds",
        "biggan_hdf5",
    ),
}
FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of the command."""
    _define_places()
    _define_squares()
    flags.DEFINE_enum(
        "class_order",
        "name",
        ("name", "upstream"),
        "Order of the labels: by class name, or that of the original code.",
    )
    flags.DEFINE_string(
        "class_names_file",
        "",
        "Names of the classes: lines of synset id and name for animal_faces, "
        "a name for each label for biggan_hdf5.",
    )
    flags.DEFINE_bool(
        "official_split", False, "Split as NABirds' train_test_split.txt says."
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
    _define_creatures()
    flags.DEFINE_string(
        "characters", "", "The classes of Glyphs; left out, A to Z."
    )


def _define_creatures() -> None:
    flags.DEFINE_integer(
        "first_class", 0, "The first so many species are left out.", 0
    )
    flags.DEFINE_integer("num_classes", 16, "How many species.", 2)
    flags.DEFINE_integer(
        "num_images", 16000, "Images of both splits together.", 4, 9_999_999
    )
    flags.DEFINE_integer("seed", 0, "Seed of poses and backgrounds.", 0)
    flags.DEFINE_bool(
        "paired_test",
        False,
        "Draw every scene of the test split with every species, so that each "
        "translation has a known answer (the metric truth).",
    )


def _define_squares() -> None:
    flags.DEFINE_integer(
        "resolution", 64, "Height and width of the stored images.", 8, 1024
    )
    flags.DEFINE_enum(
        "fit",
        "crop",
        WAYS,
        "The centre square (crop), the whole picture on a background (pad), "
        "or both sides resized (squash).",
    )
    flags.DEFINE_string(
        "pad_color", "", "Background of --fit=pad; left out, white."
    )


def _define_places() -> None:
    message = "; ".join(f"{name}: {what}" for name, what in DATASETS.items())
    flags.DEFINE_enum("dataset", None, tuple(DATASETS), f"{message}.")
    flags.mark_flag_as_required("dataset")
    flags.DEFINE_string("manual_dir", None, "Folder of the raw images.")
    flags.DEFINE_enum(
        "encoding",
        None,
        ENCODINGS,
        "How pictures are stored: raw pixels, png or jpeg; left out, png for "
        "what is drawn and raw for photos.",
    )
    flags.DEFINE_string(
        "beam_options",
        "",
        "Prepare through Apache Beam, with these flags of Beam's, e.g. "
        "'--runner=DirectRunner --direct_num_workers=2'.",
    )
    flags.DEFINE_string(
        "data_dir",
        "data",
        "Folder below which <dataset>/<config>/<version>/ is written.",
    )
    flags.DEFINE_integer("num_shards", 4, "Files per split.", 1, 4096)


def _check_flags() -> None:
    for name, datasets in ONLY_FOR.items():
        flag = FLAGS[name]
        if flag.value != flag.default and FLAGS.dataset not in datasets:
            raise UserError(
                f"Expected --{name} with {' or '.join(datasets)} only. "
                f"Received: {name}={flag.value} with {FLAGS.dataset}. Leave "
                "the flag out."
            )


def _encoded(config: Any) -> Any:
    """The configuration with the asked encoding, which then joins its name."""
    if FLAGS.encoding in (None, config.encoding):
        return config
    name = f"{config.name}_{FLAGS.encoding}"
    return dataclasses.replace(config, name=name, encoding=FLAGS.encoding)


def shard_runner(beam_options: str) -> Any:
    """What has shards made: this process, or Beam by its options.

    Raises:
        UserError: Beam is asked for and is not installed.
    """
    if not beam_options:
        return import_quietly("data_prep.writing.shards").run_here
    try:
        module = import_quietly("data_prep.writing.beam_run")
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] != "apache_beam":
            raise
        raise UserError(
            "Expected Apache Beam for --beam_options. Received: no module "
            "apache_beam. Run pip install 'deepi2i_tf[beam]', or leave the "
            "flag out."
        ) from None
    return module.beam_run(beam_options)


def _builder_module() -> Any:
    name = FLAGS.dataset
    try:
        return import_quietly(f"data_prep.{name}.{name}_dataset_builder")
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] != "fontTools":
            raise
        raise UserError(
            "Expected fontTools for --dataset=glyphs. Received: no module "
            "fontTools. Run pip install 'deepi2i_tf[glyphs]'."
        ) from None


def main() -> None:
    """Prepares what the flags say."""
    _check_flags()
    preparation = import_quietly("data_prep.writing.preparation")
    module = _builder_module()
    config = _encoded(module.config_from(FLAGS.flag_values_dict()))
    preparation.prepare(
        module.Builder,
        config,
        FLAGS.data_dir,
        FLAGS.num_shards,
        shard_runner(FLAGS.beam_options),
    )


if __name__ == "__main__":
    define_flags()
    run(main, FLAG_GROUPS)
