from collections import Counter

import pytest

from data_prep.pictures.catalogue import Item
from data_prep.writing.local_run import run_here
from data_prep.writing.shards import Outcome, plan_shards
from deepi2i_tf.utils.errors import UserError

ITEMS = [Item(str(index), 0, "train") for index in range(10)]


class Maker:
    """Writes nothing; a part is a shard."""

    def __init__(self):
        self.made = []

    def make_shard(self, plan, tell):
        self.made.append(plan.index)
        written = Counter({0: len(plan.items) - 1})
        tell(Outcome(written, [(plan.stem, "broken")]))


def test_shards_are_made_in_order_and_told(capsys):
    maker, message = Maker(), []
    run_here(maker, plan_shards("train", ITEMS, 3), message.append)
    assert maker.made == [0, 1, 2]
    assert [outcome.refused[0][0] for outcome in message] == [
        "train-00000",
        "train-00001",
        "train-00002",
    ]
    # The bar is for a person and is wiped at the end.
    assert capsys.readouterr().out == ""


def test_it_ends_when_told_to():
    def enough(outcome):
        raise UserError("enough")

    maker = Maker()
    with pytest.raises(UserError, match="enough"):
        run_here(maker, plan_shards("train", ITEMS, 3), enough)
    assert maker.made == [0]
