"""Which faces have the characters, each drawn as itself; the others' faults."""

import dataclasses
import hashlib
import pathlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from fontTools.ttLib import TTFont

from data_prep.glyphs.drawing import FontFace, draw_with, fitting_em
from data_prep.glyphs.font_files import Refused, faces_of
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import shortened
from deepi2i_tf.utils.progress import progress_bar

# At which faces are looked at and compared, whatever is written.
_SIDE, _SCALE = 64, 4
# No font may draw this code point: what comes is how it draws what it lacks.
_NO_CHARACTER = "\U0010ffff"
# OS/2: family type "Latin Symbol" of PANOSE, the first of its ten bytes.
_PANOSE_AT, _PICTORIAL = 32, 5
# Platform and encoding of a symbol font's map of characters.
_SYMBOL, _UNICODE = (3, 0), {(3, 1), (3, 10)}
_LONGEST_NAME = 80


@dataclasses.dataclass(frozen=True)
class Typeface:
    """A face that has all characters.

    Args:
        face: where it is.
        family: its family's name.
        style: its name in the family, which no other has.
        em: of `drawing.fitting_em`.
        num_bytes: of its file.
    """

    face: FontFace
    family: str
    style: str
    em: float
    num_bytes: int

    @property
    def id(self) -> str:
        """Family and style."""
        return f"{self.family}/{self.style}"


def find_typefaces(
    files: Mapping[str, pathlib.Path], characters: str
) -> tuple[list[Typeface], Refused]:
    """Looks at every face of some files.

    Returns:
        The faces that have them, by family and style, and (file, reason) of
        those that have not.
    """
    found: list[Typeface] = []
    refused: Refused = []
    # By what it draws: the file that drew it first.
    drawn: dict[bytes, str] = {}
    with progress_bar("files of fonts", len(files)) as bar:
        for name, path in files.items():
            try:
                for face in faces_of(path):
                    place = _place(name, face)
                    try:
                        typeface, digest = _look_at(face, characters)
                        if (first := drawn.setdefault(digest, place)) != place:
                            raise UserError(f"draws what {first} draws")
                        found.append(typeface)
                    except UserError as reason:
                        refused.append((place, str(reason)))
            except (OSError, ValueError) as error:
                refused.append((name, f"no font that can be read ({error})"))
            bar.update()
    return _told_apart(found), refused


def _place(name: str, face: FontFace) -> str:
    number = f"#{face.index}" if face.index else ""
    instance = _text(face.instance)
    return f"{name}{number}" + (f" [{instance}]" if instance else "")


def _text(name: bytes | str | None) -> str:
    """A name of a font as text without control characters and slashes."""
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    kept = (c if c.isprintable() and c != "/" else " " for c in name or "")
    return shortened(" ".join("".join(kept).split()), _LONGEST_NAME)


def _look_at(face: FontFace, characters: str) -> tuple[Typeface, bytes]:
    """The typeface of a face, and a digest of what it draws.

    Raises:
        UserError: the reason why it is of no use.
    """
    try:
        font = face.open()
        em = fitting_em(font, characters)
        font = face.open(em * _SIDE * _SCALE)
        nothing = draw_with(font, _NO_CHARACTER, _SIDE).tobytes()
        glyphs = {c: draw_with(font, c, _SIDE) for c in characters}
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be drawn ({error})") from None
    for character, glyph in glyphs.items():
        if glyph.min() == 255:
            raise UserError(f"draws {character} empty, or lacks it")
        if glyph.tobytes() == nothing:
            raise UserError(f"lacks {character}, or draws it as missing")
    alike = Counter(glyph.tobytes() for glyph in glyphs.values())
    twins = [c for c, glyph in glyphs.items() if alike[glyph.tobytes()] > 1]
    if twins:
        raise UserError(f"draws {twins[0]} and {twins[1]} alike")
    _check_tables(face)
    family, style = map(_text, font.getname())
    if not family:
        raise UserError("has no name of a family")
    digest = hashlib.sha256(np.stack(list(glyphs.values())).tobytes()).digest()
    style = _text(face.instance) or style or "Regular"
    num_bytes = face.path.stat().st_size
    return Typeface(face, family, style, em, num_bytes), digest


def _check_tables(face: FontFace) -> None:
    """Refuses fonts of symbols, which may have pictures in place of letters."""
    try:
        with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
            # FreeType makes one of the glyphs' names where there is none.
            maps = font.getTableData("cmap") if "cmap" in font else b""
            os2 = font.getTableData("OS/2") if "OS/2" in font else b""
    except Exception as error:  # Damage shows as whatever a parser falls over.
        kind = type(error).__name__
        raise UserError(f"tables that cannot be read ({kind})") from None
    if not maps:
        raise UserError("has no map of characters")
    panose = os2[_PANOSE_AT : _PANOSE_AT + 1]
    count = int.from_bytes(maps[2:4], "big")
    heads = np.frombuffer(maps[4 : 4 + 8 * count], ">u2").reshape(-1, 4)
    kinds = {(int(platform), int(code)) for platform, code, *_ in heads}
    unicode = kinds & _UNICODE or any(platform == 0 for platform, _ in kinds)
    if panose == bytes([_PICTORIAL]) or (_SYMBOL in kinds and not unicode):
        raise UserError("a font of symbols")


def _told_apart(found: Sequence[Typeface]) -> list[Typeface]:
    """The faces in the order of their names, of which none is another's."""
    ordered = sorted(found, key=lambda each: (each.id, each.face.path))
    taken: set[str] = set()
    named = []
    for typeface in ordered:
        style, number = typeface.style, 1
        while f"{typeface.family}/{style}" in taken:
            number += 1
            style = f"{typeface.style} ({number})"
        taken.add(f"{typeface.family}/{style}")
        named.append(dataclasses.replace(typeface, style=style))
    return named
