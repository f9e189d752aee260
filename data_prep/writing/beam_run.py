"""Has shards made by Apache Beam: on threads, processes or machines.

A shard is one piece of work, so `--num_shards` is also how many workers can
have something to do. Parts and shards go through the folder of the
preparation, which every worker must see under the same path, as it must see
the raw pictures; what is there already is not made again.
"""

from collections.abc import Callable, Sequence

import apache_beam as beam

from data_prep.writing.picture_builder import RunShards
from data_prep.writing.shards import Outcome, ShardMaker, ShardPlan
from deepi2i_tf.utils.beam_options import parse_beam_options


def beam_run(flags: str) -> RunShards:
    """Returns a way to run shards through a Beam pipeline.

    Args:
        flags: the runner and its options, as on a command line, e.g.
            `"--runner=DirectRunner --direct_num_workers=2"`.

    Raises:
        UserError: the flags are not of Beam's form.
    """
    options = parse_beam_options(flags)

    def run(
        maker: ShardMaker,
        plans: Sequence[ShardPlan],
        take: Callable[[Outcome], None],
    ) -> None:
        with beam.Pipeline(options=options) as pipeline:
            _ = (
                pipeline
                | "Plans" >> beam.Create(list(plans))
                # Else a runner may fuse all shards into one worker's work.
                | "Spread" >> beam.Reshuffle()
                | "Make" >> beam.Map(maker.make_shard)
            )
        for plan in plans:
            take(maker.outcome_of(plan))

    return run
