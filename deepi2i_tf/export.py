"""Exports a trained translator as a SavedModel.

The folder that it writes needs nothing of this package: TensorFlow, TensorFlow
Serving or deepi2i_tf.translate load it. Its signatures:

serving_default  image_bytes, target_class, seed -> translated_bytes (PNG)
translate        images, target_class, z -> images
translate_mix    images, first_class, second_class, amount, z -> images
sample_z         seed -> z

With --version=auto the model is exported/animals/1, the next one
exported/animals/2: the layout that TensorFlow Serving watches.

Example:
    python -m deepi2i_tf.export --run_dir=runs/00007-animals \
        --output=exported/animals
"""

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.commands import ExportOptions
from deepi2i_tf.networks import z_length
from deepi2i_tf.runs import restore
from deepi2i_tf.serving import saved_model
from deepi2i_tf.serving.signatures import ServedTranslator


def main() -> None:
    """Exports what the flags say."""
    options = flags.read(ExportOptions)
    output = saved_model.version_folder(options.output, options.version)
    saved_model.check_output(output, options.overwrite)
    step = options.step or None
    if options.best:
        step = restore.best_step(options.run_dir)
    translator, config, class_names, step = restore.load_translator(
        options.run_dir, averaged=options.averaged, step=step
    )
    served = ServedTranslator(
        translator,
        config.network.resolution,
        len(class_names),
        z_length(config.network),
        restore.read_fit(options.run_dir),
        config.network.model,
    )
    saved_model.export_saved_model(
        served,
        class_names,
        output,
        options.overwrite,
        step,
        options.signatures,
    )
    print(f"Exported step {step} with {len(class_names)} classes:")
    print(output)


if __name__ == "__main__":
    flags.define("export")
    command.run(main)
