"""How numbers came about: printed with them, and part of `metrics.json`.

Every source of the test split is translated into every class, its own among
them. So a translator that ignores the target class, or one that copies its
source, has an RC of 1 / classes, and a copier keeps the pose as well as the
regressor can read it. `rc_changed` leaves out the pairs whose target is the
source's own class: a copier has 0 there.

mFID and mKID compare the translations into a class with its real images, by
default with those of the training split: they are many, and none of them is
a source. FID falls as images are added, on either side; that is why the
protocol says how many there were.
"""

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.distances import DIVERSITY_REALS
from deepi2i_tf.evaluation.feature_extractor import FeatureExtractor
from deepi2i_tf.evaluation.images.labelled_images import (
    TEST,
    TRAIN,
    LabelledImages,
    RealImages,
)


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the protocol is written from.

    Args:
        data: the real images.
        config: how it is measured.
        extractor: reference models and feature network.
        reference_key: which reference models.
        sources: the sources, or None for translations of unknown origin.
        num_test: real test images of RC's and FC's classifiers.
        num_translations: translations into each class.
        num_reals: real images of each class that distances are measured to.
        without_distances: labels of the classes that are too small for them.
        num_for_fc: translations that FC's classifier learned; 0 without.
        num_pairs: pairs among the sources; 0 where the set has none.
        num_answered: sources that were compared with their right answers,
            added up over the classes.
    """

    data: LabelledImages
    config: EvaluationConfig
    extractor: FeatureExtractor
    reference_key: str
    sources: RealImages | None
    num_test: int
    num_translations: Sequence[int]
    num_reals: Sequence[int]
    without_distances: Collection[int]
    num_for_fc: int
    num_pairs: int = 0
    num_answered: int = 0


def describe_protocol(facts: Facts) -> dict[str, Any]:
    """The protocol of a measurement, but for where the model comes from."""
    config, data = facts.config, facts.data
    message: dict[str, Any] = {"data": data.path}
    if facts.sources is not None:
        message |= {
            "split": TEST,
            "num_sources": len(facts.sources),
            "num_sources_asked": config.num_images,
            "num_z": config.num_z,
        }
    message |= {
        "num_targets": data.num_classes,
        "num_translations": sum(facts.num_translations),
        "translations_per_class": _range_text(facts.num_translations),
        "seed": config.seed,
        "batch_size": config.batch_size,
        "judge": facts.reference_key,
        "judge_split": TRAIN,
        "judge_recipe": dataclasses.asdict(config.reference_training),
        "num_test_reals": facts.num_test,
    }
    if facts.without_distances:
        message["without_distances"] = ", ".join(
            data.class_names[label] for label in facts.without_distances
        )
    if len(facts.without_distances) < data.num_classes:
        message |= _distances(facts)
    if facts.num_for_fc:
        message["fc"] = (
            f"the recipe of RC's classifier, trained on {facts.num_for_fc} "
            f"translations, tested on {facts.num_test} real images"
        )
    return message | _truth(facts)


def _truth(facts: Facts) -> dict[str, Any]:
    if not facts.num_answered:
        return {}
    return {
        "num_pairs": facts.num_pairs,
        "truth": (
            f"{facts.num_answered} pairs of a source and a class other than "
            "its own, beside the test image of its pair and that class; kept "
            "against a test image of the class and another pair, gained "
            "against the source"
        ),
    }


def _distances(facts: Facts) -> dict[str, Any]:
    config, extractor = facts.config, facts.extractor
    message = {
        "features": f"{extractor.name}, {extractor.dimensions} dimensions",
        "features_sha256": extractor.sha256,
        "reals_split": config.reals_split,
        "reals_per_class": _range_text(facts.num_reals),
        "kid": "unbiased, cubic kernel, whole sets: no subsets are drawn",
    }
    if extractor.sha256 is None:
        del message["features_sha256"]
    if config.reals_split == TEST and facts.sources is not None:
        message["reals_split"] = f"{TEST}; sources are among them"
    if facts.sources is not None and config.diversity_sources:
        num_sources = min(config.diversity_sources, len(facts.sources))
        message["diversity"] = (
            f"{num_sources} sources with {config.diversity_z} z each, beside "
            f"up to {DIVERSITY_REALS} real images of each class"
        )
    return message


def _range_text(counts: Sequence[int]) -> int | str:
    least, most = int(min(counts)), int(max(counts))
    return least if least == most else f"{least} to {most}"
