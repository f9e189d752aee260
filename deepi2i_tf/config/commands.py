"""What the commands on trained models are asked for: frozen, validated values.

Whether a path exists is not asked here: that is an error of the command
(exit 1), not a wrong flag (exit 2).
"""

import dataclasses
import os

from deepi2i_tf.config.checks import (
    Bound,
    at_least,
    choice,
    each_of,
    named,
    require,
)
from deepi2i_tf.config.fields import Options, option
from deepi2i_tf.config.sections import ONE_PER_MAP

INTERPOLATIONS = ("none", "classes", "z")
SIGNATURES = ("serving_default", "translate", "translate_mix", "sample_z")
NEXT_VERSION = "auto"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _check_version(flag: str, value: str) -> None:
    is_number = value.isascii() and value.isdigit() and int(value) > 0
    require(
        value in ("", NEXT_VERSION) or is_number,
        f"--{flag} to be {NEXT_VERSION} or a whole number from 1",
        f"{flag}={value!r}",
        f"Use --{flag}={NEXT_VERSION}, or leave it out.",
    )


def _check_port(flag: str, value: int) -> None:
    require(
        0 <= value < 2**16,
        f"--{flag} to be in 0..65535",
        f"{flag}={value}",
        "Choose a value in that range.",
    )


PORT = Bound("In 0..65535", _check_port)


@dataclasses.dataclass(frozen=True)
class TrainOptions(Options):
    """What `train` does with its Config."""

    dry_run: bool = option(
        False,
        "Print the resolved configuration and the parameters of every "
        "network, and stop; needs no data",
    )


@dataclasses.dataclass(frozen=True)
class ExportOptions(Options):
    """Which weights become a SavedModel, and where."""

    run_dir: str = option(
        "", "Run directory to export from", named("runs/00001-animals")
    )
    output: str = option(
        "",
        "Folder of the SavedModel; made by the command",
        named("exported/animals"),
    )
    version: str = option(
        "",
        "Lay the model out for servers as output/N: a whole number, or auto "
        "for the one after those that are there; empty makes output the model",
        Bound("", _check_version),
    )
    signatures: tuple[str, ...] = option(
        SIGNATURES,
        "Signatures to export; converters that know no text take translate "
        "alone",
        each_of(SIGNATURES),
    )
    step: int = option(
        0, "Checkpoint step to export; 0 takes the newest", at_least(0)
    )
    best: bool = option(
        False,
        "Export the checkpoint that was the best by the --best_metric of "
        "the training",
    )
    averaged: bool = option(
        True, "Export the averaged weights, not the last ones"
    )
    overwrite: bool = option(False, "Replace an output folder that exists")

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            bool(self.signatures),
            "--signatures",
            "none",
            "Leave it out for all of them.",
        )
        require(
            not (self.best and self.step),
            "only one of --best and --step",
            f"both, step={self.step}",
            "Leave one out.",
        )


@dataclasses.dataclass(frozen=True)
class TranslateOptions(Options):
    """Which photos are translated into which classes, and how they are kept."""

    model: str = option("", "Exported SavedModel", named("exported/animals"))
    input: str = option(
        "",
        "Photo, or folder of photos; with beam_options also a pattern such as "
        "'photos/*/*.jpg', or TFRecord files",
        named("cat.jpg"),
    )
    target: str = option(
        "all",
        "Class names with commas between them, or all for every class; a "
        "class that is called all is a list of one, all,",
        named("all"),
    )
    output: str = option(
        "translations.png",
        "A .png file for one labelled sheet; any other path is a folder of "
        "single files",
        named("out.png"),
    )
    num_samples: int = option(
        1,
        "Translations of every photo into every class, each with another z",
        at_least(1),
    )
    seed: int = option(0, "Seed of z", at_least(0))
    interpolate: str = option(
        "none",
        "Draw the way between two target classes (classes) or between two z "
        "(z), instead of samples",
        choice(INTERPOLATIONS),
    )
    interpolation_steps: int = option(
        7, "Pictures of one interpolation, both ends counted", at_least(2)
    )
    beam_options: str = option(
        "",
        "Flags of Apache Beam, such as --runner=DirectRunner: translates any "
        "number of photos to TFRecord shards in output; the same command "
        "again goes on where it was interrupted",
    )
    num_shards: int = option(
        0,
        "Shards beside beam_options, of which each is one piece of work; 0 "
        "takes one for a thousand pictures. TFRecords have one each",
        at_least(0),
    )
    overwrite: bool = option(False, "Replace an output that exists")

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            bool(self.beam_options) or not self.num_shards,
            "--beam_options beside --num_shards",
            f"num_shards={self.num_shards} alone",
            "Use for example --beam_options=--runner=DirectRunner.",
        )
        require(
            not (self.beam_options and self.output.lower().endswith(".png")),
            "--output to be a folder beside --beam_options",
            f"output={self.output!r}",
            "Use for example --output=translated.",
        )


@dataclasses.dataclass(frozen=True)
class ServeOptions(Options):
    """Which model is served, where, and within which bounds."""

    model: str = option(
        "",
        "Exported SavedModel, or folder of its numbered versions, of which "
        "the highest is served",
        named("exported/animals"),
    )
    name: str = option(
        "", "Name of the model in addresses; empty takes the folder's"
    )
    host: str = option(
        "127.0.0.1", "Address to listen on; 0.0.0.0 is every one of IPv4"
    )
    port: int = option(8501, "Port of REST and page; 0 takes a free one", PORT)
    grpc: bool = option(True, "Speak gRPC, too")
    grpc_port: int = option(8500, "Port of gRPC; 0 takes a free one", PORT)
    hosts: tuple[str, ...] = option(
        (),
        "Names by which browsers and clients reach the server, beside those "
        "of this machine itself",
    )
    max_batch_size: int = option(
        0, "Rows of a batch; 0 takes what suits model and device", at_least(0)
    )
    batch_wait_ms: float = option(
        0.0, "How long a batch that is not full waits for rows", at_least(0)
    )
    max_queued_rows: int = option(
        64,
        "Rows that wait at a time; above it requests are refused",
        at_least(1),
    )
    max_request_mb: float = option(
        32.0, "Megabytes of one body", at_least(0.001)
    )
    max_body_memory_mb: float = option(
        256.0, "Megabytes of all bodies that are read or wait", at_least(0.001)
    )
    body_seconds: float = option(
        5.0,
        "Seconds for a body to come, and one more for each megabyte",
        at_least(0.1),
    )
    request_timeout: float = option(
        60.0, "Seconds that rows may wait in the queue", at_least(0.1)
    )
    max_megapixels: float = option(
        50.0, "Width times height of one picture, in millions", at_least(0.001)
    )
    max_connections: int = option(
        1024, "Connections of REST and page at a time", at_least(1)
    )
    overload_code: int = option(
        429, "HTTP status of a full queue", choice((429, 503))
    )
    drain_seconds: float = option(
        0.0,
        "Seconds from SIGTERM, when /readyz turns to 503, until no new "
        "connection is taken; 5 on Kubernetes",
        at_least(0),
    )
    poll_seconds: float = option(
        10.0, "Seconds between two looks for a new version", at_least(0.1)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            bool(self.model_name) and not set(self.model_name) & set("/:"),
            "a --name without / and :",
            f"{self.model_name!r}",
            "Use for example --name=animals.",
        )
        require(
            self.host in LOOPBACK or bool(self.hosts),
            "--hosts beside a --host that others reach",
            f"host={self.host!r} alone",
            "Name what they call it: --hosts=animals.example.org.",
        )
        require(
            self.max_batch_size <= self.max_queued_rows,
            "--max_queued_rows to be at least --max_batch_size",
            f"max_queued_rows={self.max_queued_rows}, "
            f"max_batch_size={self.max_batch_size}",
            "Raise the first.",
        )
        require(
            self.max_request_mb <= self.max_body_memory_mb,
            "--max_body_memory_mb to be at least --max_request_mb",
            f"max_body_memory_mb={self.max_body_memory_mb}, "
            f"max_request_mb={self.max_request_mb}",
            "Raise the first.",
        )

    @property
    def model_name(self) -> str:
        """`name`, or the folder's."""
        return self.name or os.path.basename(os.path.abspath(self.model))

    @property
    def all_hosts(self) -> tuple[str, ...]:
        """Names that the header `Host` may bear."""
        return (*LOOPBACK, *(host.lower() for host in self.hosts))


@dataclasses.dataclass(frozen=True)
class ConvertOptions(Options):
    """Which foreign checkpoint becomes which run directory, or the way back."""

    input: str = option(
        "",
        "Folder or zip that holds G_ema.pth or G.pth, D.pth and, of a "
        "DeepI2I release, E1.pth and A1.pth, at any depth (or .safetensors, "
        "or all with one suffix, as in G_ema_best0.pth); or the file of a "
        "generator",
    )
    generator: str = option(
        "", "File of a BigGAN generator, of any name, in place of input"
    )
    discriminator: str = option(
        "",
        "File of its discriminator, of any name, beside the file of a "
        "generator; empty for none",
    )
    output: str = option("", "Run directory to be made")
    class_names: str = option(
        "",
        "Text file with the name of each class on a line of its own, in the "
        "order of the class numbers; empty calls them class_0000 and so on",
    )
    injection_weights: tuple[float, ...] = option(
        (0.1, 0.1, 0.1, 0.1),
        "W_l of eq. 4 at 4, 8, 16 and 32 pixels, which no file holds; the "
        "authors transferred with 0.1 each",
        ONE_PER_MAP,
    )
    to_pytorch: str = option(
        "",
        "The way back: folder to be made, of run_dir's networks as PyTorch "
        "files of the original's names",
    )
    run_dir: str = option("", "Run directory whose networks to_pytorch writes")
    step: int = option(
        0, "Its checkpoint step; 0 takes the newest", at_least(0)
    )
    overwrite: bool = option(
        False,
        "Replace a converted run, or a folder of to_pytorch, that stands there",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
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
