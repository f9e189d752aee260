import pathlib
import signal
import subprocess
import sys
import time

import pytest

from data_prep import prepare
from deepi2i_tf.utils.errors import UserError
from tests import processes

CREATURES = (
    "--dataset=creatures",
    "--resolution=32",
    "--num_classes=2",
    "--num_shards=2",
)


def start(data_dir, *arguments):
    return processes.start(
        "data_prep.prepare", f"--data_dir={data_dir}", *arguments
    )


def run(data_dir, *arguments):
    return start(data_dir, *arguments).wait()


def wait_until_it_writes(process, data_dir):
    """Waits until this run has finished some of its parts."""
    deadline = time.monotonic() + 400
    while len(list(data_dir.glob(".preparing-*/work/*.json"))) < 3:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)


def bytes_of(data_dir):
    (folder,) = data_dir.glob("creatures/*/*")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_help_is_grouped(tmp_path):
    code, out, _ = run(tmp_path, "--help")
    assert code == 0 and "Creatures:" in out and "--num_classes [16]" in out


def test_flags_are_known_good_before_tensorflow_is_imported():
    code = "import sys, data_prep.prepare; print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True
    )
    assert done.stdout.strip() == b"False"


def test_wrong_flags_are_2(tmp_path):
    assert run(tmp_path)[0] == 2
    assert run(tmp_path, "--dataset=creature")[0] == 2
    assert run(tmp_path, *CREATURES, "--resolution=0")[0] == 2


def test_refusals_are_1_and_one_line(tmp_path):
    nowhere = f"--manual_dir={tmp_path / 'nowhere'}"
    for arguments in (
        ("--dataset=image_folder", nowhere),
        (*CREATURES, "--class_order=upstream"),
    ):
        code, _, err = run(tmp_path, *arguments)
        assert code == 1, err
        assert err.count("\n") == 1 and err.startswith("Expected")


def test_it_prepares_and_says_where(tmp_path, prepare_creatures):
    code, out, err = run(tmp_path / "a", *CREATURES, "--num_images=20")
    assert code == 0, err
    assert out.startswith("Prepared 18 train, 2 test images: ")
    folder = pathlib.Path(out.split(": ")[1].strip())
    assert folder.parts[-2:] == ("r32_c2_n20_s0", "1.0.0")
    # Another process, this one, writes the same bytes: protocol buffers
    # order their maps anew in every process unless told otherwise.
    again = prepare_creatures(
        tmp_path / "b", resolution=32, num_classes=2, num_images=20
    )
    shards = sorted(folder.glob("*.tfrecord-*"))
    assert len(shards) == 4
    for shard in shards:
        assert shard.read_bytes() == (again / shard.name).read_bytes()
    assert (folder / "manifest.json").read_bytes() == (
        again / "manifest.json"
    ).read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("undisturbed")
    assert run(data_dir, *CREATURES, "--num_images=3000")[0] == 0
    return bytes_of(data_dir)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_was_stopped_goes_on_to_the_same_bytes(tmp_path, undisturbed, how):
    arguments = (*CREATURES, "--num_images=3000")
    process = start(tmp_path, *arguments)
    wait_until_it_writes(process, tmp_path)
    process.send_signal(how)
    code, out, err = process.wait()
    if how == signal.SIGINT:
        assert code == 130 and "Traceback" not in err
        assert "goes on from what is done" in out
    # Nothing that looks whole.
    assert not list(tmp_path.glob("creatures/*/*"))
    assert not list(tmp_path.rglob("manifest.json"))
    kept = sorted(tmp_path.glob(".preparing-*/work/*.part"))
    before = {path: path.stat().st_mtime_ns for path in kept}
    assert before
    code, _, err = run(tmp_path, *arguments)
    assert code == 0, err
    assert bytes_of(tmp_path) == undisturbed
    assert not list(tmp_path.glob(".preparing-*"))


def test_flags_that_are_not_for_the_data_set_are_refused(tmp_path):
    for flag in ("--official_split", "--class_names_file=names.txt"):
        code, _, err = run(tmp_path, *CREATURES, flag)
        assert code == 1 and err.startswith(f"Expected {flag.split('=')[0]}")


def test_another_encoding_stands_beside(tmp_path):
    arguments = (*CREATURES, "--num_images=40")
    for encoding in ("png", "jpeg", "raw"):
        code, _, err = run(tmp_path, *arguments, f"--encoding={encoding}")
        assert code == 0, err
    assert sorted(path.name for path in tmp_path.glob("creatures/*")) == [
        "r32_c2_n40_s0",
        "r32_c2_n40_s0_jpeg",
        "r32_c2_n40_s0_raw",
    ]


def test_without_beam_the_flag_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.delitem(
        sys.modules, "data_prep.writing.beam_run", raising=False
    )
    with pytest.raises(UserError, match="beam"):
        prepare.shard_runner("--runner=x")
