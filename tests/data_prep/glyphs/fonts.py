"""Fonts for tests: matplotlib's DejaVu, and small ones built here."""

import pathlib
import shutil

import matplotlib
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.ttLib.tables.TupleVariation import TupleVariation

FOLDER = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SANS, SERIF = FOLDER / "DejaVuSans.ttf", FOLDER / "DejaVuSerif.ttf"


def copy(source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    folder.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(shutil.copy(source, folder))


def _box(width: int, height: int, grown: int = 0):
    pen = TTGlyphPen(None)
    if height:
        corners = [(0, 0), (0, height), (width + grown, height), (width, 0)]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def builder(family: str, boxes: dict[str, tuple[int, int]], grown: int = 0):
    """A font whose letters are boxes of (width, height), `.notdef` one too."""
    fonts = FontBuilder(1000, isTTF=True)
    shapes = {".notdef": (300, 900)} | boxes
    fonts.setupGlyphOrder(list(shapes))
    fonts.setupCharacterMap({ord(letter): letter for letter in boxes})
    fonts.setupGlyf({name: _box(*s, grown) for name, s in shapes.items()})
    fonts.setupHorizontalMetrics(dict.fromkeys(shapes, (600, 0)))
    fonts.setupHorizontalHeader(ascent=800, descent=-200)
    fonts.setupNameTable({"familyName": family, "styleName": "Regular"})
    fonts.setupOS2()
    fonts.setupPost()
    return fonts


def save(fonts, path: pathlib.Path) -> pathlib.Path:
    fonts.save(str(path))
    return path


def save_variable(path: pathlib.Path) -> pathlib.Path:
    """Boxes that grow along an axis, with the instances Thin and Wide."""
    boxes = {"A": (200, 700), "B": (300, 600)}
    fonts = builder("Growing", boxes)
    axes = [("wdth", 0, 0, 100, "Width")]
    instances = [
        {"location": {"wdth": 0}, "stylename": "Thin"},
        {"location": {"wdth": 100}, "stylename": "Wide"},
    ]
    fonts.setupFvar(axes, instances)
    deltas = [(0, 0), (0, 0), (400, 0), (0, 0), *[(0, 0)] * 4]
    tuples = [TupleVariation({"wdth": (0, 1, 1)}, deltas)]
    fonts.setupGvar({name: list(tuples) for name in (".notdef", "A", "B")})
    return save(fonts, path)


def save_collection(path: pathlib.Path, *sources: pathlib.Path) -> pathlib.Path:
    collection = TTCollection()
    collection.fonts = [TTFont(source) for source in sources]
    collection.save(str(path))
    return path


def save_woff2(source: pathlib.Path, path: pathlib.Path) -> pathlib.Path:
    font = TTFont(source)
    font.flavor = "woff2"
    font.save(str(path))
    return path


def save_symbols(path: pathlib.Path) -> pathlib.Path:
    """DejaVu Sans with the map of a symbol font alone."""
    font = TTFont(SANS)
    table = CmapSubtable.newSubtable(4)
    table.platformID, table.platEncID, table.language = 3, 0, 0
    best = font.getBestCmap()
    table.cmap = {0xF000 + code: best[code] for code in range(33, 127)}
    font["cmap"].tables = [table]
    font.save(str(path))
    return path


def save_without(source: pathlib.Path, path: pathlib.Path, table: str):
    font = TTFont(source)
    del font[table]
    font.save(str(path))
    return path


def save_with_many_characters(path: pathlib.Path) -> pathlib.Path:
    """200,000 code points on three glyphs, by a map of format 12."""
    fonts = builder("Many", {"A": (200, 700), "B": (300, 600)})
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = dict.fromkeys(range(65536, 65536 + 200000), "A")
    fonts.font["cmap"].tables.append(table)
    table.cmap |= {ord("A"): "A", ord("B"): "B"}
    return save(fonts, path)
