import pytest

from data_prep.pictures import raw_files
from deepi2i_tf.utils.errors import UserError

PAIR = r"([0-9]+)\s+(.+)"


def write(path, content):
    path.write_bytes(content)
    return path


def test_rows_are_the_groups_of_the_pattern(tmp_path):
    path = write(tmp_path / "t.txt", b"id name\n1 rice\n\n2\tfried  rice \n")
    rows = [("1", "rice"), ("2", "fried  rice")]
    assert raw_files.read_rows(path, PAIR, "<id> <name>", "id") == rows
    table = {"1": ("rice",), "2": ("fried  rice",)}
    assert raw_files.read_table(path, PAIR, "<id> <name>", "id") == table


@pytest.mark.parametrize(
    "content",
    [
        b"id name\r\n1 caf\xc3\xa9\r\n",
        b"\xef\xbb\xbfid name\n1 caf\xc3\xa9",
        b"\xef\xbb\xbfID\tname\r1 caf\xc3\xa9\r",
        b"1 caf\xc3\xa9\n",
    ],
)
def test_marks_line_ends_and_a_missing_heading_are_put_up_with(
    tmp_path, content
):
    path = write(tmp_path / "t.txt", content)
    rows = raw_files.read_rows(path, PAIR, "<id> <name>", header="id")
    assert rows == [("1", "café")]


def test_four_numbers_are_whole_and_may_be_negative(tmp_path):
    pattern = rf"(\S+){raw_files.FOUR_NUMBERS}"
    path = write(tmp_path / "t.txt", b"a 1 -2 30\t4\n")
    rows = raw_files.read_rows(path, pattern, "<id> x1 y1 x2 y2")
    assert rows == [("a", "1", "-2", "30", "4")]
    write(path, b"a 1 2 3.5 4\n")
    with pytest.raises(UserError, match="line 1"):
        raw_files.read_rows(path, pattern, "<id> x1 y1 x2 y2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 rice\n\ntwo pilaf\n", "<id> <name>.*'two pilaf' in line 3"),
        (b"1 rice\n2 \xff\n", "UTF-8.*in line 2"),
        (b"\xff\xfe1\x00", "UTF-8.*in line 1"),
        (b"", "Received: none"),
        (b"id name\n", "Received: none"),
        (b"1 rice\nid name\n", "'id name' in line 2"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = write(tmp_path / "t.txt", content)
    with pytest.raises(UserError, match=message) as refusal:
        raw_files.read_rows(path, PAIR, "<id> <name>", header="id")
    assert str(path) in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        raw_files.read_rows(tmp_path / "t.txt", PAIR, "<id> <name>")
    with pytest.raises(UserError, match="Is a directory"):
        raw_files.read_rows(tmp_path, PAIR, "<id> <name>")


def test_an_id_with_two_rows_is_refused(tmp_path):
    path = write(tmp_path / "t.txt", b"1 rice\n2 pilaf\n1 rice\n")
    with pytest.raises(UserError, match="two for 1"):
        raw_files.read_table(path, PAIR, "<id> <name>")


def test_without_manual_dir_it_is_refused():
    assert raw_files.root_from({"manual_dir": "raw"}, "photos") == "raw"
    with pytest.raises(UserError, match="--manual_dir.*holds photos"):
        raw_files.root_from({"manual_dir": None}, "photos")


def test_a_root_is_known_by_a_file(tmp_path):
    write(tmp_path / "category.txt", b"")
    raw_files.check_root(tmp_path, "category.txt")


def test_a_root_one_level_above_is_told_the_way(tmp_path):
    (tmp_path / "UECFOOD256").mkdir()
    write(tmp_path / "UECFOOD256" / "category.txt", b"")
    with pytest.raises(UserError, match="Give --manual_dir=.*/UECFOOD256"):
        raw_files.check_root(tmp_path, "category.txt")


def test_other_roots_are_described(tmp_path):
    def refusal_of(root):
        with pytest.raises(UserError) as refusal:
            raw_files.check_root(root, "category.txt")
        return str(refusal.value)

    assert "Received: nothing there" in refusal_of(tmp_path / "nowhere")
    assert "Received: an empty folder" in refusal_of(tmp_path)
    for name in "dcba":
        write(tmp_path / name, b"")
    assert "Received: a, b, c and 1 more." in refusal_of(tmp_path)
    assert "Received: a file" in refusal_of(tmp_path / "a")
