"""Converts PyTorch checkpoints of the original into a run directory, and back.

What is read: BigGAN-PyTorch's G_ema.pth or G.pth and D.pth (bare files, the
published folder 138k or its zip), and DeepI2I releases of G, D, E1 and A1.
Resolution, ch, classes and z are read from the shapes. Torch is not needed,
and no code of a file is run.

What is written: a run directory. A BigGAN's is for --init_from; a DeepI2I's
also for translate, export and evaluate. It holds no optimizers, so training
starts from it and does not resume it.

Examples:
    python -m deepi2i_tf.convert --input=138k.zip --output=pretrained/biggan
    python -m deepi2i_tf.convert --run_dir=runs/00001-a --to_pytorch=pth
"""

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.commands import ConvertOptions
from deepi2i_tf.pytorch import from_pytorch, to_pytorch


def main() -> None:
    """Converts what the flags say."""
    options = flags.read(ConvertOptions)
    if options.to_pytorch:
        lines = to_pytorch.write_pytorch_folder(
            options.run_dir,
            options.to_pytorch,
            step=options.step or None,
            overwrite=options.overwrite,
        )
        print("\n".join([*lines, options.to_pytorch]))
        return
    lines = from_pytorch.convert(
        options.input or options.generator,
        options.output,
        discriminator=options.discriminator,
        class_names=options.class_names,
        injection_weights=options.injection_weights,
        overwrite=options.overwrite,
    )
    print("\n".join([*lines, options.output]))


if __name__ == "__main__":
    flags.define("convert")
    command.run(main)
