"""Where networks start from, and which stand still: knowledge transfer.

arXiv 2011.05867, section 3.3 and the ablations of section 4.
"""

import dataclasses

from deepi2i_tf import bounds

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
        bounds.choice("class_rows", self.class_rows, CLASS_ROWS)
        for flag in ("init_networks", "freeze"):
            for name in getattr(self, flag):
                bounds.choice(flag, name, NETWORKS)
        bounds.require(
            set(self.freeze) != set(NETWORKS),
            "--freeze to leave a network that trains",
            f"freeze={','.join(self.freeze)}",
            "Take one out.",
        )
