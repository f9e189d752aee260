"""The one exception that a user of `data_prep` is meant to read."""


class UserError(Exception):
    """Input that cannot be prepared, told in one sentence.

    The commands print it on stderr and exit with status 1, without a
    traceback: what was expected, what came, what to do.

    Example:
        >>> raise UserError(
        ...     "Expected at least two classes in photos/. Received: 1 (cats). "
        ...     "Add a folder per class."
        ... )
    """
