"""Has shards made in this process, one after the other, with a progress bar."""

from collections.abc import Callable, Sequence

from tqdm import tqdm

from data_prep.writing.shards import Outcome, ShardMaker, ShardPlan


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
    with tqdm(total=total, unit=" images", mininterval=0.5, leave=False) as bar:

        def tell(outcome: Outcome) -> None:
            bar.update(outcome.written.total() + len(outcome.refused))
            take(outcome)

        for plan in plans:
            bar.set_description(f"{plan.split} shard {plan.index + 1}")
            maker.make_shard(plan, tell)
