import pytest

from data_prep.glyphs.typefaces import find_typefaces
from tests.data_prep.glyphs import fonts

A_TO_Z = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BOXES = {"A": (200, 700), "B": (300, 600)}


def _look(path, characters="AB"):
    """Ids of the faces of one file, and reasons of those refused."""
    found, refused = find_typefaces({path.name: path}, characters)
    return [each.id for each in found], dict(refused)


def _truncated(path):
    path.write_bytes(fonts.SANS.read_bytes()[:20_000])
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_truncated, "no font that can be read"),
        (lambda path: fonts.save_without(fonts.SANS, path, "cmap"), "no map"),
        (
            lambda path: fonts.save(
                fonts.builder("Empty", BOXES | {"B": (0, 0)}), path
            ),
            "draws B empty",
        ),
        (
            lambda path: fonts.save(fonts.builder("Half", {"A": (9, 9)}), path),
            "lacks B, or draws it as missing",
        ),
        (
            lambda path: fonts.save(
                fonts.builder("Twins", BOXES | {"B": (200, 700)}), path
            ),
            "draws A and B alike",
        ),
        (fonts.save_symbols, "symbols|lacks A"),
    ],
    ids=["truncated", "no cmap", "empty", "lacking", "twins", "symbols"],
)
def test_refused_with_the_reason(make, reason, tmp_path):
    found, refused = _look(make(tmp_path / "font.ttf"))
    assert found == []
    ((place, why),) = refused.items()
    assert place == "font.ttf"
    assert any(part in why for part in reason.split("|"))


def test_a_font_of_pictures_is_refused(tmp_path):
    made = fonts.builder("Pictures", BOXES)
    made.font["OS/2"].panose.bFamilyType = 5
    path = fonts.save(made, tmp_path / "pictures.ttf")
    assert _look(path) == ([], {"pictures.ttf": "a font of symbols"})


def test_real_fonts_of_every_kind(tmp_path):
    woff2 = fonts.save_woff2(fonts.SERIF, tmp_path / "serif.woff2")
    both = fonts.save_collection(tmp_path / "b.ttc", fonts.SANS, fonts.SERIF)
    files = {"a.ttf": fonts.SANS, "b.ttc": both, "c.woff2": woff2}
    found, refused = find_typefaces(files, A_TO_Z)
    assert [each.id for each in found] == [
        "DejaVu Sans/Book",
        "DejaVu Serif/Book",
    ]
    # What draws the same is the same, whatever holds it.
    assert refused == [
        ("b.ttc", "draws what a.ttf draws"),
        ("c.woff2", "draws what b.ttc#1 draws"),
    ]


def test_instances_are_styles_of_their_family(tmp_path):
    path = fonts.save_variable(tmp_path / "growing.ttf")
    assert _look(path)[0] == ["Growing/Thin", "Growing/Wide"]


def test_equal_names_are_told_apart(tmp_path):
    files = {}
    for name, width in (("one.ttf", 200), ("two.ttf", 400)):
        made = fonts.builder("Same", BOXES | {"A": (width, 700)})
        files[name] = fonts.save(made, tmp_path / name)
    found, _ = find_typefaces(files, "AB")
    assert [each.id for each in found] == ["Same/Regular", "Same/Regular (2)"]


def test_a_font_of_200_000_characters_costs_nothing(tmp_path):
    path = fonts.save_with_many_characters(tmp_path / "many.ttf")
    assert _look(path) == (["Many/Regular"], {})
