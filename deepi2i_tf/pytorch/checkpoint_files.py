"""Finds the original's checkpoint files: bare, in a folder, or in a zip.

BigGAN-PyTorch publishes a folder `138k`, and its zip, of G.pth, G_ema.pth,
D.pth and files of its optimizers; a DeepI2I release is a folder of G.pth or
G_ema.pth, D.pth, E1.pth and A1.pth. They are looked for at any depth. What
lies in a zip is copied into a file without a name, which is gone when it is
closed.
"""

import dataclasses
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from deepi2i_tf.torch_files import StoredTensor, read_tensors
from deepi2i_tf.utils.errors import UserError

AVERAGED = "_ema"
# Averages of encoder and adaptor are our addition, for the way back.
STEMS = ("G", "G_ema", "D", "E1", "E1_ema", "A1", "A1_ema")
ENDINGS = (".pth", ".pt")
_DEEP = "biggan-deep"
# RuntimeError: a zip with a password, or of an unknown compression.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


@dataclasses.dataclass(frozen=True)
class CheckpointFile:
    """One file of PyTorch's, wherever it lies.

    Args:
        path: the file, or the zip that holds it.
        member: its name in the zip; empty without one.
    """

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """The file's name, without folders, for messages."""
        return PurePosixPath(self.member).name or self.path.name

    def read(self) -> dict[str, StoredTensor]:
        """Its tensors by name.

        Raises:
            UserError: it is damaged, no state dict, or would run code.
        """
        if not self.member:
            return read_tensors(self.path)
        try:
            with (
                zipfile.ZipFile(self.path) as archive,
                archive.open(self.member) as packed,
                tempfile.TemporaryFile() as file,
            ):
                shutil.copyfileobj(packed, file)
                file.seek(0)
                return read_tensors(f"{self.path}/{self.member}", file)
        except _DAMAGE as error:
            raise _unreadable(self.path, self.member, error) from error
        except OSError as error:
            raise UserError(
                f"Expected to unpack {self.member} of {self.path} into "
                f"{tempfile.gettempdir()}. Received: {error.strerror}. Make "
                "room, or set TMPDIR to a folder that has it."
            ) from error


@dataclasses.dataclass(frozen=True)
class FoundFiles:
    """What an input holds.

    Args:
        files: by the names of `STEMS`.
        others: names of files that are not looked into.
    """

    files: Mapping[str, CheckpointFile]
    others: tuple[str, ...] = ()


def find_checkpoint_files(path: str, discriminator: str = "") -> FoundFiles:
    """Finds the original's files, at least a generator's.

    Args:
        path: a folder, a zip, or a generator's file of any name.
        discriminator: a discriminator's file of any name, beside a
            generator's; empty for none.

    Raises:
        UserError: nothing is there, no generator, or two of one name.
    """
    given = Path(path).expanduser()
    for each in filter(None, (path, discriminator)):
        if _DEEP in each.lower():
            raise UserError(
                f"Expected a BigGAN. Received: {each}, a BigGAN-deep by its "
                "name, which is another architecture. Give a BigGAN of "
                "BigGAN-PyTorch, such as its 138k.zip."
            )
        if not os.path.exists(os.path.expanduser(each)):
            raise UserError(
                f"Expected PyTorch checkpoints at {each}. Received: a path "
                "where nothing is. Give G_ema.pth, a folder or a zip."
            )
    if given.is_file() and not _is_archive(given):
        stem = given.stem if given.stem in ("G", "G_ema") else "G_ema"
        files = {stem: CheckpointFile(given)}
        if discriminator:
            files["D"] = CheckpointFile(Path(discriminator).expanduser())
        return FoundFiles(files)
    if discriminator:
        raise UserError(
            "Expected --discriminator beside the file of a generator. "
            f"Received: {path}, which is searched for D.pth. Leave "
            "--discriminator out, or give the generator's file."
        )
    return _sorted_out(path, _listed(given))


def _is_archive(path: Path) -> bool:
    """Whether it is a zip of checkpoints; a checkpoint is a zip, too."""
    if path.suffix.lower() in ENDINGS:
        return False
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"PK":
                return False
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        return not any(name.endswith("/data.pkl") for name in names)
    except (zipfile.BadZipFile, OSError):
        return True  # What is wrong is told where it is read.


def _listed(path: Path) -> list[CheckpointFile]:
    if path.is_dir():
        return [
            CheckpointFile(each)
            for each in sorted(path.rglob("*"))
            if each.is_file()
        ]
    try:
        with zipfile.ZipFile(path) as archive:
            return [
                CheckpointFile(path, each.filename)
                for each in archive.infolist()
                if not each.is_dir()
            ]
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise _unreadable(path, "", error) from error


def _sorted_out(path: str, listed: list[CheckpointFile]) -> FoundFiles:
    files: dict[str, CheckpointFile] = {}
    others = []
    for each in listed:
        stem, ending = os.path.splitext(each.name)
        if ending not in ENDINGS or stem not in STEMS:
            others.append(each.member or str(each.path.relative_to(path)))
        elif stem in files:
            both = [f.member or str(f.path) for f in (files[stem], each)]
            raise UserError(
                f"Expected one {each.name} in {path}. Received: "
                f"{' and '.join(both)}. Give the folder of one of them."
            )
        else:
            files[stem] = each
    if "G" not in files and "G_ema" not in files:
        seen = ", ".join([*files, *others][:5]) or "nothing"
        raise UserError(
            f"Expected G.pth or G_ema.pth in {path}. Received: {seen}. Give "
            "the folder, the zip or the generator's file itself."
        )
    return FoundFiles(files, tuple(others))


def _unreadable(path: Path, member: str, error: Exception) -> UserError:
    what = f"{member} in {path}" if member else f"{path}"
    lines = f"{error}".strip().splitlines() or [type(error).__name__]
    return UserError(
        f"Expected {what} to be a whole zip of checkpoints. Received: a "
        f"damaged or half-downloaded one ({lines[0]}). Download it again."
    )
