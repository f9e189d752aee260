"""A light run as a command: RUN_DIR [--slowly].

The real loop around three numbers; see light_run.
"""

import sys
import time

from deepi2i_tf.cli import command
from tests.training.light_run import light_config, run_light

STEPS = 40
# Long enough to be met on the way, a thousand times.
SECONDS = 0.05


def main() -> None:
    """Trains forty steps, of two seconds where slowly."""
    run_dir, *others = sys.argv[1:]

    def evaluate(step, translator):
        time.sleep(SECONDS * len(others))
        return {"mfid": float(translator[0])}

    run_light(light_config(run_dir, steps=STEPS), evaluate)


if __name__ == "__main__":
    sys.exit(command.call(main, []))
