"""DeepI2I (arXiv 2011.05867) for Keras 3 and TensorFlow.

    import keras
    import deepi2i_tf as d2

    config = d2.Config.from_flagfile("flags/creatures.cfg", batch_size=16)
    data = d2.load_dataset(config)
    model = d2.DeepI2I(config, num_classes=len(data.class_names))
    model.compile()
    model.fit(data.train(), epochs=4, steps_per_epoch=500)

Names come when they are asked for (PEP 562): importing the package loads
neither TensorFlow nor Keras. Where Keras is loaded already, the models are, so
that `keras.saving.load_model` knows them.
"""

import importlib
import sys
import types

# Public names, and where they stand.
_PUBLIC = {
    "BigGAN": "deepi2i_tf.models",
    "Config": "deepi2i_tf.config",
    "DMIT": "deepi2i_tf.models",
    "DeepI2I": "deepi2i_tf.models",
    "LoadedTranslator": "deepi2i_tf.serving.translator",
    "SDIT": "deepi2i_tf.models",
    "StarGAN": "deepi2i_tf.models",
    "Translator": "deepi2i_tf.models",
    "UserError": "deepi2i_tf.utils.errors",
    "evaluate": "deepi2i_tf.api.evaluation",
    "export": "deepi2i_tf.api.translators",
    "initialise": "deepi2i_tf.api.transfer",
    "load_dataset": "deepi2i_tf.data.dataset",
    "load_translator": "deepi2i_tf.api.translators",
    "push_to_hub": "deepi2i_tf.api.hub",
    "train": "deepi2i_tf.api.training",
}
_MODULES = {"callbacks": "deepi2i_tf.api.callbacks"}
__all__ = [*_PUBLIC, *_MODULES]


class _Package(types.ModuleType):
    """The package, whose functions stay what they are.

    `train`, `evaluate` and `export` are commands, too, modules of these names;
    importing one would put the module in the place of the function.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _PUBLIC and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Package
if "keras" in sys.modules:
    importlib.import_module("deepi2i_tf.models")
