"""Glyphs: class = character, what is to be kept = the typeface."""

import dataclasses
import hashlib
import pathlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_prep.glyphs.drawing import FontFace, draw_glyph
from data_prep.glyphs.font_files import (
    ENDINGS,
    find_font_files,
    machine_folders,
)
from data_prep.glyphs.typefaces import Typeface, find_typefaces
from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.class_names import in_label_order, tell_apart
from data_prep.pictures.split import TEST_FRACTION
from data_prep.writing.picture_builder import PictureBuilder, PictureConfig
from deepi2i_tf.utils.errors import UserError

A_TO_Z = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclasses.dataclass(kw_only=True)
class GlyphsConfig(PictureConfig):
    """A Glyphs set, named `r{R}`; `_ch{count}-{hash}` for other characters.

    Args:
        encoding: how the pictures are stored.
        max_refused: any machine has fonts without these characters.
        manual_dir: folder of fonts; empty takes the machine's own.
        characters: the classes.
    """

    encoding: str = "png"
    max_refused: float = 1.0
    manual_dir: str = ""
    characters: str = A_TO_Z


# Slots, as `Item` has them.
@dataclasses.dataclass(frozen=True, slots=True)
class GlyphItem(Item):
    """One glyph to come.

    Args:
        face: whose.
        character: which.
        em: at which size, see `drawing.fitting_em`.
        pair: number of the face.
    """

    face: FontFace | None = None
    character: str = ""
    em: float = 0.0
    pair: int = 0


def config_from(flags: Mapping[str, Any]) -> GlyphsConfig:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `manual_dir`, `resolution`, `characters` and
            `min_images_per_class`.

    Raises:
        UserError: characters that are no classes.
    """
    characters = flags["characters"] or A_TO_Z
    wrong = [c for c in characters if not c.isprintable() or c.isspace()]
    twice = [c for c, count in Counter(characters).items() if count > 1]
    if wrong or twice or len(characters) < 2:
        found = f"{ascii((wrong or twice)[0])}" if wrong or twice else "one"
        found += " twice" if twice and not wrong else ""
        raise UserError(
            "Expected --characters to be two or more different ones that can "
            f"be seen. Received: {found} in {characters!r}. Correct them."
        )
    name = f"r{flags['resolution']}"
    if characters != A_TO_Z:
        digest = hashlib.sha256(characters.encode()).hexdigest()
        name += f"_ch{len(characters)}-{digest[:8]}"
    return GlyphsConfig(
        name=name,
        resolution=flags["resolution"],
        manual_dir=flags["manual_dir"] or "",
        characters=characters,
        min_images_per_class=flags["min_images_per_class"],
    )


def families_for_testing(typefaces: Sequence[Typeface]) -> set[str]:
    """The families for testing: a tenth of the faces, no family cut in two.

    Families of small hashes come first, but for those that would take more
    than a tenth; where all would, the smallest family.
    """
    sizes = Counter(typeface.family for typeface in typefaces)
    quota = max(1, int(len(typefaces) * TEST_FRACTION + 0.5))
    by_hash = sorted(
        sizes, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    chosen: set[str] = set()
    for family in by_hash:
        if sizes[family] <= quota:
            chosen.add(family)
            quota -= sizes[family]
    return chosen or {min(by_hash, key=sizes.__getitem__)}


class Builder(PictureBuilder):
    """Draws and writes glyphs; features also hold `pair`, the face's number.

    `id` is family/style/character. Glyphs of one face are each other's true
    translations. No family stands on both sides of the split.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    # FreeType draws under Python's lock.
    NUM_THREADS = 1

    @classmethod
    def make_catalogue(cls, config: GlyphsConfig) -> Catalogue:
        """Returns a glyph for each face and character."""
        roots = _roots(config.manual_dir)
        files, refused = find_font_files(roots)
        typefaces, unusable = find_typefaces(files, config.characters)
        refused += unusable
        families = {typeface.family for typeface in typefaces}
        place = " and ".join(map(str, roots))
        least = config.min_images_per_class
        if len(families) < 2 or len(typefaces) < least:
            raise _too_few(place, files, typefaces, refused, least)
        names = tell_apart({f"U+{ord(c):04X}": c for c in config.characters})
        order = in_label_order(names, "name")
        characters = [chr(int(key[2:], 16)) for key in order]
        lines = [f"{each.id}\t{each.num_bytes}" for each in typefaces]
        message = "\n".join((*characters, *lines))
        return Catalogue(
            class_names=tuple(names[key] for key in order),
            items=tuple(_items(typefaces, characters)),
            source=(
                f"fonts of {place}: {len(typefaces)} faces of {len(families)} "
                f"families, {len(characters)} characters"
            ),
            source_sha256=hashlib.sha256(message.encode()).hexdigest(),
            refused=tuple(refused),
            fixed_split=True,
        )

    @classmethod
    def added_features(cls, config: GlyphsConfig) -> dict[str, Any]:
        """Returns `pair`."""
        del config  # Always the same.
        return {"pair": tfds.features.Scalar(dtype=np.int64)}

    @classmethod
    def make_picture(
        cls, config: GlyphsConfig, item: GlyphItem
    ) -> dict[str, Any]:
        """Draws one glyph."""
        try:
            image = draw_glyph(
                item.face, item.character, item.em, config.resolution
            )
        except (OSError, ValueError) as error:
            raise UserError(f"cannot be drawn any more ({error})") from None
        return {"image": image, "pair": item.pair}


def _roots(manual_dir: str) -> list[pathlib.Path]:
    """The folders of fonts.

    Raises:
        UserError: there is none.
    """
    if not manual_dir:
        if folders := machine_folders():
            return folders
        raise UserError(
            "Expected fonts on this machine. Received: none of the usual "
            "folders. Give a folder of fonts as --manual_dir."
        )
    root = pathlib.Path(manual_dir).expanduser().absolute()
    if root.is_dir():
        return [root]
    raise UserError(
        f"Expected --manual_dir={root} to be a folder of fonts. Received: "
        f"{'a file' if root.exists() else 'nothing there'}. Give a folder "
        "with fonts in it or below it."
    )


def _too_few(
    place: str,
    files: Mapping[str, pathlib.Path],
    typefaces: Sequence[Typeface],
    refused: Sequence[tuple[str, str]],
    least: int,
) -> UserError:
    found = f"{len(typefaces)} of them in {len(files)} files"
    if refused:
        name, reason = refused[0]
        found += f"; {len(refused)} refused, such as {name} ({reason})"
    return UserError(
        f"Expected {least} faces of two families or more, with all characters, "
        f"in {place} ({' '.join(ENDINGS)}). Received: {found}. Add fonts, give "
        "another --manual_dir, or ask for other --characters."
    )


def _items(
    typefaces: Sequence[Typeface], characters: Sequence[str]
) -> list[GlyphItem]:
    tested = families_for_testing(typefaces)
    return [
        GlyphItem(
            id=f"{typeface.id}/{character}",
            label=label,
            split="test" if typeface.family in tested else "train",
            path=typeface.face.path,
            photo=typeface.family,
            face=typeface.face,
            character=character,
            em=typeface.em,
            pair=number,
        )
        for number, typeface in enumerate(typefaces)
        for label, character in enumerate(characters)
    ]
