"""Translates photos with an exported model.

A photo, or every photo of a folder, is translated into the classes of --target
and drawn on one labelled sheet (--output=out.png) or written to single files
(--output=folder). --interpolate draws the way between two classes, or between
two z.

Example:
    python -m deepi2i_tf.translate --model=exported/animals --input=cat.jpg \
        --target="meerkat,husky" --output=out.png
"""

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.serving.translate_photos import translate_photos


def main() -> None:
    """Translates what the flags say."""
    options = flags.read(TranslateOptions)
    made = translate_photos(options)
    print(f"Made {made} pictures:")
    print(options.output)


if __name__ == "__main__":
    flags.define("translate")
    command.run(main)
