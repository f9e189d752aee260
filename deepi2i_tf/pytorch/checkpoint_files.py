"""Finds the original's checkpoint files: bare, in a folder, or in a zip.

BigGAN-PyTorch publishes a folder `138k`, and its zip, of G.pth, G_ema.pth,
D.pth and files of its optimizers; a DeepI2I release is a folder of G.pth or
G_ema.pth, D.pth, E1.pth and A1.pth. They are looked for at any depth. What
lies in a zip is copied into a file without a name, which is gone when it is
closed.
"""

import dataclasses
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from deepi2i_tf.torch_files import StoredTensor, read_tensors
from deepi2i_tf.utils.errors import UserError

AVERAGED = "_ema"
_GENERATORS = ("G", "G_ema")
# Averages of encoder and adaptor are our addition, for the way back.
STEMS = ("G", "G_ema", "D", "E1", "E1_ema", "A1", "A1_ema")
ENDINGS = (".pth", ".pt", ".safetensors")
# BigGAN-PyTorch saves G_ema_best0.pth, G_ema_copy1.pth and, beside each, files
# of optimizers.
_NAME = re.compile(rf"({'|'.join(STEMS)})(_(?!ema$|ema_|optim).+)?")
# Where trainers keep one network of several, or the only one.
_KEYS = {
    "G_ema": (
        "G_ema",
        "g_ema",
        "ema",
        "netG_ema",
        "generator_ema",
        "params_ema",
    ),
    "G": ("G", "g", "netG", "generator"),
    "D": ("D", "d", "netD", "discriminator"),
}
_ANY_KEYS = (
    "state_dict", "model_state_dict", "model", "net", "network", "params",
    "weights",
)  # fmt: skip
_DEEP = "biggan-deep"
# RuntimeError: a zip with a password, or of an unknown compression.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


@dataclasses.dataclass(frozen=True)
class CheckpointFile:
    """One file of PyTorch's, wherever it lies.

    Args:
        path: the file, or the zip that holds it.
        member: its name in the zip; empty without one.
        stem: which network it holds, by the names of `STEMS`; empty for a
            file that is none of them.
        suffix: what its name has behind the stem.
    """

    path: Path
    member: str = ""
    stem: str = ""
    suffix: str = ""

    @property
    def name(self) -> str:
        """The file's name, without folders, for messages."""
        return PurePosixPath(self.member).name or self.path.name

    def label(self, root: str) -> str:
        """Its name within what was given, for messages."""
        return self.member or os.path.relpath(self.path, root)

    def read(self) -> dict[str, StoredTensor]:
        """Its tensors by name.

        Raises:
            UserError: it is damaged, no state dict, or would run code.
        """
        keys = _keys(self.stem)
        if not self.member:
            return read_tensors(self.path, keys=keys)
        try:
            with (
                zipfile.ZipFile(self.path) as archive,
                archive.open(self.member) as packed,
                tempfile.TemporaryFile() as file,
            ):
                shutil.copyfileobj(packed, file)
                file.seek(0)
                return read_tensors(f"{self.path}/{self.member}", file, keys)
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
        suffix: what stands behind their stems, such as `"_best0"`.
        discriminator: path of one that lies beside a generator's file and was
            not asked for.
    """

    files: Mapping[str, CheckpointFile]
    others: tuple[str, ...] = ()
    suffix: str = ""
    discriminator: str = ""


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
        return _bare(given, discriminator)
    if discriminator:
        raise UserError(
            "Expected --discriminator beside the file of a generator. "
            f"Received: {path}, which is searched for D.pth. Leave "
            "--discriminator out, or give the generator's file."
        )
    return _sorted_out(path, _listed(given))


def _keys(stem: str) -> tuple[str, ...]:
    own, bare = _KEYS.get(stem, (stem,)), stem.removesuffix(AVERAGED)
    live = _KEYS.get(bare, (bare,)) if bare != stem else ()
    return (*own, *live, *_ANY_KEYS)


def _bare(path: Path, discriminator: str) -> FoundFiles:
    """A generator's file of any name; others only if they are asked for."""
    stem, suffix = _parsed(path.stem)
    stem = stem if stem in _GENERATORS else "G_ema"
    files = {stem: CheckpointFile(path, stem=stem)}
    beside = path.with_name(f"D{suffix}{path.suffix}")
    if discriminator:
        given = Path(discriminator).expanduser()
        files["D"] = CheckpointFile(given, stem="D")
    elif beside.is_file():
        return FoundFiles(files, (), suffix, str(beside))
    return FoundFiles(files, (), suffix)


def _parsed(name: str) -> tuple[str, str]:
    """Stem and suffix of a file's name without its ending; empty for others."""
    match = _NAME.fullmatch(name)
    return (match[1], match[2] or "") if match else ("", "")


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
    """The files whose names end alike: in nothing, where there are such."""
    parsed = []
    for each in listed:
        name, ending = os.path.splitext(each.name)
        stem, suffix = _parsed(name) if ending in ENDINGS else ("", "")
        parsed.append(dataclasses.replace(each, stem=stem, suffix=suffix))
    suffix = _chosen_suffix(path, parsed)
    files: dict[str, CheckpointFile] = {}
    others = []
    for each in parsed:
        if not each.stem or each.suffix != suffix:
            others.append(each.label(path))
        elif each.stem in files:
            both = [f.member or str(f.path) for f in (files[each.stem], each)]
            raise UserError(
                f"Expected one {each.name} in {path}. Received: "
                f"{' and '.join(both)}. Give the folder of one of them."
            )
        else:
            files[each.stem] = each
    return FoundFiles(files, tuple(others), suffix)


def _chosen_suffix(path: str, files: list[CheckpointFile]) -> str:
    found = sorted({f.suffix for f in files if f.stem in _GENERATORS})
    if found and (len(found) == 1 or not found[0]):
        return found[0]
    if found:
        raise UserError(
            f"Expected G.pth or G_ema.pth in {path}. Received: those of "
            f"{len(found)} checkpoints, {', '.join(found[:5])}. Give the "
            "generator's file of one of them, and --discriminator."
        )
    seen = ", ".join(each.label(path) for each in files[:5]) or "nothing"
    raise UserError(
        f"Expected G.pth or G_ema.pth in {path}. Received: {seen}. Give "
        "the folder, the zip or the generator's file itself."
    )


def _unreadable(path: Path, member: str, error: Exception) -> UserError:
    what = f"{member} in {path}" if member else f"{path}"
    lines = f"{error}".strip().splitlines() or [type(error).__name__]
    return UserError(
        f"Expected {what} to be a whole zip of checkpoints. Received: a "
        f"damaged or half-downloaded one ({lines[0]}). Download it again."
    )
