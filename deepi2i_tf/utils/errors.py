"""The one exception that a user is meant to read.

A `UserError` carries one sentence that names what was expected, what came and
what to do. Commands print it on stderr and exit with status 1; anything else
that escapes a command is a defect and keeps its traceback.
"""


class UserError(Exception):
    """Input that cannot be worked with, told in one sentence.

    Example:
        >>> raise UserError(
        ...     "Expected at least two classes in photos/. Received: 1 (cats). "
        ...     "Add a folder per class."
        ... )
    """
