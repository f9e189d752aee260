"""The sections of a configuration, each a frozen, validated dataclass.

Every error says what was expected, what came, and what to do.
"""

import dataclasses

from deepi2i_tf.config import checks

RESOLUTIONS = (32, 64, 128, 256, 512)
FEATURE_RESOLUTIONS = (4, 8, 16, 32)
LOSSES = ("hinge", "softplus", "minimax")
RECONSTRUCTIONS = ("l1", "l2", "ssim", "none")
ADAPTORS = ("residual", "identity")
STAGES = ("scratch", "transfer", "pretrain")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
JIT_MODES = ("auto", "on", "off")
BEST_METRICS = ("mfid", "mkid_x100", "rc", "none")


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """Shape of the four networks (networks.md; arXiv 2011.05867 section 4.1).

    Args:
        resolution: side of the square images, in pixels.
        num_classes: classes C; 0 means "as many as the data set has".
        ch: channel multiplier of the tables in `networks/channels.py`.
        dim_z: length of z; rounded down to a multiple of the z slots.
        shared_dim: length of G's shared class embedding.
        adaptor: `"residual"` blocks, or `"identity"`.
        attention_resolutions: map sizes followed by self-attention; 0: none.
        injection_weights: w_l of eq. 4 at 4, 8, 16 and 32 pixels.
    """

    resolution: int = 64
    num_classes: int = 0
    ch: int = 96
    dim_z: int = 120
    shared_dim: int = 128
    adaptor: str = "residual"
    attention_resolutions: tuple[int, ...] = (64,)
    injection_weights: tuple[float, ...] = (1.0, 1.0, 1.0, 0.1)

    def __post_init__(self) -> None:
        if self.resolution not in RESOLUTIONS:
            raise ValueError(
                "Expected --resolution to be one of "
                f"{', '.join(map(str, RESOLUTIONS))} pixels. "
                f"Received: resolution={self.resolution}. "
                "Prepare and train at one of them."
            )
        checks.at_least("num_classes", self.num_classes, 0)
        if self.num_classes == 1:
            raise ValueError(
                "Expected --num_classes to be at least 2. Received: "
                "num_classes=1. A translator needs classes to translate "
                "between: add one."
            )
        checks.at_least("ch", self.ch, 1)
        checks.at_least("dim_z", self.dim_z, 8)
        checks.at_least("shared_dim", self.shared_dim, 1)
        checks.choice("adaptor", self.adaptor, ADAPTORS)
        checks.map_sizes("attention_resolutions", self.attention_resolutions)
        checks.one_each(
            "injection_weights", self.injection_weights, FEATURE_RESOLUTIONS
        )


@dataclasses.dataclass(frozen=True)
class ObjectiveConfig:
    """Losses and regularisers (training.md, Losses).

    Args:
        loss: adversarial loss, one of `LOSSES`.
        reconstruction: distance of eq. 3, one of `RECONSTRUCTIONS`.
        reconstruction_weights: alpha_l at 4, 8, 16 and 32 pixels; `"ssim"`
            compares images and takes the first one.
        orthogonal: beta of BigGAN's modified orthogonal regularisation.
        r1: gamma of the R1 penalty on real images.
        r1_every: R1 is applied in every n-th step (lazily, times n).
    """

    loss: str = "hinge"
    reconstruction: str = "l1"
    reconstruction_weights: tuple[float, ...] = (0.1, 0.1, 0.1, 0.01)
    orthogonal: float = 0.0
    r1: float = 0.0
    r1_every: int = 16

    def __post_init__(self) -> None:
        checks.choice("loss", self.loss, LOSSES)
        checks.choice("reconstruction", self.reconstruction, RECONSTRUCTIONS)
        checks.one_each(
            "reconstruction_weights",
            self.reconstruction_weights,
            FEATURE_RESOLUTIONS,
        )
        checks.at_least("orthogonal", self.orthogonal, 0.0)
        checks.at_least("r1", self.r1, 0.0)
        checks.at_least("r1_every", self.r1_every, 1)


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """Adam for each network, and the weight averages.

    Args:
        generator_lr: learning rate of the generator.
        discriminator_lr: learning rate of the discriminator.
        encoder_lr: learning rate of the encoder.
        adaptor_lr: learning rate of the adaptor.
        beta_1: decay of Adam's first moment.
        beta_2: decay of Adam's second moment.
        epsilon: Adam's epsilon.
        average_decay: decay of the weight averages.
    """

    generator_lr: float = 1e-4
    discriminator_lr: float = 4e-4
    encoder_lr: float = 4e-4
    adaptor_lr: float = 4e-4
    beta_1: float = 0.0
    beta_2: float = 0.999
    epsilon: float = 1e-6
    average_decay: float = 0.9999

    def __post_init__(self) -> None:
        for name in ("generator", "discriminator", "encoder", "adaptor"):
            flag = f"{name}_lr"
            checks.at_least(flag, getattr(self, flag), 0.0)
        for flag in ("beta_1", "beta_2", "average_decay"):
            checks.below(flag, getattr(self, flag), 1.0)
        if self.epsilon <= 0.0:
            raise ValueError(
                "Expected --epsilon to be above 0. "
                f"Received: epsilon={self.epsilon}. Use for example 1e-6."
            )


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How long, how large, from where and how often something is written.

    Args:
        steps: optimizer steps of the whole run.
        batch_size: images of one micro-batch, over all replicas.
        num_accumulations: micro-batches whose gradients make one step.
        discriminator_steps: discriminator updates per generator update;
            each has its own images.
        stage: `"scratch"`, `"transfer"` (adaptor warm-up first), `"pretrain"`.
        warmup_steps: length of the transfer stage's warm-up.
        init_from: run directory or checkpoint whose networks are the start.
        seed: seed of weights, noise and data order.
        deterministic: op-level determinism, whatever it costs.
        checkpoint_every: steps between checkpoints.
        keep_checkpoints: newest checkpoints that stay, beside the best one.
        sample_every: steps between sample sheets; 0 draws none.
        evaluate_every: steps between evaluations; 0 makes none.
        best_metric: metric whose best checkpoint is kept, one of
            `BEST_METRICS`; where mfid is not measured, rc stands in for it.
        log_every: steps between log rows.
        mixed_precision: Keras dtype policy, one of `PRECISIONS`.
        jit_compile: XLA `"on"`, `"off"`, or `"auto"` by device.
        num_replicas: replicas of MirroredStrategy; 0 takes every GPU, or one
            CPU. On CPUs, k > 1 makes k logical devices.
        run_dir: where the run lives; empty numbers one under `runs_dir`.
        runs_dir: folder of numbered runs.
        name: short name of the experiment in the numbered folder.
    """

    steps: int = 100_000
    batch_size: int = 4
    num_accumulations: int = 1
    discriminator_steps: int = 1
    stage: str = "scratch"
    warmup_steps: int = 500
    init_from: str = ""
    seed: int = 0
    deterministic: bool = False
    checkpoint_every: int = 1000
    keep_checkpoints: int = 2
    sample_every: int = 500
    evaluate_every: int = 0
    best_metric: str = "mfid"
    log_every: int = 20
    mixed_precision: str = "float32"
    jit_compile: str = "auto"
    num_replicas: int = 0
    run_dir: str = ""
    runs_dir: str = "runs"
    name: str = ""

    def __post_init__(self) -> None:
        for least, names in (
            (1, ("steps", "batch_size", "num_accumulations")),
            (1, ("discriminator_steps", "checkpoint_every", "log_every")),
            (1, ("keep_checkpoints",)),
            (0, ("warmup_steps", "seed", "num_replicas")),
            (0, ("sample_every", "evaluate_every")),
        ):
            for name in names:
                checks.at_least(name, getattr(self, name), least)
        checks.choice("best_metric", self.best_metric, BEST_METRICS)
        checks.choice("stage", self.stage, STAGES)
        checks.choice("mixed_precision", self.mixed_precision, PRECISIONS)
        checks.choice("jit_compile", self.jit_compile, JIT_MODES)

    @property
    def images_per_step(self) -> int:
        """Source images that one step reads, over all replicas."""
        return (
            self.batch_size * self.num_accumulations * self.discriminator_steps
        )


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """Which prepared data set is read, and how.

    Args:
        dataset: name of a data set that `data_prep` or TFDS prepared, e.g.
            `"creatures"`; empty takes the only one in `data_dir` that fits
            the resolution.
        data_dir: folder that holds `<dataset>/[<config>/]<version>/`, or that
            prepared folder itself; `~` is the home folder.
        data_config: name of the TFDS config when several fit; empty takes
            the only one that does.
        data_source: a sentence on where the raw images come from and how to
            prepare them; printed when the prepared set is missing.
        flip: mirror images at random.
        cache: keep the encoded records in memory after the first epoch.
        shuffle_buffer: records held for shuffling.
        verify_data: compare every shard's sha256 with the manifest at start;
            of sets that TFDS wrote, decode every image instead.
        held_out_classes: names of classes that are neither sources nor
            targets, as if the data set did not have them; `evaluate
            --sources=unseen` translates from them.
    """

    dataset: str = ""
    data_dir: str = "data"
    data_config: str = ""
    data_source: str = ""
    flip: bool = True
    cache: bool = False
    shuffle_buffer: int = 10_000
    verify_data: bool = False
    held_out_classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks.at_least("shuffle_buffer", self.shuffle_buffer, 1)


NETWORKS = ("encoder", "adaptor", "generator", "discriminator")
CLASS_ROWS = ("auto", "name", "features", "mean")


@dataclasses.dataclass(frozen=True)
class TransferConfig:
    """How `--init_from` is read, and which networks do not train.

    Args:
        init_networks: networks that start from `--init_from`; empty takes
            all that it has, the encoder from a BigGAN's discriminator.
        class_map: file of lines `our class<TAB>their class` (or a comma):
            whose class row each of ours starts from, before `class_rows`.
        class_rows: rule for the other classes: `"name"` takes the row of the
            equal name, `"features"` that which the discriminator finds
            nearest to our images, `"mean"` the mean of all; `"auto"` tries
            them in this order.
        train_encoder: train the encoder too after the transfer stage's
            warm-up.
        freeze: networks that stand still in every stage.
    """

    init_networks: tuple[str, ...] = ()
    class_map: str = ""
    class_rows: str = "auto"
    train_encoder: bool = False
    freeze: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks.choice("class_rows", self.class_rows, CLASS_ROWS)
        for flag in ("init_networks", "freeze"):
            for name in getattr(self, flag):
                checks.choice(flag, name, NETWORKS)
        checks.require(
            set(self.freeze) != set(NETWORKS),
            "--freeze to leave a network that trains",
            f"freeze={','.join(self.freeze)}",
            "Take one out.",
        )
