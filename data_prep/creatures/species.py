"""The species of Creatures: 192 combinations of parts and palettes.

The first 16 (and so the first 8) differ from one another in ears, coat and
hue at once. Every later species is one of those 16 with exactly one thing
changed, and says which in its name: `tiger_spotted` is a tiger in another
coat, `tiger_tall` a tiger with a rabbit's ears, `tiger_teal` a tiger of
another colour, `tiger_beak` one of another muzzle. So the set is graded: a
classifier that looks at colour alone cannot name them all.
"""

import dataclasses
from collections.abc import Mapping

from data_prep.creatures.parts import COATS, EARS, MUZZLES

Color = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Palette:
    """The colours of a species, uint8 RGB.

    Args:
        fur: of head and ears.
        mark: of the coat's pattern.
        muzzle: around the mouth.
        accent: inside of the ears.
    """

    fur: Color
    mark: Color
    muzzle: Color
    accent: Color


@dataclasses.dataclass(frozen=True)
class Species:
    """What makes a class; each field but `name` is a key of `parts`.

    Args:
        name: class name, unique.
        ears: key of `parts.EARS`.
        coat: key of `parts.COATS`.
        palette: key of `PALETTES`.
        muzzle: key of `parts.MUZZLES`.
        eyes: key of `parts.EYES`.
        head: key of `parts.HEADS`.
    """

    name: str
    ears: str
    coat: str
    palette: str
    muzzle: str
    eyes: str
    head: str


def _rgb(code: str) -> Color:
    return (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))


def _palettes(rows: str) -> dict[str, Palette]:
    words = (row.split() for row in rows.strip().splitlines())
    return {name: Palette(*map(_rgb, codes)) for name, *codes in words}


PALETTES: Mapping[str, Palette] = _palettes("""
orange   F58A1F 3A2212 FFF0D8 FFC7A0
pink     F49AC1 A31F63 FFE9F2 D94F8C
white    F4F2EC 26262C FFFFFF 55555E
green    3FA64A E4F2A0 9CD67A 2B7A36
gold     F4CF3A 8A4B16 FFF6CF D79A20
blue     4F86E0 1D2F6F CFE2FF F2A9C4
maroon   8C2F2A FBE9DA E9A58C 5E1B1A
violet   8B55C9 F0C93C D9C3F2 5D2F96
sand     D9BE8A 5B3A1C FFF4DC A8764A
chestnut A2622D FCE3B4 F2CF9F 6E3C17
scarlet  E2332F 2C50C8 FFD9A8 8F1414
slate    6E7C8C ECEFF3 C5CED8 3F4A57
lime     B4DC3C 2F6B2A E9F7B5 7FA31F
charcoal 3C3C46 B9BBC9 8A8C99 D58FA0
plum     7A2F63 F3B4D4 D694BA C25E99
teal     1FA39A 084F57 BFF0E6 F2A27E
mint     A6E8CE 1F8068 F0FFF8 5CC09C
sky      8FD3F5 F4F9FF DDF3FF 3D8FC4
rust     C4562A FFD98C FFC79B 7A2C10
navy     243B80 F2B33D 8CA2DB E8708A
""")

_FOUNDERS = """
tiger    pointed   striped  orange   whiskered dot    even
rabbit   tall      plain    pink     button    big    tall
panda    round     eyed     white    button    dot    wide
frog     knobbed   chinned  green    smiling   none   wide
hound    floppy    patched  gold     long      dot    tall
mouse    wide      capped   blue     button    dot    even
ox       horned    blazed   maroon   broad     dot    tall
owl      feathered diamond  violet   beak      big    wide
lynx     tufted    spotted  sand     whiskered sleepy wide
deer     antlered  freckled chestnut long      dot    tall
parrot   crested   halved   scarlet  beak      dot    even
ram      curled    banded   slate    long      sleepy even
lizard   spiked    barred   lime     smiling   big    wide
seal     tiny      masked   charcoal whiskered big    even
spaniel  lop       ringed   plum     button    sleepy tall
elephant sideways  crossed  teal     trunk     dot    even
"""

_EXTRA_PALETTES = ("mint", "sky", "rust", "navy")


def _founders() -> list[Species]:
    return [Species(*row.split()) for row in _FOUNDERS.strip().splitlines()]


def _other(choices: list[str], own: str, steps: int) -> str:
    return choices[(choices.index(own) + steps) % len(choices)]


def _variants(field: str, choices: list[str], steps: int) -> list[Species]:
    species = []
    for founder in _founders():
        value = _other(choices, getattr(founder, field), steps)
        changed = {field: value, "name": f"{founder.name}_{value}"}
        species.append(dataclasses.replace(founder, **changed))
    return species


def _recoloured(first: int) -> list[Species]:
    species = []
    for index, founder in enumerate(_founders()):
        palette = _EXTRA_PALETTES[(index + first) % len(_EXTRA_PALETTES)]
        name = f"{founder.name}_{palette}"
        species.append(dataclasses.replace(founder, name=name, palette=palette))
    return species


def _all_species() -> tuple[Species, ...]:
    coats, ears, muzzles = list(COATS), list(EARS), list(MUZZLES)
    species = _founders()
    for steps in (3, 6, 9, 13):
        species += _variants("coat", coats, steps)
        species += _variants("ears", ears, steps)
        if steps < 9:
            species += _recoloured(steps)
    return tuple(species + _variants("muzzle", muzzles, 3))


SPECIES: tuple[Species, ...] = _all_species()
