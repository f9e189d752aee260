"""An HDF5 as BigGAN-PyTorch's make_hdf5.py writes it, of drawn pictures."""

import colorsys
import pathlib

import h5py
import numpy as np
from PIL import Image, ImageDraw

NAMES = ("tabby", "husky", "otter", "robin", "perch", "viper")


def draw_picture(kind: int, seed: int, side: int) -> np.ndarray:
    """A disc of its class's colour on a blurred background, (3, R, R)."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 200, (4, 4, 3), np.uint8)
    image = Image.fromarray(coarse).resize((side, side), Image.BICUBIC)
    left, top = rng.integers(0, side // 3, 2).tolist()
    colour = [round(255 * c) for c in colorsys.hsv_to_rgb(kind / 7, 0.8, 0.9)]
    disc = (left, top, left + side // 2, top + side // 2)
    ImageDraw.Draw(image).ellipse(disc, tuple(colour))
    return np.asarray(image).transpose(2, 0, 1)


def draw_raw(
    root: pathlib.Path,
    num_classes: int = 3,
    num_photos: int = 12,
    side: int = 32,
    compression: str | None = None,
    chunk: int | None = 500,
) -> pathlib.Path:
    """Writes a file ordered by class, and names beside it; returns its path.

    `chunk` is what make_hdf5.py calls so; None writes without chunks.
    """
    labels = np.repeat(np.arange(num_classes), num_photos)
    images = np.stack(
        [draw_picture(kind, row, side) for row, kind in enumerate(labels)]
    )
    path = root / f"I{side}.hdf5"
    chunks = {}
    if chunk:
        rows = min(chunk, len(images))
        chunks = {"chunks": (rows, 3, side, side), "maxshape": images.shape}
    root.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "imgs", data=images, compression=compression, **chunks
        )
        file.create_dataset("labels", data=labels.astype(np.int64))
    names = "".join(f"{name}\n" for name in NAMES[:num_classes])
    (root / "names.txt").write_text(names)
    return path


def stored(path: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """Pictures, (N, R, R, 3), and labels of a file."""
    with h5py.File(path, "r") as file:
        return file["imgs"][()].transpose(0, 2, 3, 1), file["labels"][()]
