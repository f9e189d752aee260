from deepi2i_tf.reporting.html import elements
from deepi2i_tf.reporting.html.elements import Cell, Markup
from tests.reporting.page_parts import PageParts

NASTY = "<script>alert(1)</script> & \"quotes\" 'too'"


def test_texts_are_escaped_and_markup_stays():
    assert elements.text(NASTY).startswith("&lt;script&gt;alert(1)")
    inner = elements.element("b", NASTY)
    assert elements.element("p", inner) == f"<p>{inner}</p>"


def test_attributes_are_escaped_and_empty_ones_left_out():
    made = elements.element("a", "x", href=NASTY, class_="", aria_label="y")
    assert "'" not in made
    assert 'class="' not in made
    assert made.endswith('aria-label="y">x</a>')
    assert PageParts(made).addresses == [NASTY]


def test_tables_scroll_in_a_box_of_their_own_and_name_their_rows():
    made = elements.table(["", NASTY], [[NASTY, "1"]], "numbers", "sortable")
    assert made.startswith('<div class="scroll" role="region"')
    assert 'tabindex="0"' in made
    assert made.count('scope="row"') == 1
    assert made.count('scope="col"') == 2
    assert PageParts(made).tables == [[["", NASTY], [NASTY, "1"]]]


def test_cells_tell_the_script_what_to_sort_by():
    cells = [Cell("98.3", 0.98251, "best"), Cell("-"), Cell("text")]
    made = elements.table(["a", "b", "c", "d"], [["x", *cells]], "t")
    assert '<td class="best" data-value="0.98251">98.3</td>' in made
    assert '<td data-value="none">-</td>' in made
    assert "<td>text</td>" in made


def test_long_names_may_break_and_stay_the_same_text():
    name = "generator/block_0 <b>"
    made = elements.breakable(name)
    assert made == "generator/<wbr>block_<wbr>0 <wbr>&lt;b&gt;"
    assert PageParts(made).text == name


def test_pieces_join_without_the_empty_ones():
    assert elements.joined(["<", "", Markup("<br>")]) == "&lt;\n<br>"


def test_definitions_and_details_hold_their_texts():
    made = elements.details("more", elements.definitions({NASTY: NASTY}))
    assert PageParts(made).text.replace("\n", "") == f"more{NASTY}{NASTY}"
