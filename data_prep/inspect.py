"""Shows and checks prepared data sets: counts, checksums, contact sheet.

Examples:
  python -m data_prep.inspect --data_dir=data
  python -m data_prep.inspect --data_dir=data --dataset=creatures \
--config=r32_c8_n8000_s0
"""

from absl import flags

from data_prep.command import define_set_flags, import_quietly, run

FLAG_GROUPS = {
    "Which": ("data_dir", "dataset", "config"),
    "What": ("contact_sheet",),
}
FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of the command."""
    define_set_flags()
    flags.DEFINE_bool("contact_sheet", False, "Draw the contact sheet anew.")


def main() -> None:
    """Inspects what the flags say."""
    inspection = import_quietly("data_prep.reading.inspection")
    inspection.inspect_all(
        FLAGS.data_dir, FLAGS.dataset, FLAGS.config, FLAGS.contact_sheet
    )


if __name__ == "__main__":
    define_flags()
    run(main, FLAG_GROUPS)
