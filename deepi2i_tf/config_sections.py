"""The sections of a configuration, each a frozen, validated dataclass.

Every error says what was expected, what came, and what to do. The `Args` of
the docstrings are also the help texts of the flags.
"""

import dataclasses

from deepi2i_tf import bounds

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
        bounds.at_least("num_classes", self.num_classes, 0)
        if self.num_classes == 1:
            raise ValueError(
                "Expected --num_classes to be at least 2. Received: "
                "num_classes=1. A translator needs classes to translate "
                "between: add one."
            )
        bounds.at_least("ch", self.ch, 1)
        bounds.at_least("dim_z", self.dim_z, 8)
        bounds.at_least("shared_dim", self.shared_dim, 1)
        bounds.choice("adaptor", self.adaptor, ADAPTORS)
        bounds.map_sizes("attention_resolutions", self.attention_resolutions)
        bounds.one_each(
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
        bounds.choice("loss", self.loss, LOSSES)
        bounds.choice("reconstruction", self.reconstruction, RECONSTRUCTIONS)
        bounds.one_each(
            "reconstruction_weights",
            self.reconstruction_weights,
            FEATURE_RESOLUTIONS,
        )
        bounds.at_least("orthogonal", self.orthogonal, 0.0)
        bounds.at_least("r1", self.r1, 0.0)
        bounds.at_least("r1_every", self.r1_every, 1)


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
            bounds.at_least(flag, getattr(self, flag), 0.0)
        for flag in ("beta_1", "beta_2", "average_decay"):
            bounds.below(flag, getattr(self, flag), 1.0)
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
                bounds.at_least(name, getattr(self, name), least)
        bounds.choice("best_metric", self.best_metric, BEST_METRICS)
        bounds.choice("stage", self.stage, STAGES)
        bounds.choice("mixed_precision", self.mixed_precision, PRECISIONS)
        bounds.choice("jit_compile", self.jit_compile, JIT_MODES)

    @property
    def images_per_step(self) -> int:
        """Source images that one step reads, over all replicas."""
        return (
            self.batch_size * self.num_accumulations * self.discriminator_steps
        )
