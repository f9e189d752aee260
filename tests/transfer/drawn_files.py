"""State dicts and files of the original's names, drawn and small."""

import hashlib

import numpy as np

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import NETWORK_NAMES, build_network
from deepi2i_tf.pytorch.to_pytorch import upstream_tensors
from deepi2i_tf.torch_files import write_tensors
from tests.parity import drawn_weights

SMALL = NetworkConfig(
    resolution=32, num_classes=3, ch=2, dim_z=16, shared_dim=8
)
STEMS = {
    "generator": "G",
    "discriminator": "D",
    "encoder": "E1",
    "adaptor": "A1",
}


def drawn_state(name, config=SMALL, letter=""):
    """Reference values for every name of the original's state dict."""
    letter = letter or drawn_weights.LETTERS[name]
    tensors = upstream_tensors(build_network(name, config), config)
    for key, value in tensors.items():
        if not key.endswith("sv0"):
            value = drawn_weights.drawn(letter, key, value.shape)
        tensors[key] = np.asarray(value, np.float32)
    return tensors


def write_folder(folder, config=SMALL, names=NETWORK_NAMES, generator="G"):
    """G.pth, D.pth, E1.pth and A1.pth of drawn weights."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        stem = generator if name == "generator" else STEMS[name]
        write_tensors(folder / f"{stem}.pth", drawn_state(name, config))
    return folder


def sha256_of_tensors(tensors):
    """One sum over names, shapes and bits of float32 arrays."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name], np.float32)
        digest.update(f"{name} {value.shape}".encode() + value.tobytes())
    return digest.hexdigest()
