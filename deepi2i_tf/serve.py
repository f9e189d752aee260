"""Serves an exported model: TensorFlow Serving's contract, and a page.

REST and the page at --port, gRPC at --grpc_port; existing clients of
TensorFlow Serving work unchanged. --model is one exported model, or a folder
of numbered versions, of which the highest is served and newer ones are taken
over while it runs. docs/serving.md has routes, codes and limits.

Needs the extra: pip install 'deepi2i_tf[serve]'.

Example:
    python -m deepi2i_tf.serve --model=exported/animals
"""

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.commands import ServeOptions
from deepi2i_tf.utils.errors import UserError

try:
    from deepi2i_tf.serving.http import runner
except ModuleNotFoundError as error:
    if (error.name or "deepi2i_tf").partition(".")[0] == "deepi2i_tf":
        raise
    runner = None


def main() -> None:
    """Serves what the flags say."""
    options = flags.read(ServeOptions)
    if runner is None:
        raise UserError(
            "Expected the packages of the extra serve. Received: an "
            "installation without them. Run pip install 'deepi2i_tf[serve]'."
        )
    runner.serve(options)


if __name__ == "__main__":
    flags.define("serve")
    command.run(main)
