"""Labelled sheets of pictures: rows of sources, columns of translations.

Used wherever a person looks at results: sample sheets while training, the
translate command, the evaluation report. NumPy and Pillow only.
"""

import dataclasses
import os
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deepi2i_tf.utils.atomic_files import atomic_file

MIN_CELL = 96
_MARGIN = 16
_GAP = 4
_LABEL_GAP = 8
_BACKGROUND = (255, 255, 255)
_EMPTY = (243, 243, 245)
_INK = (34, 34, 40)


def cell_side(image_side: int) -> int:
    """Pixels of a cell: the picture's side, times a whole number if small."""
    return image_side * max(1, -(-MIN_CELL // image_side))


def draw_sheet(
    rows: Sequence[Sequence[np.ndarray | None]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    title: str = "",
    cell: int | None = None,
) -> Image.Image:
    """Draws pictures in a grid, labels above the columns and left of the rows.

    Small pictures are enlarged by a whole number, nearest neighbour, until a
    cell has at least 96 pixels; labels that do not fit are wrapped once, then
    shortened; a line feed in a label is kept.

    Args:
        rows: pictures, uint8, (height, width, 3), in 0..255; None leaves a
            cell empty.
        row_labels: one label for each row; may be empty strings.
        column_labels: one label for each column.
        title: a line above everything.
        cell: side of a cell in pixels; None follows the largest picture.

    Returns:
        The sheet, an RGB picture on white.

    Raises:
        ValueError: there is no row, or labels and pictures differ in number.
    """
    _check_grid(rows, row_labels, column_labels)
    plan = _lay_out(
        cell or cell_side(_longest_side(rows)), row_labels, column_labels, title
    )
    sheet = Image.new("RGB", plan.size, _BACKGROUND)
    _write_labels(ImageDraw.Draw(sheet), plan)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            _paste(sheet, picture, *plan.corner(row, column), plan.side)
    return sheet


def save_png(image: Image.Image | np.ndarray, path: str | os.PathLike) -> None:
    """Writes a PNG and makes the folder.

    Args:
        image: a Pillow picture, or uint8 (height, width, 3) in 0..255.
        path: where the file appears, complete or not at all.
    """
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with atomic_file(path) as beside:
        image.save(beside, format="PNG")


def _check_grid(
    rows: Sequence[Sequence[np.ndarray | None]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
) -> None:
    if not any(picture is not None for row in rows for picture in row):
        raise ValueError(
            "Expected at least one picture. Received: an empty sheet. "
            "Pass rows of uint8 arrays."
        )
    if len(rows) != len(row_labels):
        raise ValueError(
            f"Expected a label for each of {len(rows)} rows. Received: "
            f"{len(row_labels)} row labels. Pass as many, '' for none."
        )
    for row in rows:
        if len(row) != len(column_labels):
            raise ValueError(
                f"Expected {len(column_labels)} pictures in every row, as "
                f"many as column labels. Received: {len(row)}. "
                "Fill the row with None."
            )


@dataclasses.dataclass(frozen=True)
class _Plan:
    """Where everything on a sheet goes, in pixels."""

    side: int
    left: int
    top: int
    size: tuple[int, int]
    font: ImageFont.FreeTypeFont
    heading: ImageFont.FreeTypeFont
    title: str
    row_labels: list[list[str]]
    column_labels: list[list[str]]

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Upper left corner (x, y) of a cell."""
        step = self.side + _GAP
        return self.left + column * step, self.top + row * step


def _lay_out(
    side: int,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    title: str,
) -> _Plan:
    font = ImageFont.load_default(size=min(max(side // 8, 13), 28))
    heading = ImageFont.load_default(size=min(max(side // 6, 18), 34))
    beside = [_fit_text(text, side * 5 // 4, font) for text in row_labels]
    above = [_fit_text(text, side, font) for text in column_labels]

    label_width = max(_text_width(text, font) for text in beside)
    left = _MARGIN + (label_width + _LABEL_GAP if label_width else 0)
    top = _MARGIN
    if title:
        top += sum(heading.getmetrics()) + _LABEL_GAP
    if any(column_labels):
        top += max(map(len, above)) * sum(font.getmetrics()) + _GAP

    title_width = int(np.ceil(heading.getlength(title)))
    columns, rows = len(column_labels), len(row_labels)
    grid_width = columns * (side + _GAP) - _GAP
    width = left + max(grid_width, title_width) + _MARGIN
    height = top + rows * (side + _GAP) - _GAP + _MARGIN
    return _Plan(
        side, left, top, (width, height), font, heading, title, beside, above
    )


def _write_labels(pen: ImageDraw.ImageDraw, plan: _Plan) -> None:
    line = sum(plan.font.getmetrics())
    pen.text((plan.left, _MARGIN), plan.title, _INK, plan.heading)
    for column, words in enumerate(plan.column_labels):
        x, y = plan.corner(0, column)
        for place, text in enumerate(reversed(words)):
            at = (x + plan.side / 2, y - _GAP - place * line)
            pen.text(at, text, _INK, plan.font, anchor="md")
    for row, words in enumerate(plan.row_labels):
        x, y = plan.corner(row, 0)
        y += (plan.side - len(words) * line) / 2
        for place, text in enumerate(words):
            at = (x - _LABEL_GAP, y + place * line)
            pen.text(at, text, _INK, plan.font, anchor="ra")


def _longest_side(rows: Sequence[Sequence[np.ndarray | None]]) -> int:
    return max(max(p.shape[:2]) for row in rows for p in row if p is not None)


def _paste(
    sheet: Image.Image, picture: np.ndarray | None, x: int, y: int, side: int
) -> None:
    """Puts a picture in the middle of the cell whose corner is (x, y)."""
    if picture is None:
        sheet.paste(_EMPTY, (x, y, x + side, y + side))
        return
    image = Image.fromarray(np.ascontiguousarray(picture))
    longest = max(image.size)
    if longest <= side:
        times, method = side // longest, Image.Resampling.NEAREST
    else:
        times, method = side / longest, Image.Resampling.LANCZOS
    size = tuple(max(1, round(length * times)) for length in image.size)
    image = image.resize(size, method)
    sheet.paste(image, (x + (side - size[0]) // 2, y + (side - size[1]) // 2))


def _text_width(lines: Sequence[str], font: ImageFont.FreeTypeFont) -> int:
    widths = [int(np.ceil(font.getlength(text))) for text in lines]
    return max(widths, default=0)


def _shorten(text: str, width: int, font: ImageFont.FreeTypeFont) -> str:
    """Cuts the end of a text, with an ellipsis, until it fits the width."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip(" _-,") + "..."


def _fit_text(text: str, width: int, font: ImageFont.FreeTypeFont) -> list[str]:
    """A label as one or two lines that fit the width.

    Breaks at a line feed, else after a blank, underscore or hyphen.
    """
    lines = text.split("\n", 1)
    if len(lines) == 1 and font.getlength(text) > width:
        pieces = re.split(r"(?<=[\s_-])", text)
        count = len(pieces) - 1
        while count > 1 and font.getlength("".join(pieces[:count])) > width:
            count -= 1
        lines = ["".join(pieces[:count]), "".join(pieces[count:])]
    return [_shorten(line.strip(), width, font) for line in lines if line]
