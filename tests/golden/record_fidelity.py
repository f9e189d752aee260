"""Records inception_random.npz and fidelity_numbers.npz from torch-fidelity.

Run once, with torch 2.13.0 and torch-fidelity 0.4.0 beside this project:

    PYTHONPATH=tests:. python tests/golden/record_fidelity.py

Weights, images and features are not stored: tests/metrics/drawn_inception.py
and tests/metrics/drawn_features.py draw them again. The network ran in
float64 on 2 images of 96x80, resized inside the graph; taps are stored
whole, maps thinned, as float32.
"""

import pathlib
import tempfile

import numpy as np
from metrics import drawn_features, drawn_inception, reference_modules

FOLDER = pathlib.Path(__file__).parent


def record_inception() -> None:
    arrays = drawn_inception.state_dict()
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "drawn.pth")
        model = reference_modules.inception(arrays, path, double=True)
    images = drawn_inception.images(96, 80)
    outputs = reference_modules.inception_maps(model, images)
    np.savez_compressed(
        FOLDER / "inception_random.npz",
        **{
            name: drawn_inception.thinned(values).astype(np.float32)
            for name, values in outputs.items()
        },
    )


def record_numbers() -> None:
    numbers = {}
    for name, case in drawn_features.CASES.items():
        first, second = drawn_features.features(name)
        numbers[f"{name}/fid"] = reference_modules.frechet(first, second)
        numbers[f"{name}/kid"] = reference_modules.kernel(
            first, second, case.num_subsets, case.subset_size, case.seed
        )
    np.savez(FOLDER / "fidelity_numbers.npz", **numbers)


if __name__ == "__main__":
    record_inception()
    record_numbers()
