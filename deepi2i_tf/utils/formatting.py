"""Lengths of time for people."""


def format_duration(seconds: float) -> str:
    """A length of time as a person says it: `"42 s"`, `"3 min"`, `"2.5 h"`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
