"""Translates photos with an exported model.

A photo, or every photo of a folder, is translated into the classes of --target
and drawn on one labelled sheet (--output=out.png) or written to single files
(--output=folder). --interpolate draws the way between two classes, or between
two z. --beam_options translates any number of photos, on many workers, to
TFRecord shards.

Example:
    python -m deepi2i_tf.translate --model=exported/animals --input=cat.jpg \
        --target="meerkat,husky" --output=out.png
"""

import importlib
import logging
import types

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.serving.translate_photos import translate_photos
from deepi2i_tf.utils.errors import UserError


def main() -> None:
    """Translates what the flags say."""
    options = flags.read(TranslateOptions)
    if options.beam_options:
        made = _bulk().translate_bulk(options)
    else:
        made = translate_photos(options)
    print(f"Made {made} pictures:")
    print(options.output)


def _bulk() -> types.ModuleType:
    """Loads what needs Beam, which takes seconds and may not be there."""
    # It warns of parts of its own that nobody has asked for.
    logging.getLogger().setLevel(logging.ERROR)
    try:
        return importlib.import_module("deepi2i_tf.serving.bulk")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "apache_beam":
            raise
        raise UserError(
            "Expected Apache Beam for --beam_options. Received: no module "
            "apache_beam. Run pip install 'deepi2i_tf[beam]', or leave the "
            "flag out."
        ) from None


if __name__ == "__main__":
    flags.define("translate")
    command.run(main)
