"""Packaging of deepi2i_tf and data_prep; BUILD.md explains the extras."""

import pathlib

import setuptools

_HERE = pathlib.Path(__file__).parent

# Ranges that the test suite has been run on (BUILD.md, "Versions").
_INSTALL = [
    "absl-py>=2.1,<3",
    "h5py>=3.11,<3.15",
    "importlib_resources>=6",  # imported, but not declared, by TFDS
    "jinja2>=3.1,<4",
    "keras>=3.15,<3.16",
    "markupsafe>=2.1",
    "matplotlib>=3.9",
    "numpy>=2,<3",
    "pillow>=11.3",  # reads AVIF
    "tensorboard>=2.21,<2.22",  # no longer declared by TensorFlow
    "tensorflow>=2.21,<2.22",
    "tensorflow-datasets>=4.9.10,<5",
    "tqdm>=4.66",
]
_BEAM = ["apache-beam>=2.69"]
_SERVE = [
    "grpcio-health-checking>=1.70",
    "prometheus-client>=0.20",
    "protobuf<7",  # Beam's bound; ray[serve] alone would pull 7
    "starlette>=1,<2",
    "tensorflow-serving-api~=2.21.0",
    "uvicorn[standard]>=0.40,<1",
]
_GLYPHS = ["fonttools[woff]>=4.50,<5"]
_TEST = [
    *_BEAM,
    *_GLYPHS,
    *_SERVE,
    "huggingface_hub>=2,<3",
    "import-linter>=2.5,<3",
    "ipykernel>=6",  # the tutorial is run
    "nbclient>=0.10",
    "pydot>=3",  # keras.utils.plot_model
    "pytest>=8",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "safetensors>=0.4",
    "scikit-image>=0.25",  # carries real photographs, as scikit-learn does
    "scikit-learn>=1.5",
    "scipy>=1.14",  # independent implementation that metrics agree with
    "setuptools>=65",  # a test builds the wheel
    "wheel>=0.40",
]
_DOCS = ["mkdocs>=1.6,<2", "mkdocstrings[python]>=1,<2"]
_EXTRAS = {
    "cuda": ["tensorflow[and-cuda]>=2.21,<2.22"],
    "beam": _BEAM,
    "serve": _SERVE,
    "ray": [*_SERVE, "ray[serve]>=2.60"],  # the server on a cluster
    "safetensors": ["safetensors>=0.4"],  # convert reads .safetensors
    "hub": ["huggingface_hub>=2,<3"],  # hf:// addresses, from Python
    "heif": ["pillow-heif>=1"],  # HEIC, as iPhones write it
    "glyphs": _GLYPHS,  # data_prep/glyphs reads fonts
    # Independent implementations: tests that skip without them.
    "fidelity": ["torch==2.13.0", "torch-fidelity==0.4.0"],
    "test": _TEST,
    "docs": _DOCS,
    "dev": [*_TEST, *_DOCS, "ruff>=0.12"],
}

setuptools.setup(
    name="deepi2i_tf",
    version="0.1.0",
    description=(
        "DeepI2I in TensorFlow: image translation between many classes, "
        "from a folder of photos to a SavedModel"
    ),
    long_description=(_HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    packages=[
        *setuptools.find_packages(
            include=["deepi2i_tf", "deepi2i_tf.*", "data_prep", "data_prep.*"]
        ),
        "deepi2i_tf.flags",
    ],
    # The experiments go along; `utils/flagfiles.py` finds them.
    package_dir={"deepi2i_tf.flags": "flags"},
    # What TFDS keeps beside a builder.
    package_data={
        "": ["README.md", "CITATIONS.bib", "TAGS.txt"],
        "deepi2i_tf.flags": ["*.cfg"],
        "deepi2i_tf.reporting.html": ["templates/*"],
        "deepi2i_tf.serving.http": ["static/*"],
    },
    python_requires=">=3.11,<3.14",
    install_requires=_INSTALL,
    extras_require=_EXTRAS,
    classifiers=[
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
