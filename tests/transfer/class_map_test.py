import pytest

from deepi2i_tf.transfer.class_map import read_class_map
from deepi2i_tf.utils.errors import UserError

OURS, THEIRS = ("elk", "fox"), ("ant, red", "bee")


def read(tmp_path, content):
    path = tmp_path / "map.txt"
    path.write_bytes(content.encode("utf-8"))
    return read_class_map(str(path), OURS, THEIRS)


def test_tabs_and_commas_part_names(tmp_path):
    assert read(tmp_path, "elk\tant, red\r\n\nfox , bee\n") == {
        "elk": "ant, red",
        "fox": "bee",
    }
    assert read(tmp_path, "fox,bee") == {"fox": "bee"}


@pytest.mark.parametrize(
    "content, said",
    [
        ("elk\tbee\nox\tbee\nhen\tbee\n", "2 others: hen, ox."),
        ("elk\twasp\n", "1 others: wasp."),
        ("elk bee\n", "no pair in line 1, 'elk bee'"),
        ("elk,bee,1\n", "no pair in line 1"),
        ("elk,bee\nelk,bee\n", "a class again in line 2"),
    ],
)
def test_a_wrong_line_is_refused_in_one_sentence(tmp_path, content, said):
    with pytest.raises(UserError) as refusal:
        read(tmp_path, content)
    assert said in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(UserError, match="--class_map to be a text file"):
        read_class_map(str(tmp_path), OURS, THEIRS)
    (tmp_path / "map.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="--class_map to be a text file"):
        read_class_map(str(tmp_path / "map.txt"), OURS, THEIRS)
