"""Which prepared data set a run reads, and how."""

import dataclasses

from deepi2i_tf import bounds


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
        bounds.at_least("shuffle_buffer", self.shuffle_buffer, 1)
