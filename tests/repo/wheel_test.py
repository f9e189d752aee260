"""What wheel and source archive hold; an editable install hides what they lack.

The wheel is built from the source archive, and that from a copy of what git
knows: setuptools builds beside the source, and takes what lies there.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile

import pytest

from tests.repo import sources

# What a clone has for git alone.
NOT_PACKED = {".gitignore"}


def run(*words, **how):
    done = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, **how
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def files_of_a_clone() -> set[str]:
    listed = run(
        *("git", "ls-files", "-co", "--exclude-standard"), cwd=sources.ROOT
    )
    return {
        name for name in listed.splitlines() if (sources.ROOT / name).is_file()
    }


@pytest.fixture(scope="module")
def source_archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    for name in files_of_a_clone():
        copy = folder / "clone" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sources.ROOT / name, copy)
    build = "from setuptools import build_meta; build_meta.build_sdist('..')"
    run(sys.executable, "-c", build, cwd=folder / "clone")
    (archive,) = folder.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="module")
def wheel(source_archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
        *("--no-build-isolation", "--wheel-dir", folder, source_archive),
        cwd=folder,
    )
    (made,) = folder.glob("*.whl")
    return made


def test_the_source_archive_holds_all_of_a_clone(source_archive):
    with tarfile.open(source_archive) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    assert not files_of_a_clone() - NOT_PACKED - held


def test_the_wheel_holds_every_module_file_beside_them_and_flagfile(wheel):
    packages = {
        name.replace("flags/", "deepi2i_tf/flags/", 1)
        if name.startswith("flags/")
        else name
        for name in files_of_a_clone()
        if name.startswith(("deepi2i_tf/", "data_prep/", "flags/"))
    }
    with zipfile.ZipFile(wheel) as packed:
        assert not packages - set(packed.namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs a command of the wheel, away from the source, on small inputs.

    The environment has this one's packages, but not by their .pth files, one
    of which leads to the source.
    """
    folder = tmp_path_factory.mktemp("installed")
    env, elsewhere = folder / "env", folder / "elsewhere"
    elsewhere.mkdir()
    venv.create(env, symlinks=True)
    python = env / "bin" / "python"
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install"),
        *("--quiet", "--no-deps", "--no-index", wheel),
    )
    (site,) = env.glob("lib/python*/site-packages")
    paths = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    (site / "packages.pth").write_text("".join(f"{p}\n" for p in paths))
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}

    def start(*words):
        return run(python, *words, cwd=elsewhere, env=environment)

    for package in ("deepi2i_tf", "data_prep"):
        code = f"import {package}; print({package}.__file__)"
        assert start("-c", code).startswith(str(site))
    return start


@pytest.mark.slow
def test_an_installed_wheel_does_everything_from_another_folder(installed):
    def command(name, *flags):
        return installed("-m", name, *flags)

    drawn = ("--dataset=creatures", "--data_dir=data")
    command(
        *("data_prep.prepare", *drawn, "--resolution=32"),
        *("--num_classes=2", "--num_images=60"),
    )
    assert "2 classes" in command("data_prep.inspect", *drawn)
    command("data_prep.extract", *drawn, "--num=2", "--output=photos")
    command(
        *("deepi2i_tf.train", "--flagfile=flags/demo.cfg", "--steps=2"),
        *("--ch=2", "--batch_size=2", "--run_dir=run"),
    )
    command(
        *("deepi2i_tf.evaluate", "--run_dir=run", "--num_images=4"),
        *("--reference_steps=2", "--diversity_sources=0", "--nofc"),
    )
    command("deepi2i_tf.export", "--run_dir=run", "--output=exported")
    told = command(
        *("deepi2i_tf.translate", "--model=exported", "--input=photos"),
        "--output=sheet.png",
    )
    assert "Made 4 pictures" in told
    command("deepi2i_tf.convert", "--run_dir=run", "--to_pytorch=torch")
    command("deepi2i_tf.pretrain", "--dry_run")
