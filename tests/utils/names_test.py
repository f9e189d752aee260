import os
import unicodedata

import pytest

from deepi2i_tf.utils import names
from deepi2i_tf.utils.errors import UserError

NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))


def test_a_name_is_found_in_any_form_and_first_in_its_own():
    assert NFC != NFD
    assert names.find_name(NFC, ("b", NFD)) == NFD
    assert names.find_name(NFD, ("b", NFC)) == NFC
    assert names.find_name(NFD, (NFC, NFD)) == NFD
    assert names.find_name("cafe", (NFC, NFD)) is None


def test_classes_are_named_in_one_form_and_sorted_by_it():
    assert list(names.class_folders(["z", NFD, "cafz"], "x").items()) == [
        ("cafz", "cafz"),
        (NFC, NFD),
        ("z", "z"),
    ]


def test_two_folders_of_one_class_are_told_in_one_sentence():
    with pytest.raises(UserError) as error:
        names.class_folders([NFD, NFC], "photos")
    sentence = str(error.value)
    assert "a folder for each class in photos" in sentence
    assert r"Received: 'cafe\u0301' and 'caf\xe9'" in sentence
    assert "\n" not in sentence


def test_a_class_folder_that_is_no_text_is_refused():
    with pytest.raises(UserError, match=r"in UTF-8\..*caf\\xe9\. Rename"):
        names.class_folders(["b", "caf\udce9"], "x")


@pytest.mark.parametrize(
    "name, printed",
    [("a/猫.png", "a/猫.png"), ("caf\udce9", r"caf\xe9"), (NFD, NFD)],
)
def test_a_printable_path_fits_into_utf_8(name, printed):
    assert names.printable_path(name) == printed
    assert names.printable_path(os.fsencode(name)) == printed
    printed.encode("utf-8")


def test_a_name_is_cut_between_letters():
    assert names.shortened("cat", 3) == "cat"
    assert names.shortened("猫猫", 5) == "猫"
    assert names.shortened("caf\udce9" * 9, 4) == "caf"


def test_no_two_names_are_one_on_any_file_system():
    words = ["cat", "Cat", "cat", "Cat-2", NFC, NFD, "a" * 300, "a" * 200]
    distinct = names.distinct_names(words)
    assert distinct[:4] == ["cat", "Cat-2", "cat-3", "Cat-2-2"]
    assert len({names.composed(each).casefold() for each in distinct}) == 8
    assert max(len(os.fsencode(each)) for each in distinct) == 202
    assert names.distinct_names(["b", "a"]) == ["b", "a"]
