"""The sections of a configuration, each a frozen, validated dataclass.

Every error says what was expected, what came, and what to do.
"""

import dataclasses

from deepi2i_tf.config import checks
from deepi2i_tf.config.checks import Bound, at_least, below, choice, each_of
from deepi2i_tf.config.fields import Options, option

# What each is called, and its paper on arXiv.
MODEL_TITLES = {
    "deepi2i": ("DeepI2I", "2011.05867"),
    "stargan": ("StarGAN", "1711.09020"),
    "sdit": ("SDIT", "1908.06881"),
    "dmit": ("DMIT", "1909.07877"),
}
MODELS = tuple(MODEL_TITLES)
RESOLUTIONS = (32, 64, 128, 256, 512)
FEATURE_RESOLUTIONS = (4, 8, 16, 32)
LOSSES = ("hinge", "softplus", "minimax")
RECONSTRUCTIONS = ("l1", "l2", "ssim", "none")
ADAPTORS = ("residual", "identity")
STAGES = ("scratch", "transfer", "pretrain")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
AUGMENTATIONS = ("color", "translation", "cutout")
JIT_MODES = ("auto", "on", "off")
BEST_METRICS = ("mfid", "mkid_x100", "rc", "none")
NETWORKS = ("encoder", "adaptor", "generator", "discriminator")
DMIT_NETWORKS = (
    "content_encoder",
    "style_encoder",
    "decoder",
    "content_judge",
    "prior_judge",
    "encoded_judge",
)
CLASS_ROWS = ("auto", "name", "features", "mean")

ONE_PER_MAP = checks.one_each(FEATURE_RESOLUTIONS, "Four numbers, at least 0")
_MAP_SIZES = each_of(
    (0, 8, 16, 32, 64, 128, 256), "Whole numbers; empty for none"
)


def _check_num_classes(flag: str, value: int) -> None:
    at_least(0).check(flag, value)
    checks.require(
        value != 1,
        f"--{flag} to be at least 2",
        f"{flag}=1",
        "A translator needs classes to translate between: add one.",
    )


_NUM_CLASSES = Bound("0, or at least 2", _check_num_classes)


@dataclasses.dataclass(frozen=True)
class NetworkConfig(Options):
    """Which model, and the shape of its networks."""

    model: str = option(
        "deepi2i", "Model family, networks/families.py", choice(MODELS)
    )
    resolution: int = option(
        64,
        "Side of the square images, in pixels",
        choice(RESOLUTIONS, " pixels", "Prepare and train at one of them."),
    )
    num_classes: int = option(
        0, "Classes C; 0 means as many as the data set has", _NUM_CLASSES
    )
    ch: int = option(
        96,
        "Channel multiplier of the tables in networks/channels.py",
        at_least(1),
    )
    dim_z: int = option(
        120,
        "Length of z; rounded down to a multiple of the z slots",
        at_least(8),
    )
    shared_dim: int = option(
        128, "Length of G's shared class embedding", at_least(1)
    )
    adaptor: str = option(
        "residual", "Residual blocks, or identity", choice(ADAPTORS)
    )
    attention_resolutions: tuple[int, ...] = option(
        (64,), "Map sizes followed by self-attention; 0: none", _MAP_SIZES
    )
    injection_weights: tuple[float, ...] = option(
        (1.0, 1.0, 1.0, 0.1),
        "W_l of eq. 4 at 4, 8, 16 and 32 pixels",
        ONE_PER_MAP,
    )
    attention: bool = option(
        True, "SDIT's attention map, as its authors train it"
    )


@dataclasses.dataclass(frozen=True)
class ObjectiveConfig(Options):
    """Losses and regularisers (training.md, Losses)."""

    loss: str = option("hinge", "Adversarial loss", choice(LOSSES))
    reconstruction: str = option(
        "l1", "Distance of eq. 3", choice(RECONSTRUCTIONS)
    )
    reconstruction_weights: tuple[float, ...] = option(
        (0.1, 0.1, 0.1, 0.01),
        "Alpha_l at 4, 8, 16 and 32 pixels; ssim compares images and takes "
        "the first one",
        ONE_PER_MAP,
    )
    orthogonal: float = option(
        0.0,
        "Beta of BigGAN's modified orthogonal regularisation",
        at_least(0.0),
    )
    r1: float = option(
        0.0, "Gamma of the R1 penalty on real images", at_least(0.0)
    )
    r1_every: int = option(
        16, "R1 is applied in every n-th step (lazily, times n)", at_least(1)
    )
    augment: tuple[str, ...] = option(
        (),
        "Random changes of every image that the discriminator sees "
        "(DiffAugment, arXiv 2006.10738), for small sets; no color where "
        "colour is the class; empty for none",
        each_of(AUGMENTATIONS),
    )
    augment_target: float = option(
        0.0,
        "Adapt the probability of --augment so that the mean sign of real "
        "scores stays here (ADA, arXiv 2006.06676: .6); 0 augments every image",
        below(1.0),
    )
    augment_kimg: float = option(
        50.0,
        "Thousands of images in which that probability can go from 0 to 1",
        checks.above_zero("50"),
    )
    consistency: float = option(
        0.0,
        "Weight of the squared difference between the scores of a real image "
        "and of the same one augmented (arXiv 1910.12027: 10)",
        at_least(0.0),
    )
    lecam: float = option(
        0.0,
        "Weight of the LeCam regularisation (arXiv 2104.03310): .3 to .01, "
        "the less the larger the images",
        at_least(0.0),
    )
    lecam_from: int = option(
        1000, "Finished steps from which LeCam's weight counts", at_least(0)
    )

    group_spectral: float = option(
        0.0,
        "Weight of the spectral norms that a class' gains and biases have at "
        "the generator's batch norms (gSR, arXiv 2208.09932: .5 to .01)",
        at_least(0.0),
    )

    transition: tuple[int, ...] = option(
        (0, 0),
        "Steps between which the class comes into generator and discriminator, "
        "from nothing to whole, beside an adversarial loss without it "
        "(arXiv 2201.06578: at .08 and .16 of the run); 0,0 has it from the "
        "start, and no such loss",
        checks.RAMP,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.require(
            bool(self.augment or not self.augment_target),
            "--augment beside --augment_target",
            f"augment_target={self.augment_target} alone",
            "Say what to augment by, for example translation,cutout.",
        )


@dataclasses.dataclass(frozen=True)
class OptimizerConfig(Options):
    """Adam for each network, and the weight averages."""

    generator_lr: float = option(
        1e-4, "Learning rate of the generator", at_least(0.0)
    )
    discriminator_lr: float = option(
        4e-4, "Learning rate of the discriminator", at_least(0.0)
    )
    encoder_lr: float = option(
        4e-4, "Learning rate of the encoder", at_least(0.0)
    )
    adaptor_lr: float = option(
        4e-4, "Learning rate of the adaptor", at_least(0.0)
    )
    beta_1: float = option(0.0, "Decay of Adam's first moment", below(1.0))
    beta_2: float = option(0.999, "Decay of Adam's second moment", below(1.0))
    epsilon: float = option(1e-6, "Adam's epsilon", checks.above_zero("1e-6"))
    average_decay: float = option(
        0.9999, "Decay of the weight averages", below(1.0)
    )
    decay_steps: int = option(
        0,
        "Last steps of the run, over which all learning rates fall linearly to "
        "0; 0 has none",
        at_least(0),
    )


@dataclasses.dataclass(frozen=True)
class TrainingConfig(Options):
    """How long, how large, from where and how often something is written."""

    steps: int = option(
        100_000, "Optimizer steps of the whole run", at_least(1)
    )
    batch_size: int = option(
        4, "Images of one micro-batch, over all replicas", at_least(1)
    )
    num_accumulations: int = option(
        1, "Micro-batches whose gradients make one step", at_least(1)
    )
    discriminator_steps: int = option(
        1,
        "Discriminator updates per generator update; each has its own images",
        at_least(1),
    )
    stage: str = option(
        "scratch",
        "Scratch, transfer (adaptor warm-up first), pretrain",
        choice(STAGES),
    )
    warmup_steps: int = option(
        500, "Length of the transfer stage's warm-up", at_least(0)
    )
    init_from: str = option(
        "", "Run directory or checkpoint whose networks are the start"
    )
    seed: int = option(0, "Seed of weights, noise and data order", at_least(0))
    deterministic: bool = option(
        False, "Op-level determinism, whatever it costs"
    )
    checkpoint_every: int = option(
        1000, "Steps between checkpoints", at_least(1)
    )
    keep_checkpoints: int = option(
        2, "Newest checkpoints that stay, beside the best one", at_least(1)
    )
    sample_every: int = option(
        500, "Steps between sample sheets; 0 draws none", at_least(0)
    )
    evaluate_every: int = option(
        0, "Steps between evaluations; 0 makes none", at_least(0)
    )
    best_metric: str = option(
        "mfid",
        "Metric whose best checkpoint is kept; where mfid is not measured, "
        "rc stands in for it",
        choice(BEST_METRICS),
    )
    log_every: int = option(20, "Steps between log rows", at_least(1))
    mixed_precision: str = option(
        "float32", "Keras dtype policy", choice(PRECISIONS)
    )
    jit_compile: str = option(
        "auto", "XLA on, off, or auto by device", choice(JIT_MODES)
    )
    num_replicas: int = option(
        0,
        "Replicas of MirroredStrategy; 0 takes every GPU, or one CPU. On "
        "CPUs, k > 1 makes k logical devices",
        at_least(0),
    )
    run_dir: str = option(
        "", "Where the run lives; empty numbers one under runs_dir"
    )
    runs_dir: str = option("runs", "Folder of numbered runs")
    name: str = option(
        "", "Short name of the experiment in the numbered folder"
    )

    @property
    def images_per_step(self) -> int:
        """Source images that one step reads, over all replicas."""
        return (
            self.batch_size * self.num_accumulations * self.discriminator_steps
        )


@dataclasses.dataclass(frozen=True)
class DataConfig(Options):
    """Which prepared data set is read, and how."""

    dataset: str = option(
        "",
        "Name of a data set that data_prep or TFDS prepared, e.g. "
        "creatures; empty takes the only one in data_dir that fits the "
        "resolution",
    )
    data_dir: str = option(
        "data",
        "Folder that holds <dataset>/[<config>/]<version>/, or that "
        "prepared folder itself; ~ is the home folder",
    )
    data_config: str = option(
        "",
        "Name of the TFDS config when several fit; empty takes the only one "
        "that does",
    )
    data_source: str = option(
        "",
        "A sentence on where the raw images come from and how to prepare "
        "them; printed when the prepared set is missing",
    )
    flip: bool = option(True, "Mirror images at random")
    cache: bool = option(
        False, "Keep the encoded records in memory after the first epoch"
    )
    shuffle_buffer: int = option(
        10_000, "Records held for shuffling", at_least(1)
    )
    verify_data: bool = option(
        False,
        "Compare every shard's sha256 with the manifest at start; of sets "
        "that TFDS wrote, decode every image instead",
    )
    held_out_classes: tuple[str, ...] = option(
        (),
        "Names of classes that are neither sources nor targets, as if the "
        "data set did not have them; evaluate --sources=unseen translates "
        "from them",
    )


@dataclasses.dataclass(frozen=True)
class TransferConfig(Options):
    """How `--init_from` is read, and which networks do not train."""

    init_networks: tuple[str, ...] = option(
        (),
        "Networks that start from --init_from; empty takes all that it has, "
        "the encoder from a BigGAN's discriminator",
        each_of(NETWORKS),
    )
    class_map: str = option(
        "",
        "File of lines our class<TAB>their class (or a comma): whose class "
        "row each of ours starts from, before class_rows",
    )
    class_rows: str = option(
        "auto",
        "Rule for the other classes: name takes the row of the equal name, "
        "features that which the discriminator finds nearest to our images, "
        "mean the mean of all; auto tries them in this order",
        choice(CLASS_ROWS),
    )
    train_encoder: bool = option(
        False, "Train the encoder too after the transfer stage's warm-up"
    )
    freeze: tuple[str, ...] = option(
        (),
        "Networks that stand still in every stage",
        each_of((*NETWORKS, *DMIT_NETWORKS)),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.require(
            set(self.freeze) != set(NETWORKS),
            "--freeze to leave a network that trains",
            f"freeze={','.join(self.freeze)}",
            "Take one out.",
        )
