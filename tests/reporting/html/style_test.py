import re

from deepi2i_tf.reporting.html.style import SCRIPT, STYLE

VARIABLE = re.compile(r"(--[a-z]+):")


def test_both_colour_schemes_name_the_same_colours():
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    missing = set(VARIABLE.findall(light)) - set(VARIABLE.findall(dark))
    assert missing == {"--cell"}


def test_every_variable_that_is_used_is_defined():
    used = set(re.findall(r"var\((--[a-z]+)\)", STYLE))
    assert used == set(VARIABLE.findall(STYLE))


def test_braces_are_balanced_and_nothing_is_fetched():
    for text in (STYLE, SCRIPT):
        assert text.count("{") == text.count("}")
        assert text.count("(") == text.count(")")
        assert "url(" not in text
        assert "</" not in text
        assert text.isascii()
