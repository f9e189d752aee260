"""From the flags of `prepare` to what all configurations of photos share."""

from collections.abc import Mapping
from typing import Any


def photo_settings(flags: Mapping[str, Any], **marks: bool) -> dict[str, Any]:
    """Returns arguments of a `PictureConfig`, its name among them.

    Args:
        flags: `resolution`, `max_refused` and `min_images_per_class`.
        **marks: what changes the content beside the resolution; those that
            hold join the name.

    Example:
        >>> photo_settings(flags, upstream=True, named=False)["name"]
        "r128_upstream"
    """
    names = (f"r{flags['resolution']}", *(m for m, on in marks.items() if on))
    shared = ("resolution", "max_refused", "min_images_per_class")
    return {"name": "_".join(names)} | {name: flags[name] for name in shared}
