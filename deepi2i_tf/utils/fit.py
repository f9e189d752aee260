"""How a photo of any shape becomes a square.

A data set is prepared in one way, and whatever is trained on it must be shown
photos in the same: the way goes from the manifest to the run, from the run to
the exported model. `utils/image_geometry` does it with Pillow,
`data/image_geometry` inside TensorFlow graphs.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

WAYS = ("crop", "pad", "squash")


@dataclasses.dataclass(frozen=True)
class Fit:
    """A way to fit photos into squares.

    Args:
        way: `"crop"` keeps the centre square; `"pad"` keeps all, on a
            background; `"squash"` keeps all and resizes both sides.
        pad_color: red, green and blue of the background, 0 to 255.
    """

    way: str = "crop"
    pad_color: tuple[int, int, int] = (255, 255, 255)

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise ValueError(
                f"Expected a fit out of {', '.join(WAYS)}. Received: "
                f"{self.way!r}. Choose one of them."
            )

    def to_dict(self) -> dict[str, Any]:
        """What JSON holds of it; nothing of the default."""
        if self == Fit():
            return {}
        return {"fit": {"way": self.way, "pad_color": list(self.pad_color)}}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Fit":
        """Inverse of `to_dict`, beside whatever else there is.

        Raises:
            ValueError: a way that is not known here.
        """
        stored = facts.get("fit", {})
        color = stored.get("pad_color", cls.pad_color)
        return cls(stored.get("way", cls.way), tuple(map(int, color)))

    @property
    def name(self) -> str:
        """A word for names of folders: `pad`, `pad-1a2b3c`; "" for crop."""
        if self.way == "crop":
            return ""
        own = self.way == "pad" and self.pad_color != Fit.pad_color
        return self.way + ("-" + bytes(self.pad_color).hex() if own else "")


CROP = Fit()
