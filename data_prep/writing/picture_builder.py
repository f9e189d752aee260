"""The TFDS builder that every data set here extends.

It writes what `deepi2i_tf.data` reads: `image` (uint8), `label`, `id` and what
a data set adds; it counts what it wrote and lists what it refused.
"""

import abc
import contextlib
import dataclasses
import functools
import io
import os
import pathlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow_datasets as tfds
from PIL import ImageColor

from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.encoding import image_feature
from data_prep.pictures.images import read_picture
from data_prep.writing.resplit import resplit
from data_prep.writing.shards import Outcome, ShardMaker, ShardPlan, plan_shards
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit

SPLITS = ("train", "test")

# (maker, plans, take): has every shard made and tells `take` what became of
# its items.
RunShards = Callable[
    [ShardMaker, Sequence[ShardPlan], Callable[[Outcome], None]], None
]


@dataclasses.dataclass(kw_only=True)
class PictureConfig(tfds.core.BuilderConfig):
    """One configuration, i.e. one folder below the data set's.

    Args:
        resolution: height and width of the stored pictures.
        encoding: how they are stored, one of `encoding.ENCODINGS`.
        max_refused: fraction of unreadable files that is put up with.
        min_images_per_class: written pictures that each class must reach.
        fit: how photos become squares.
        work_dir: folder that lives as long as the preparation, interruptions
            included; given by whoever prepares.
    """

    resolution: int = 128
    encoding: str = "raw"
    max_refused: float = 0.01
    min_images_per_class: int = 2
    fit: Fit = CROP
    work_dir: str = ""


def photo_settings(flags: Mapping[str, Any], **marks: bool) -> dict[str, Any]:
    """Returns arguments of a `PictureConfig`, its name among them.

    Args:
        flags: `resolution`, `fit`, `pad_color`, `max_refused` and
            `min_images_per_class`.
        **marks: what changes the content beside the resolution; those that
            hold join the name.

    Example:
        >>> photo_settings(flags, upstream=True, named=False)["name"]
        "r128_upstream"
    """
    fit = fit_from(flags)
    names = (f"r{flags['resolution']}", *filter(None, [fit.name]))
    names += tuple(mark for mark, on in marks.items() if on)
    shared = ("resolution", "max_refused", "min_images_per_class")
    named = {"name": "_".join(names), "fit": fit}
    return named | {name: flags[name] for name in shared}


def fit_from(flags: Mapping[str, Any]) -> Fit:
    """Returns the fit that the flags of `prepare` ask for.

    Raises:
        UserError: the colour is none, or not wanted.
    """
    color = flags["pad_color"]
    if color and flags["fit"] != "pad":
        raise UserError(
            f"Expected --pad_color with --fit=pad only. Received: "
            f"--fit={flags['fit']}. Leave the colour out."
        )
    try:
        pad_color = ImageColor.getrgb(color or "white")[:3]
    except ValueError:
        raise UserError(
            "Expected --pad_color to be a colour such as white or #c0ffee. "
            f"Received: {color!r}. Choose one."
        ) from None
    return Fit(flags["fit"], pad_color)


class PictureBuilder(tfds.core.ShardBasedBuilder):
    """Writes the pictures of a catalogue.

    A subclass says what there is (`make_catalogue`) and how one picture comes
    about (`make_picture`, which raises `UserError` with the reason when it
    cannot). After writing, `written` counts by (class name, split) and
    `refused` lists (id, reason).

    Args:
        config: what to write, and at which size.
        catalogue: what there is; made where it is not given.
        **kwargs: of the TFDS builder; `data_dir` is the folder below which
            `<name>/<config>/<version>/` is written.
    """

    # Pillow and HDF5 leave Python's lock while they work; where `make_picture`
    # keeps it, more than one thread does not pay.
    NUM_THREADS = os.cpu_count() or 1

    def __init__(
        self,
        *,
        config: PictureConfig,
        catalogue: Catalogue | None = None,
        **kwargs: Any,
    ):
        self.catalogue = catalogue or self.make_catalogue(config)
        self.written: Counter = Counter()
        self.refused: list[tuple[str, str]] = list(self.catalogue.refused)
        self._num_shards = 1
        self._run: RunShards | None = None
        super().__init__(config=config, **kwargs)

    @classmethod
    @abc.abstractmethod
    def make_catalogue(cls, config: PictureConfig) -> Catalogue:
        """Returns what there is to write."""

    @classmethod
    def set_up(cls, config: PictureConfig) -> None:
        """Does once what must be done before the first picture is made."""

    @classmethod
    def make_picture(cls, config: PictureConfig, item: Item) -> dict[str, Any]:
        """Returns `image` (uint8 (R, R, 3)) and the added features.

        This one reads the item's file, or the part of it in the item's box.
        It runs in threads, and on other machines under Beam.

        Raises:
            UserError: there is no such picture; the reason, in a few words.
        """
        image = read_picture(item.path, config.resolution, item.box, config.fit)
        return {"image": image}

    @classmethod
    def added_features(cls, config: PictureConfig) -> dict[str, Any]:
        """Returns TFDS features beside `image`, `label` and `id`."""
        del config  # Most sets have none.
        return {}

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        names = list(self.catalogue.class_names)
        features = {
            "image": image_feature(config.encoding, config.resolution),
            "label": tfds.features.ClassLabel(names=names),
            "id": tfds.features.Text(),
        }
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                features | self.added_features(config)
            ),
            supervised_keys=("image", "label"),
        )

    def _shard_iterators_per_split(self, dl_manager: Any) -> dict[str, Any]:
        # TFDS's own way keeps a shard in memory; see `shards`.
        raise NotImplementedError

    def _download_and_prepare(
        self, dl_manager: Any, download_config: Any = None
    ) -> None:
        del dl_manager, download_config
        config = self.builder_config
        work = pathlib.Path(config.work_dir)
        self.set_up(config)
        maker = ShardMaker(
            functools.partial(self.make_picture, config),
            self.info.features,
            config.encoding,
            self.NUM_THREADS,
            work,
        )
        plans = [plan for split in SPLITS for plan in self._plan(split)]
        self._run(maker, plans, self._take)
        # Behind what the catalogue refused, an item listed twice for one.
        unreadable = self.refused[len(self.catalogue.refused) :]
        moves = self.catalogue.moves({name for name, _ in unreadable})
        plans = resplit(maker, plans, moves)
        self.refused.sort()
        self.info.set_splits(
            tfds.core.SplitDict(
                [self._finish_split(maker, plans, split) for split in SPLITS]
            )
        )

    def _plan(self, split: str) -> list[ShardPlan]:
        items = self.catalogue.of_split(split)
        return plan_shards(split, items, min(self._num_shards, len(items)))

    def _take(self, outcome: Outcome) -> None:
        """Counts refusals while they come, to end where they are too many."""
        self.refused.extend(outcome.refused)
        share = self.builder_config.max_refused
        listed = len(self.catalogue.items) + len(self.catalogue.refused)
        if len(self.refused) > share * listed:
            name, reason = self.refused[-1]
            raise UserError(
                f"Expected at most {share:.3g} of {listed} "
                f"files to be unreadable (--max_refused). Received: "
                f"{len(self.refused)} so far, the last one {name} "
                f"({reason}). Repair or remove them, or raise --max_refused."
            )

    def _finish_split(
        self, maker: ShardMaker, plans: Sequence[ShardPlan], split: str
    ) -> tfds.core.SplitInfo:
        """Counts and moves the shards of a split that are not empty."""
        template = self._get_filename_template(split_name=split)
        lengths, paths = [], []
        for plan in plans:
            if plan.split != split:
                continue
            written = maker.outcome_of(plan).written
            for label, count in written.items():
                name = self.catalogue.class_names[label]
                self.written[name, split] += count
            if written:
                lengths.append(written.total())
                paths.append(maker.path_of(plan))
        num_bytes = sum(path.stat().st_size for path in paths)
        for path, place in zip(
            paths, template.sharded_filepaths(len(paths)), strict=True
        ):
            path.rename(place)
        return tfds.core.SplitInfo(
            name=split,
            shard_lengths=lengths,
            num_bytes=num_bytes,
            filename_template=template,
        )

    def check_written(self) -> None:
        """Raises `UserError` when a class ended with too few pictures."""
        least = self.builder_config.min_images_per_class
        for name in self.catalogue.class_names:
            train, test = (self.written[name, split] for split in SPLITS)
            if train + test < least or not train or not test:
                raise UserError(
                    f"Expected at least {least} readable images of {name}, "
                    f"some of them for testing. Received: {train} for "
                    f"training, {test} for testing. Add images or remove "
                    "the class."
                )

    def write_shards(self, num_shards: int, run: RunShards) -> None:
        """Writes both splits below the builder's `data_dir`."""
        self._num_shards, self._run = num_shards, run
        tfds.disable_progress_bar()
        # TFDS announces the folder it writes to, which is not the final one.
        with contextlib.redirect_stdout(io.StringIO()):
            self.download_and_prepare(
                download_config=tfds.download.DownloadConfig(
                    try_download_gcs=False
                )
            )
