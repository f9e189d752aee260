"""Has shards made in this process, one after the other, with a progress bar."""

from collections.abc import Callable, Sequence

from data_prep.writing.shards import Outcome, ShardMaker, ShardPlan
from deepi2i_tf.utils.progress import progress_bar


def run_here(
    maker: ShardMaker,
    plans: Sequence[ShardPlan],
    take: Callable[[Outcome], None],
) -> None:
    """Makes every shard; see `picture_builder.RunShards`.

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
