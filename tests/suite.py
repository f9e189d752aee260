"""The whole test suite, as `make test` runs it: two halves side by side.

    python -m tests.suite

The tests of `end_to_end` and `data_prep` mostly wait for processes of their
own, which keep one core busy at a time; all others run beside them, for about
as long, and are seen as they come.
Ends with 0 if both halves did. For anything less than everything, use pytest.
"""

import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest")
APART = ("tests/end_to_end", "tests/data_prep")


def run(others: tuple[str, ...], apart: tuple[str, ...]) -> int:
    """Runs two commands at once, shows the first, then the second.

    Args:
        others: a command, whose output is seen as it comes.
        apart: a command, whose output is seen when both have ended.

    Returns:
        The first exit code that is not 0, else 0.
    """
    with tempfile.TemporaryFile() as message:
        beside = subprocess.Popen(
            apart, stdout=message, stderr=subprocess.STDOUT
        )
        try:
            code = subprocess.run(others, check=False).returncode
            print(f"\nWaiting for the other half: {' '.join(apart)}")
            sys.stdout.flush()
        finally:
            # Ctrl-C reaches both; what pytest says of it is still shown.
            beside.wait()
            message.seek(0)
            sys.stdout.buffer.write(message.read())
            sys.stdout.flush()
    return code or beside.returncode


if __name__ == "__main__":
    ignored = (f"--ignore={folder}" for folder in APART)
    sys.exit(run((*PYTEST, *ignored), (*PYTEST, *APART)))
