"""The two dresses of a chart: on white paper, and on a dark screen."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Theme:
    """Colours of a chart.

    Args:
        name: `"light"` or `"dark"`.
        surface: behind everything.
        ink: text.
        muted: axes, and lines that stay in the background.
        grid: lines of the grid.
        lines: what lines are drawn in, in order.
        ramp: from nothing to everything, for heat maps.
    """

    name: str
    surface: str
    ink: str
    muted: str
    grid: str
    lines: tuple[str, ...]
    ramp: tuple[str, ...]


LIGHT = Theme(
    name="light",
    surface="#ffffff",
    ink="#22272e",
    muted="#8b949e",
    grid="#e4e7eb",
    lines=("#1f6fc4", "#d2541b", "#16866a", "#9c4dbd", "#b07d00", "#5a6470"),
    ramp=("#ffffff", "#bcd7f0", "#5a9bd8", "#1f6fc4", "#0b2f57"),
)
DARK = Theme(
    name="dark",
    surface="#1a1e24",
    ink="#d7dce2",
    muted="#7d8590",
    grid="#2f353d",
    lines=("#6cb0f5", "#f28a55", "#4cc9a4", "#c793e6", "#e0b23c", "#a7b0ba"),
    ramp=("#1a1e24", "#1d3d63", "#2f74bd", "#7dbcf7", "#f2f8ff"),
)
