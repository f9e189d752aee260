"""Writes pictures of a prepared data set to PNG files, a few of every class.

Example:
  python -m data_prep.extract --data_dir=data --dataset=creatures \
--config=r32_c8_n8000_s0 --split=test --num=8 --output=held_out
"""

from absl import flags

from data_prep.command import define_set_flags, import_quietly, run

FLAG_GROUPS = {
    "Which": ("data_dir", "dataset", "config", "split", "num"),
    "Where to": ("output", "overwrite"),
}
FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of the command."""
    define_set_flags()
    flags.DEFINE_enum(
        "split", "test", ("train", "test"), "Which split: train or test."
    )
    flags.DEFINE_integer(
        "num", 8, "Pictures; the classes take turns. At least 1.", 1
    )
    flags.DEFINE_string("output", None, "Folder of the PNG files.")
    flags.mark_flag_as_required("output")
    flags.DEFINE_bool("overwrite", False, "Replace files that are there.")


def main() -> None:
    """Extracts what the flags say."""
    extraction = import_quietly("data_prep.reading.extraction")
    folder = extraction.find_one(FLAGS.data_dir, FLAGS.dataset, FLAGS.config)
    extraction.extract(
        folder, FLAGS.split, FLAGS.num, FLAGS.output, FLAGS.overwrite
    )
    print(f"{FLAGS.num} pictures of the {FLAGS.split} split in {FLAGS.output}")


if __name__ == "__main__":
    define_flags()
    run(main, FLAG_GROUPS)
