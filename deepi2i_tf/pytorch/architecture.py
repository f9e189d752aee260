"""Infers a network's configuration from the shapes of its state dict.

The tables of `networks/channels.py` say what the shapes mean: the number of
blocks gives the resolution, the widths give `ch`. What fits no table, or
files that fit different ones, are a `UserError` in numbers.
"""

import dataclasses
from collections.abc import Iterable, Mapping

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks.channels import BOTTOM, TABLE
from deepi2i_tf.utils.errors import UserError

Shapes = Mapping[str, tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What the shapes of one file say.

    Args:
        file: its name, for messages.
        resolution: side of the images, in pixels.
        ch: channel multiplier.
        attention: map sizes that self-attention follows.
        num_classes: classes; 0 where the file does not say.
    """

    file: str
    resolution: int
    ch: int
    attention: tuple[int, ...]
    num_classes: int = 0


def network_config(
    generator: tuple[str, Shapes],
    discriminator: tuple[str, Shapes] | None = None,
    encoder: tuple[str, Shapes] | None = None,
    injection_weights: tuple[float, ...] = NetworkConfig.injection_weights,
) -> NetworkConfig:
    """The configuration that a checkpoint's files are of.

    Each file is (its name, shapes by the original's names); w_l is in none.

    Raises:
        UserError: another architecture, or files that do not fit together.
    """
    found = generator_architecture(*generator)
    if discriminator:
        _refuse_other(found, trunk_architecture(*discriminator, headed=True))
    if encoder:
        _refuse_other(found, trunk_architecture(*encoder, headed=False))
    dim_z, shared_dim = _condition(*generator)
    try:
        return NetworkConfig(
            resolution=found.resolution,
            num_classes=found.num_classes,
            ch=found.ch,
            dim_z=dim_z,
            shared_dim=shared_dim,
            attention_resolutions=found.attention,
            injection_weights=injection_weights,
        )
    except ValueError as error:
        raise UserError(f"{generator[0]}: {error}") from error


def generator_architecture(file: str, shapes: Shapes) -> Architecture:
    """Reads a generator's shapes, by the original's names."""
    _require(file, shapes, "generator", ("shared.weight", "linear.weight"))
    widths = [shapes["blocks.0.0.conv1.weight"][1], *_widths(shapes)]
    rows = {
        resolution: (row.generator_in[0], *row.generator_out)
        for resolution, row in TABLE.items()
    }
    resolution, ch = _fit(file, widths, rows)
    sizes = [BOTTOM * 2 ** (index + 1) for index in range(len(widths) - 1)]
    return Architecture(
        file,
        resolution,
        ch,
        _attention(shapes, sizes),
        shapes["shared.weight"][0],
    )


def trunk_architecture(file: str, shapes: Shapes, headed: bool) -> Architecture:
    """Reads the shapes of a discriminator or, without a head, an encoder."""
    kind = "discriminator" if headed else "encoder"
    _require(file, shapes, kind, ("embed.weight",) if headed else ())
    widths = _widths(shapes)
    rows = {resolution: row.trunk_out for resolution, row in TABLE.items()}
    resolution, ch = _fit(file, widths, rows)
    if resolution == 32 and "blocks.2.0.conv_sc.weight" not in shapes:
        raise UserError(
            f"Expected {file} to halve 32 pixels three times, to 4. Received: "
            "BigGAN's discriminator of CIFAR, which halves twice, to 8. "
            "Convert the generator alone, or pretrain at 32 pixels."
        )
    halved = TABLE[resolution].trunk_downsamples
    sizes = [resolution // 2 ** (i + 1) for i, y in enumerate(halved) if y]
    classes = shapes["embed.weight"][0] if headed else 0
    return Architecture(
        file, resolution, ch, _attention(shapes, sizes), classes
    )


def _require(
    file: str, shapes: Shapes, kind: str, names: Iterable[str]
) -> None:
    """Refuses other architectures, and files that hold something else."""
    deep = [n for n in shapes if n.endswith((".conv3.weight", ".conv4.weight"))]
    hugging = [n for n in shapes if n.startswith("generator.layers.")]
    if deep or hugging:
        whose = "BigGAN-deep" if deep else "Hugging Face's biggan-deep"
        raise UserError(
            f"Expected {file} to be of a BigGAN. Received: {whose}, by its "
            f"{(deep + hugging)[0]}, which is another architecture. Give a "
            "BigGAN, such as BigGAN-PyTorch's 138k.zip."
        )
    needed = {**dict.fromkeys(names, 2), "blocks.0.0.conv1.weight": 4}
    for name, rank in needed.items():
        if len(shapes.get(name, ())) != rank:
            shown = ", ".join(list(shapes)[:3]) or "none"
            raise UserError(
                f"Expected {file} to be BigGAN-PyTorch's {kind}, with "
                f"{name} of {rank} axes. Received: {len(shapes)} tensors: "
                f"{shown}, .... Give the file of the {kind}."
            )


def _widths(shapes: Shapes) -> list[int]:
    """Output channels of every block."""
    widths: list[int] = []
    while name := shapes.get(f"blocks.{len(widths)}.0.conv1.weight"):
        widths.append(name[0])
    return widths


def _attention(shapes: Shapes, sizes: list[int]) -> tuple[int, ...]:
    return tuple(
        sorted(
            size
            for index, size in enumerate(sizes)
            if f"blocks.{index}.1.theta.weight" in shapes
        )
    )


def _fit(
    file: str, widths: list[int], rows: Mapping[int, tuple[int, ...]]
) -> tuple[int, int]:
    """The row, and its multiple, that a file's widths are."""
    fitting = [r for r, row in rows.items() if len(row) == len(widths)]
    if not fitting:
        counts = ", ".join(f"{len(row)} ({r})" for r, row in rows.items())
        raise UserError(
            f"Expected the widths of {file} to be one of these many, by "
            f"resolution: {counts}. Received: {len(widths)}. Give a BigGAN "
            "of one of these resolutions."
        )
    (resolution,) = fitting
    row = rows[resolution]
    ch = widths[0] // row[0]
    if ch < 1 or widths != [ch * each for each in row]:
        raise UserError(
            f"Expected the widths of {file}, of {resolution} pixels by their "
            f"number, to be {', '.join(map(str, row))} times ch. Received: "
            f"{', '.join(map(str, widths))}. Give a BigGAN of these widths."
        )
    return resolution, ch


def _condition(file: str, shapes: Shapes) -> tuple[int, int]:
    """(dim_z, shared_dim) of a generator whose z is cut into slots."""
    slot, shared = shapes["linear.weight"][1], shapes["shared.weight"][1]
    condition = shapes.get("blocks.0.0.bn1.gain.weight", (0, 0))[-1]
    if condition != shared + slot:
        raise UserError(
            f"Expected {file} to condition its blocks on {shared} numbers of "
            f"the class and {slot} of z (hierarchical z). Received: "
            f"{condition}. Give a BigGAN trained with --hier --G_shared."
        )
    return slot * (len(_widths(shapes)) + 1), shared


def _refuse_other(one: Architecture, other: Architecture) -> None:
    pairs = {
        "resolution": (one.resolution, other.resolution),
        "ch": (one.ch, other.ch),
        "attention at": (one.attention, other.attention),
    }
    if other.num_classes:
        pairs["classes"] = (one.num_classes, other.num_classes)
    differing = [
        f"{what} {first} and {second}"
        for what, (first, second) in pairs.items()
        if first != second
    ]
    if differing:
        raise UserError(
            f"Expected {one.file} and {other.file} to be of one network. "
            f"Received: {'; '.join(differing)}. Give files of one training."
        )
