"""Fixed features, float64, on which torch-fidelity's numbers were recorded."""

from typing import NamedTuple

import numpy as np


class Case(NamedTuple):
    first: int
    second: int
    dimensions: int
    num_subsets: int
    subset_size: int
    seed: int


CASES = {
    "many": Case(400, 300, 64, 50, 100, 2020),
    # Fewer images than dimensions, as of a small class.
    "few": Case(20, 30, 64, 10, 15, 7),
}


def features(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Two sets that correlate and are 0 or more, as Inception's are."""
    case = CASES[name]
    random = np.random.RandomState(case.first)
    mixing = random.standard_normal((case.dimensions,) * 2)
    mixing /= np.sqrt(case.dimensions)
    first = random.standard_normal((case.first, case.dimensions))
    second = random.standard_normal((case.second, case.dimensions))
    return (
        np.maximum(first @ mixing + 0.3, 0.0),
        np.maximum(1.1 * second @ mixing + 0.4, 0.0),
    )
