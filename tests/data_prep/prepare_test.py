import pathlib
import signal
import subprocess
import sys
import time

CREATURES = (
    "--dataset=creatures",
    "--resolution=32",
    "--num_classes=2",
    "--num_shards=2",
)


def start(data_dir, *arguments):
    command = [
        sys.executable,
        "-m",
        "data_prep.prepare",
        f"--data_dir={data_dir}",
    ]
    return subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that runs in the background inherits an ignored SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def run(data_dir, *arguments):
    process = start(data_dir, *arguments)
    out, err = process.communicate()
    return process.returncode, out, err


def wait_until_it_writes(process, data_dir):
    """Waits until TFDS's folder of this run exists."""
    deadline = time.monotonic() + 400
    while not list(data_dir.glob(".preparing-*/work/*/*/incomplete.*")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)


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


def test_ctrl_c_leaves_nothing(tmp_path):
    process = start(tmp_path, *CREATURES, "--num_images=60000")
    wait_until_it_writes(process, tmp_path)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130 and "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_what_is_killed_does_not_look_whole_and_is_made_again(tmp_path):
    arguments = (*CREATURES, "--num_images=3000")
    process = start(tmp_path, *arguments)
    wait_until_it_writes(process, tmp_path)
    process.kill()
    process.communicate()
    assert not list(tmp_path.glob("creatures/*/*"))
    assert not list(tmp_path.rglob("manifest.json"))
    code, _, err = run(tmp_path, *arguments)
    assert code == 0, err
    assert not list(tmp_path.glob(".preparing-*"))
    assert list(tmp_path.glob("creatures/*/1.0.0/manifest.json"))
