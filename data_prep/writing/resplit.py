"""Moves records between finished shards, so that no picture is read twice.

Which pictures cannot be read is known when all have been tried. If a class is
then without training or test images, others of it change sides: their records
go from shard to shard, and the shards that change are written anew beside the
old ones. So the bytes depend on the pictures alone, and not on when the work
was interrupted.
"""

import dataclasses
import itertools
import pathlib
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from data_prep.pictures.catalogue import Item
from data_prep.writing.shards import (
    Outcome,
    ShardMaker,
    ShardPlan,
    is_whole,
    write_whole,
)


def resplit(
    maker: ShardMaker, plans: Sequence[ShardPlan], moves: Mapping[str, str]
) -> list[ShardPlan]:
    """Returns plans of shards in which moved items stand on their new sides.

    They are written here; those that nothing leaves or joins stay as they are.
    """
    leaving = {
        item.id: item
        for plan in plans
        for item in plan.items
        if item.id in moves
    }
    joining = _places(plans, moves, leaving)
    records = {
        name: record
        for plan in plans
        if not leaving.keys().isdisjoint(item.id for item in plan.items)
        for name, record in _records(maker.path_of(plan))
        if name in moves
    }
    new_plans = []
    for plan in plans:
        staying = tuple(item for item in plan.items if item.id not in moves)
        items = staying + joining[plan.stem]
        if items != plan.items:
            new = dataclasses.replace(plan, items=items, resplit=True)
            _write(maker, plan, new, records)
            plan = new
        new_plans.append(plan)
    return new_plans


def _places(
    plans: Sequence[ShardPlan],
    moves: Mapping[str, str],
    leaving: Mapping[str, Item],
) -> dict[str, tuple[Item, ...]]:
    """What joins each shard, by its stem; the shards of a split take turns."""
    joining: dict[str, tuple[Item, ...]] = {plan.stem: () for plan in plans}
    for split in set(moves.values()):
        turns = itertools.cycle(p.stem for p in plans if p.split == split)
        for name in sorted(name for name in moves if moves[name] == split):
            joining[next(turns)] += (leaving[name],)
    return joining


def _records(path: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """Yields the id and the bytes of every record of a shard."""
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        features = tf.train.Example.FromString(record).features.feature
        yield features["id"].bytes_list.value[0].decode(), record


def _write(
    maker: ShardMaker,
    old: ShardPlan,
    new: ShardPlan,
    records: Mapping[str, bytes],
) -> None:
    path = maker.path_of(new)
    if is_whole(path):
        return
    wanted = {item.id for item in new.items}

    def write(file: pathlib.Path) -> None:
        with tf.io.TFRecordWriter(str(file)) as writer:
            for name, record in _records(maker.path_of(old)):
                if name in wanted:
                    writer.write(record)
            for item in new.items:
                if item.id in records:
                    writer.write(records[item.id])

    before = maker.outcome_of(old)
    refused = {name for name, _ in before.refused}
    outcome = Outcome(refused=before.refused)
    for item in new.items:
        outcome.written[item.label] += item.id not in refused
    write_whole(path, write, outcome)
