"""The exceptions that a user is meant to read.

Each carries one sentence that names what was expected, what came and what to
do. Commands print it on stderr and exit with status 1 or 2; anything else that
escapes a command is a defect and keeps its traceback.
"""


class UserError(Exception):
    """Input that cannot be worked with, told in one sentence (exit 1).

    Example:
        >>> raise UserError(
        ...     "Expected at least two classes in photos/. Received: 1 (cats). "
        ...     "Add a folder per class."
        ... )
    """


class WrongFlags(Exception):
    """Flags that cannot be worked with, told in one sentence (exit 2)."""
