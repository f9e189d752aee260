"""torch-fidelity's modules, without the ones that need torchvision.

Its package imports torchvision at once, for data sets and other networks
that nothing here uses, and no torchvision from PyPI fits a torch without
CUDA. So the package's own `__init__` is passed over, and `utils`, from which
the metrics only take names that they do not call here, is an empty stand-in.
"""

import importlib
import importlib.util
import sys
import types
from unittest import mock

import numpy as np

PACKAGE = "torch_fidelity"
MISSING = [
    name
    for name in ("torch", PACKAGE, "tqdm")
    if importlib.util.find_spec(name) is None
]
REASON = f"needs the fidelity extra: {', '.join(MISSING)} missing"
TAPS = ["64", "192", "768", "2048", "logits_unbiased"]


def module(name: str) -> types.ModuleType:
    """A module of torch-fidelity, by its name inside the package."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.find_spec(PACKAGE)
        package = types.ModuleType(PACKAGE)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[PACKAGE] = package
        sys.modules[f"{PACKAGE}.utils"] = mock.MagicMock()
    return importlib.import_module(f"{PACKAGE}.{name}")


def inception(arrays: dict[str, np.ndarray], path: str, double: bool):
    """torch-fidelity's network with these weights; writes them to `path`."""
    torch = importlib.import_module("torch")
    tensors = {key: torch.from_numpy(array) for key, array in arrays.items()}
    torch.save(tensors, path)
    network = module("feature_extractor_inceptionv3")
    model = network.FeatureExtractorInceptionV3(
        "inception", TAPS, feature_extractor_weights_path=path
    )
    if double:
        model.double()
        # What it casts pixels to; its own "float64" setting means float32.
        model.feature_extractor_internal_dtype = torch.float64
    return model


def inception_maps(model, images: np.ndarray) -> dict[str, np.ndarray]:
    """Taps by name, and the map behind every stem row and block (NHWC)."""
    torch = importlib.import_module("torch")
    maps = {}

    def keep(name):
        def hook(_, __, output):
            maps[name] = output.numpy().transpose(0, 2, 3, 1)

        return hook

    names = ("Conv2d_", "Mixed_")
    handles = [
        each.register_forward_hook(keep(name))
        for name, each in model.named_children()
        if name.startswith(names)
    ]
    pixels = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        taps = model(pixels)
    for handle in handles:
        handle.remove()
    return maps | dict(zip(TAPS, (tap.numpy() for tap in taps), strict=True))


def legacy_bilinear(images: np.ndarray) -> np.ndarray:
    """Images (NHWC) at 299x299 as TensorFlow 1 resized them."""
    torch = importlib.import_module("torch")
    pixels = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).float()
    resize = module("interpolate_compat_tensorflow")
    resized = resize.interpolate_bilinear_2d_like_tensorflow1x(
        pixels, size=(299, 299), align_corners=False
    )
    return resized.numpy().transpose(0, 2, 3, 1)


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """FID of two sets of features, float64, (n, features)."""
    torch = importlib.import_module("torch")
    metric = module("metric_fid")
    statistics = [
        metric.fid_features_to_statistics(torch.from_numpy(features))
        for features in (first, second)
    ]
    result = metric.fid_statistics_to_metric(*statistics, verbose=False)
    return result["frechet_inception_distance"]


def kernel(
    first: np.ndarray, second: np.ndarray, subsets: int, size: int, seed: int
) -> tuple[float, float]:
    """Mean and deviation of KID over subsets."""
    torch = importlib.import_module("torch")
    result = module("metric_kid").kid_features_to_metric(
        torch.from_numpy(first),
        torch.from_numpy(second),
        kid_subsets=subsets,
        kid_subset_size=size,
        rng_seed=seed,
        verbose=False,
    )
    return (
        result["kernel_inception_distance_mean"],
        result["kernel_inception_distance_std"],
    )
