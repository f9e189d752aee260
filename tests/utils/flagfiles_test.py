import codecs

import pytest

from deepi2i_tf.utils import flagfiles
from deepi2i_tf.utils.errors import WrongFlags
from tests.repo import sources

LINES = ["--steps=5", "--data_source=a b, é"]
TEXT = "# comment\n\n--steps=5\r\n// one more\n--data_source=a b, é \n"


def write(path, content):
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(data)
    return f"--flagfile={path}"


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_lines_stand_where_the_flagfile_stood(tmp_path, mark):
    given = write(tmp_path / "a.cfg", mark + TEXT.encode())
    assert flagfiles.expand(["--a", given, "b"]) == ["--a", *LINES, "b"]
    apart = given.split("=")
    assert flagfiles.expand(apart) == LINES


def test_a_byte_order_mark_hides_no_comment(tmp_path):
    given = write(tmp_path / "a.cfg", codecs.BOM_UTF8 + b"# said\n--x=1")
    assert flagfiles.expand([given]) == ["--x=1"]


def test_a_flagfile_may_hold_others_but_not_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "b.cfg", "--x=1\n")
    given = write(
        tmp_path / "a.cfg", "--flagfile=b.cfg\n--y=2\n--flagfile b.cfg\n"
    )
    with pytest.raises(WrongFlags, match="--flagfile to name a file"):
        flagfiles.expand(["--flagfile"])
    assert flagfiles.expand([given])[:2] == ["--x=1", "--y=2"]
    write(tmp_path / "b.cfg", "--flagfile=c.cfg\n")
    write(tmp_path / "c.cfg", "--flagfile=./b.cfg\n")
    with pytest.raises(WrongFlags, match="b.cfg, which leads to itself"):
        flagfiles.expand([given])


@pytest.mark.parametrize(
    "content, found",
    [
        (TEXT.encode("utf-16"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (b"--steps=5\n--name=caf\xe9\n", "other bytes in line 2"),
        (b"\xff\xfe", "UTF-16"),
    ],
)
def test_other_encodings_are_refused_by_the_name_of_the_file(
    tmp_path, content, found
):
    given = write(tmp_path / "a.cfg", content)
    with pytest.raises(WrongFlags) as error:
        flagfiles.expand([given])
    sentence = str(error.value)
    assert f"the flagfile {tmp_path / 'a.cfg'} in UTF-8" in sentence
    assert f"Received: {found}" in sentence
    assert "\n" not in sentence


def test_an_experiment_of_the_project_is_found_from_anywhere(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    own = sources.ROOT / "flags" / "demo.cfg"
    found = flagfiles.expand(["--flagfile=flags/demo.cfg"])
    assert "--name=demo" in found
    said = capsys.readouterr().err
    assert said == f"flags/demo.cfg is not here; it is {own}.\n"

    (tmp_path / "flags").mkdir()
    given = write(tmp_path / "flags" / "demo.cfg", "--name=mine\n")
    assert flagfiles.expand(["--flagfile=flags/demo.cfg"]) == ["--name=mine"]
    assert flagfiles.expand([given]) == ["--name=mine"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "name, said",
    [
        ("flags/dmeo.cfg", "No such file.*the project's own are.*demo.cfg"),
        ("flags/../setup.py", "No such file"),
        ("/nowhere/flags/demo.cfg", "No such file"),
        (".", "directory"),
        (" ", "Expected --flagfile to name a file"),
        ("", "Expected --flagfile to name a file"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongFlags, match=said):
        flagfiles.expand([f"--flagfile={name}"])
