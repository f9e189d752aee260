"""What `convert` is asked for: frozen, validated values, as in `options`."""

import dataclasses

from deepi2i_tf import bounds
from deepi2i_tf.bounds import require
from deepi2i_tf.config import FEATURE_RESOLUTIONS


@dataclasses.dataclass(frozen=True)
class ConvertOptions:
    """Which foreign checkpoint becomes which run directory, or the way back.

    Args:
        input: folder or zip that holds G_ema.pth or G.pth, D.pth and, of a
            DeepI2I release, E1.pth and A1.pth, at any depth; or the file of
            a generator.
        generator: file of a BigGAN generator, of any name, in place of
            `input`.
        discriminator: file of its discriminator, of any name, beside the
            file of a generator; empty for none.
        output: run directory to be made.
        class_names: text file with the name of each class on a line of its
            own, in the order of the class numbers; empty calls them
            class_0000 and so on.
        injection_weights: w_l of eq. 4 at 4, 8, 16 and 32 pixels, which no
            file holds; the authors transferred with 0.1 each.
        to_pytorch: the way back: folder to be made, of `run_dir`'s networks
            as PyTorch files of the original's names.
        run_dir: run directory whose networks `to_pytorch` writes.
        step: its checkpoint step; 0 takes the newest.
        overwrite: replace a converted run, or a folder of `to_pytorch`, that
            stands there.
    """

    input: str = ""
    generator: str = ""
    discriminator: str = ""
    output: str = ""
    class_names: str = ""
    injection_weights: tuple[float, ...] = (0.1, 0.1, 0.1, 0.1)
    to_pytorch: str = ""
    run_dir: str = ""
    step: int = 0
    overwrite: bool = False

    def __post_init__(self) -> None:
        bounds.at_least("step", self.step, 0)
        ways = ("input", "generator", "to_pytorch")
        require(
            len([flag for flag in ways if getattr(self, flag)]) == 1,
            "one of --input, --generator and --to_pytorch",
            ", ".join(f"{flag}={getattr(self, flag)!r}" for flag in ways),
            "Use for example --input=138k.zip.",
        )
        back = bool(self.to_pytorch)
        needed, useless = ("output",), ("run_dir", "step")
        if back:
            needed = ("run_dir",)
            useless = ("output", "discriminator", "class_names")
        way = "--to_pytorch" if back else "--input or --generator"
        for flag in needed:
            require(
                bool(getattr(self, flag)),
                f"--{flag} beside {way}",
                "nothing",
                f"Use for example --{flag}=runs/00001-biggan.",
            )
        for flag in useless:
            require(
                not getattr(self, flag),
                f"no --{flag} beside {way}",
                f"{flag}={getattr(self, flag)!r}",
                "Leave it out.",
            )
        bounds.one_each(
            "injection_weights", self.injection_weights, FEATURE_RESOLUTIONS
        )
