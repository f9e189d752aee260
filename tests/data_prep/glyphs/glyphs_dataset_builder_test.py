import dataclasses

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.glyphs import glyphs_dataset_builder as glyphs
from data_prep.glyphs.drawing import FontFace, draw_glyph
from data_prep.glyphs.typefaces import Typeface
from data_prep.writing import preparation
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.glyphs import fonts
from tests.data_prep.raw_set import assert_valid_metadata

FLAGS = {
    "resolution": 32,
    "manual_dir": None,
    "characters": "",
    "min_images_per_class": 2,
}


def test_other_characters_join_the_name():
    config = glyphs.config_from(FLAGS)
    assert (config.name, config.characters) == ("r32", glyphs.A_TO_Z)
    digits = glyphs.config_from(FLAGS | {"characters": "0123456789"})
    assert digits.name.startswith("r32_ch10-")


@pytest.mark.parametrize(
    ("characters", "received"),
    [("A", "one in"), ("ABA", "'A' twice in"), ("A B", "' ' in")],
)
def test_what_are_no_classes_is_refused(characters, received):
    with pytest.raises(UserError, match=f"Received: {received}"):
        glyphs.config_from(FLAGS | {"characters": characters})


def _typefaces(**sizes):
    face = FontFace(fonts.SANS)
    return [
        Typeface(face, family, str(number), 0.8, 1)
        for family, count in sizes.items()
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "sizes",
    [{"a": 1, "b": 1}, {"a": 50, "b": 1}, {f"f{n}": n for n in range(1, 30)}],
)
def test_a_tenth_is_tested_and_no_family_is_cut(sizes):
    typefaces = _typefaces(**sizes)
    chosen = glyphs.families_for_testing(typefaces)
    tested = sum(each.family in chosen for each in typefaces)
    assert 1 <= tested <= max(1, round(len(typefaces) / 10))
    assert chosen < set(sizes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("fonts")
    for path in (fonts.SANS, fonts.SERIF, fonts.FOLDER / "STIXGeneral.ttf"):
        fonts.copy(path, root)
    return root


def test_tfds_reads_what_was_drawn(folder, tmp_path):
    flags = FLAGS | {"manual_dir": str(folder), "characters": "Wi,"}
    config = glyphs.config_from(flags)
    place = preparation.prepare(glyphs.Builder, config, str(tmp_path), 2)
    builder = tfds.builder_from_directory(str(place))
    # A comma is no name of a class.
    names = builder.info.features["label"].names
    assert names == ["U+002C", "W", "i"]
    catalogue = glyphs.Builder.make_catalogue(config)
    items = {item.id: item for item in catalogue.items}
    families = {}
    for split in ("train", "test"):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            name = example["id"].decode()
            item = items.pop(name)
            assert (item.pair, item.label) == (
                *(example["pair"], example["label"]),
            )
            families.setdefault(item.photo, set()).add(split)
            drawn = draw_glyph(item.face, item.character, item.em, 32)
            np.testing.assert_array_equal(example["image"], drawn)
    assert not items
    assert sorted(map(len, families.values())) == [1, 1, 1]


def test_the_same_fonts_elsewhere_are_the_same_set(folder, tmp_path):
    config = glyphs.config_from(FLAGS | {"manual_dir": str(folder)})
    first = glyphs.Builder.make_catalogue(config)
    for path in folder.iterdir():
        fonts.copy(path, tmp_path / "deeper")
    moved = dataclasses.replace(config, manual_dir=str(tmp_path))
    assert (
        glyphs.Builder.make_catalogue(moved).source_sha256
        == first.source_sha256
    )


def test_too_few_fonts_are_refused_with_what_was_found(tmp_path):
    fonts.copy(fonts.SANS, tmp_path)
    (tmp_path / "broken.ttf").write_text("no font")
    config = glyphs.config_from(FLAGS | {"manual_dir": str(tmp_path)})
    with pytest.raises(
        UserError, match="two families.*1 of them in 2 files; 1"
    ):
        glyphs.Builder.make_catalogue(config)
    nowhere = dataclasses.replace(config, manual_dir=str(tmp_path / "none"))
    with pytest.raises(UserError, match="Received: nothing there"):
        glyphs.Builder.make_catalogue(nowhere)


def test_metadata_is_valid():
    assert_valid_metadata(glyphs, "glyphs2026")
