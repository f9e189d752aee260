"""The TFDS builder that every data set here extends.

It writes what `deepi2i_tf.data` reads: `image` (uint8, PNG), `label`, `id`
and what a data set adds; it counts what it wrote and lists what it refused.
"""

import abc
import contextlib
import dataclasses
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent import futures
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image
from tqdm import tqdm

from data_prep.catalogue import Catalogue, Item
from data_prep.errors import Refusal
from data_prep.example_writer import SortedExampleWriter
from data_prep.images import read_picture

_MADE_AHEAD = 256


@dataclasses.dataclass(kw_only=True)
class PictureConfig(tfds.core.BuilderConfig):
    """One configuration, i.e. one folder below the data set's.

    Args:
        resolution: height and width of the stored pictures.
        max_refused: fraction of unreadable files that is put up with.
        min_images_per_class: written pictures that each class must reach.
    """

    resolution: int = 128
    max_refused: float = 0.01
    min_images_per_class: int = 2


def encode_png(image: np.ndarray) -> bytes:
    """Returns a PNG file.

    Args:
        image: uint8 (height, width, 3), RGB.
    """
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


class PictureBuilder(tfds.core.GeneratorBasedBuilder):
    """Writes the pictures of a catalogue.

    A subclass says what there is (`make_catalogue`) and how one picture comes
    about (`make_picture`, which raises `Refusal` with the reason when it
    cannot). After writing, `written` counts by (class name, split) and
    `refused` lists (id, reason).

    Args:
        config: what to write, and at which size.
        **kwargs: of the TFDS builder; `data_dir` is the folder below which
            `<name>/<config>/<version>/` is written.
    """

    def __init__(self, *, config: PictureConfig, **kwargs: Any):
        self.catalogue = self.make_catalogue(config)
        self.written: Counter = Counter()
        self.refused: list[tuple[str, str]] = []
        super().__init__(config=config, **kwargs)

    # More only pay where `make_picture` leaves Python's lock.
    NUM_THREADS = 1

    @classmethod
    @abc.abstractmethod
    def make_catalogue(cls, config: PictureConfig) -> Catalogue:
        """Returns what there is to write."""

    @classmethod
    def make_picture(cls, config: PictureConfig, item: Item) -> dict[str, Any]:
        """Returns `image` (uint8 (R, R, 3)) and the added features.

        This one reads the item's file, or the part of it in the item's box.
        It runs in threads, and on other machines under Beam.

        Args:
            config: of the builder.
            item: one of the catalogue's.

        Raises:
            Refusal: there is no such picture; the reason, in a few words.
        """
        return {"image": read_picture(item.path, config.resolution, item.box)}

    @classmethod
    def added_features(cls) -> dict[str, Any]:
        """Returns TFDS features beside `image`, `label` and `id`."""
        return {}

    def _info(self) -> tfds.core.DatasetInfo:
        side = self.builder_config.resolution
        names = list(self.catalogue.class_names)
        features = {
            "image": tfds.features.Image(
                shape=(side, side, 3), encoding_format="png"
            ),
            "label": tfds.features.ClassLabel(names=names),
            "id": tfds.features.Text(),
        }
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                features | self.added_features()
            ),
            supervised_keys=("image", "label"),
        )

    def _example_writer(self) -> SortedExampleWriter:
        return SortedExampleWriter(self.info.file_format)

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
        del dl_manager
        return {
            split: self._generate_examples(split) for split in ("train", "test")
        }

    def _generate_examples(self, split: str) -> Iterator[tuple[str, dict]]:
        items = self.catalogue.of_split(split)
        bar = tqdm(
            self._pictures(items),
            f"{self.name} {split}",
            total=len(items),
            unit=" images",
            mininterval=0.5,
            leave=False,
        )
        for item, example in bar:
            if isinstance(example, Refusal):
                self._refuse(item, str(example))
                continue
            class_name = self.catalogue.class_names[item.label]
            self.written[class_name, split] += 1
            yield item.id, {"label": item.label, "id": item.id} | example

    def _pictures(
        self, items: Sequence[Item]
    ) -> Iterator[tuple[Item, dict[str, Any] | Refusal]]:
        """Yields items in order, some of them being made ahead in threads."""
        with futures.ThreadPoolExecutor(self.NUM_THREADS) as pool:
            for start in range(0, len(items), _MADE_AHEAD):
                some = items[start : start + _MADE_AHEAD]
                yield from zip(some, pool.map(self._attempt, some), strict=True)

    def _attempt(self, item: Item) -> dict[str, Any] | Refusal:
        try:
            example = self.make_picture(self.builder_config, item)
        except Refusal as reason:
            return reason
        png = io.BytesIO(encode_png(example["image"]))
        return example | {"image": png}

    def _refuse(self, item: Item, reason: str) -> None:
        self.refused.append((item.id, reason))
        share = self.builder_config.max_refused
        if len(self.refused) > share * len(self.catalogue.items):
            raise Refusal(
                f"Expected at most {share:.3g} of {len(self.catalogue.items)} "
                f"files to be unreadable (--max_refused). Received: "
                f"{len(self.refused)} so far, the last one {item.id} "
                f"({reason}). Repair or remove them, or raise --max_refused."
            )

    def check_written(self) -> None:
        """Raises `Refusal` when a class ended with too few pictures."""
        least = self.builder_config.min_images_per_class
        for name in self.catalogue.class_names:
            train, test = (
                self.written[name, "train"],
                self.written[name, "test"],
            )
            if train + test < least or not train or not test:
                raise Refusal(
                    f"Expected at least {least} readable images of {name}, "
                    f"some of them for testing. Received: {train} for "
                    f"training, {test} for testing. Add images or remove "
                    "the class."
                )

    def write_shards(self, num_shards: int) -> None:
        """Writes both splits below the builder's `data_dir`.

        Args:
            num_shards: of each split; fewer when a split has fewer pictures.
        """
        spare = int(self.builder_config.max_refused * len(self.catalogue.items))
        smallest = min(
            len(self.catalogue.of_split(split)) for split in ("train", "test")
        )
        tfds.disable_progress_bar()
        # TFDS announces the folder it writes to, which is not the final one.
        with contextlib.redirect_stdout(io.StringIO()):
            self.download_and_prepare(
                download_config=tfds.download.DownloadConfig(
                    num_shards=max(1, min(num_shards, smallest - spare)),
                    try_download_gcs=False,
                )
            )
