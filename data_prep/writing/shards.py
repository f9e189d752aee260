"""Plans shards and writes them in parts, so that no work is done twice.

Which items stand in which shard goes by hash, so that classes are mixed.

A shard is made in parts of some hundred pictures. A part is a small TFRecord
file with a note of what became of its items. Both are written beside and
renamed; a part that is there is not made again. TFRecord files may be joined
end to end, and that is how parts become a shard. Nothing is held in memory
but the pictures that are being made, and a shard's bytes depend neither on
who makes it nor on how often that was interrupted.
"""

import dataclasses
import functools
import itertools
import json
import pathlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import Any

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import hashing

from data_prep.pictures.catalogue import Item
from data_prep.pictures.encoding import encode
from data_prep.reading.records import sorted_record
from deepi2i_tf.utils.atomic_files import atomic_file, write_text
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.progress import progress_bar

# As many pictures as may wait in memory for one that is slow to decode.
PART_SIZE = 256


@dataclasses.dataclass(frozen=True)
class ShardPlan:
    """What a shard is to hold.

    Args:
        split: `"train"` or `"test"`.
        index: its place among the shards of the split.
        items: in the order in which they are written.
        resplit: items have come or gone; see `resplit`.
    """

    split: str
    index: int
    items: tuple[Item, ...]
    resplit: bool = False

    @property
    def stem(self) -> str:
        """Name of its files while they are being made."""
        mark = "-resplit" if self.resplit else ""
        return f"{self.split}-{self.index:05d}{mark}"


def plan_shards(
    split: str, items: Sequence[Item], num_shards: int
) -> list[ShardPlan]:
    """Returns the shards of a split, of equal sizes but for one item.

    Order and sizes are those that TFDS's own writer gives: by hash, salted
    with the split's name.

    Raises:
        ValueError: two items have the same id.
    """
    hasher = hashing.Hasher(split)
    ordered = sorted(items, key=lambda item: hasher.hash_key(item.id))
    for item, following in itertools.pairwise(ordered):
        if item.id == following.id:
            raise ValueError(f"Expected ids to be unique. Received: {item.id}.")
    ends = [
        round(len(ordered) * index / num_shards)
        for index in range(num_shards + 1)
    ]
    return [
        ShardPlan(split, index, tuple(ordered[ends[index] : ends[index + 1]]))
        for index in range(num_shards)
    ]


@dataclasses.dataclass
class Outcome:
    """What became of some items.

    Args:
        written: examples by label.
        refused: (id, reason) of the others.
    """

    written: Counter = dataclasses.field(default_factory=Counter)
    refused: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Adds what became of other items."""
        self.written.update(other.written)
        self.refused.extend(other.refused)

    def to_json(self) -> str:
        """Returns this as JSON."""
        return json.dumps(
            {"written": sorted(self.written.items()), "refused": self.refused}
        )

    @classmethod
    def from_json(cls, text: str) -> "Outcome":
        """Inverse of `to_json`."""
        values = json.loads(text)
        return cls(
            Counter(dict(map(tuple, values["written"]))),
            [tuple(row) for row in values["refused"]],
        )


@dataclasses.dataclass(frozen=True)
class ShardMaker:
    """Makes the shards of one preparation; may be sent to other processes.

    Args:
        make: `PictureBuilder.make_picture` of the data set with its
            configuration bound: item -> example, or a `UserError`.
        features: the TFDS features of the examples.
        encoding: of the pictures.
        num_threads: in which pictures are made.
        folder: of parts and shards, seen by every process under this path.
    """

    make: Callable[[Item], dict[str, Any]]
    features: tfds.features.FeaturesDict
    encoding: str
    num_threads: int
    folder: pathlib.Path

    def path_of(self, plan: ShardPlan) -> pathlib.Path:
        """Returns where a finished shard lies."""
        return self.folder / f"{plan.stem}.tfrecord"

    def outcome_of(self, plan: ShardPlan) -> Outcome:
        """Returns what became of a finished shard's items."""
        return _read_note(self.path_of(plan))

    def make_shard(
        self,
        plan: ShardPlan,
        tell: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        """Makes a shard, or what is missing of it."""
        shard = self.path_of(plan)
        if is_whole(shard):
            tell(_read_note(shard))
            return
        parts = []
        outcome = Outcome()
        with futures.ThreadPoolExecutor(self.num_threads) as pool:
            try:
                for number, items in enumerate(_cut(plan.items)):
                    part = self.folder / f"{plan.stem}-{number:05d}.part"
                    if not is_whole(part):
                        self._make_part(part, items, pool)
                    parts.append(part)
                    made = _read_note(part)
                    outcome.add(made)
                    tell(made)
            except BaseException:
                # What waits in line is not worth waiting for.
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        write_whole(shard, _joined(parts), outcome)
        for part in parts:
            _note_of(part).unlink()
            part.unlink()

    def _make_part(
        self,
        path: pathlib.Path,
        items: Sequence[Item],
        pool: futures.Executor,
    ) -> None:
        outcome = Outcome()

        def write(file: pathlib.Path) -> None:
            made = pool.map(self._attempt, items)
            with tf.io.TFRecordWriter(str(file)) as writer:
                for item, record in zip(items, made, strict=True):
                    if isinstance(record, UserError):
                        outcome.refused.append((item.id, str(record)))
                    else:
                        outcome.written[item.label] += 1
                        writer.write(record)

        write_whole(path, write, outcome)

    def _attempt(self, item: Item) -> bytes | UserError:
        """Returns an item's record, or why there is none."""
        try:
            example = self.make(item)
        except UserError as reason:
            return reason
        image = encode(example["image"], self.encoding)
        named = {"label": item.label, "id": item.id}
        encoded = self.features.encode_example(
            named | example | {"image": image}
        )
        return sorted_record(self._serializer.serialize_example(encoded))

    @functools.cached_property
    def _serializer(self) -> tfds.core.ExampleSerializer:
        return tfds.core.ExampleSerializer(self.features.get_serialized_info())


def _cut(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), PART_SIZE):
        yield items[start : start + PART_SIZE]


def _note_of(path: pathlib.Path) -> pathlib.Path:
    return path.with_name(path.name + ".json")


def is_whole(path: pathlib.Path) -> bool:
    """Whether a shard or part is there, and a note of what is in it."""
    # The note is written last.
    return path.exists() and _note_of(path).exists()


def _read_note(path: pathlib.Path) -> Outcome:
    return Outcome.from_json(_note_of(path).read_text(encoding="utf-8"))


def _joined(parts: Sequence[pathlib.Path]) -> Callable[[pathlib.Path], None]:
    def write(file: pathlib.Path) -> None:
        with open(file, "wb") as whole:
            for part in parts:
                with open(part, "rb") as piece:
                    shutil.copyfileobj(piece, whole, 1 << 20)

    return write


def write_whole(
    path: pathlib.Path, write: Callable[[pathlib.Path], None], outcome: Outcome
) -> None:
    """Writes a file and then its note, each of them whole or not at all."""
    with atomic_file(path) as beside:
        write(beside)
    write_text(_note_of(path), outcome.to_json())


def run_here(
    maker: ShardMaker,
    plans: Sequence[ShardPlan],
    take: Callable[[Outcome], None],
) -> None:
    """Makes every shard in this process, one after the other.

    Raises:
        UserError: `take` has had enough.
    """
    total = sum(len(plan.items) for plan in plans)
    with progress_bar("images", total) as bar:

        def tell(outcome: Outcome) -> None:
            bar.update(outcome.written.total() + len(outcome.refused))
            take(outcome)

        for plan in plans:
            where = f"{plan.split} shard {plan.index + 1}"
            bar.set_postfix_str(where, refresh=False)
            maker.make_shard(plan, tell)
