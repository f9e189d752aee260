import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.creatures import creatures_dataset_builder as creatures
from data_prep.creatures.drawing import draw, sample_scene
from data_prep.creatures.species import SPECIES
from deepi2i_tf.utils.errors import UserError

FLAGS = {
    "resolution": 32,
    "first_class": 0,
    "num_classes": 8,
    "num_images": 8000,
    "seed": 3,
    "min_images_per_class": 2,
}


def test_the_name_says_it_all():
    assert creatures.config_from(FLAGS).name == "r32_c8_n8000_s3"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ({"num_classes": 1000}, "--num_classes"),
        ({"first_class": 190}, "less --first_class. Received: 8 from 190"),
        ({"num_images": 9}, "--num_images"),
    ],
)
def test_what_cannot_be_drawn_is_refused(flags, named):
    with pytest.raises(UserError, match=named):
        creatures.config_from(FLAGS | flags)


def test_classes_are_even_and_sorted():
    config = creatures.config_from(FLAGS)
    catalogue = creatures.Builder.make_catalogue(config)
    assert list(catalogue.class_names) == sorted(
        kind.name for kind in SPECIES[:8]
    )
    labels = [item.label for item in catalogue.items]
    assert np.bincount(labels).tolist() == [1000] * 8
    tested = [item.label for item in catalogue.of_split("test")]
    assert np.bincount(tested).tolist() == [100] * 8


def test_the_first_species_may_be_left_out():
    config = creatures.config_from(FLAGS | {"first_class": 100})
    assert config.name == "r32_c8_n8000_s3_f100"
    catalogue = creatures.Builder.make_catalogue(config)
    assert list(catalogue.class_names) == sorted(
        kind.name for kind in SPECIES[100:108]
    )
    all_first = creatures.Builder.make_catalogue(creatures.config_from(FLAGS))
    assert catalogue.source_sha256 != all_first.source_sha256
    item = catalogue.items[3]
    kind = next(k for k in SPECIES if k.name == catalogue.class_names[3])
    scene = sample_scene(3, 3)
    np.testing.assert_array_equal(
        creatures.Builder.make_picture(config, item)["image"],
        draw(kind, *scene, 32),
    )


def test_class_and_pose_are_independent():
    poses = np.stack([sample_scene(0, i)[0].to_array() for i in range(4000)])
    labels = np.arange(4000) % 8
    means = np.stack([poses[labels == label].mean(0) for label in range(8)])
    # Standard error of a class mean of 500 uniform draws: 0.013 of the range.
    spread = np.ptp(poses, axis=0)
    assert (np.ptp(means, axis=0) / spread).max() < 0.1


def test_tfds_reads_what_was_drawn(tmp_path, prepare_creatures):
    builder = tfds.builder_from_directory(str(prepare_creatures(tmp_path)))
    assert builder.info.features["label"].names == ["panda", "rabbit", "tiger"]
    examples = list(builder.as_dataset(split="test").as_numpy_iterator())
    assert len(examples) == 3
    by_name = {kind.name: kind for kind in SPECIES}
    for example in examples:
        pose, background = sample_scene(0, int(example["id"]))
        name = builder.info.features["label"].int2str(example["label"])
        np.testing.assert_array_equal(example["pose"], pose.to_array())
        np.testing.assert_array_equal(
            example["image"], draw(by_name[name], pose, background, 16)
        )


def test_a_paired_test_split_leaves_training_as_it_was(
    tmp_path, prepare_creatures
):
    plain = prepare_creatures(tmp_path)
    paired = prepare_creatures(tmp_path, paired_test=True)
    assert paired.parent.name == f"{plain.parent.name}_paired"
    for shard in plain.glob("*-train.*"):
        assert (paired / shard.name).read_bytes() == shard.read_bytes()
    builder = tfds.builder_from_directory(str(paired))
    examples = list(builder.as_dataset(split="test").as_numpy_iterator())
    scenes = {example["pair"] for example in examples}
    trained = list(builder.as_dataset(split="train").as_numpy_iterator())
    # TFDS's own number for none.
    assert {example["pair"] for example in trained} == {np.iinfo(np.int64).min}
    assert scenes.isdisjoint(int(example["id"]) for example in trained)
    by_name = {kind.name: kind for kind in SPECIES}
    drawn = set()
    for example in examples:
        scene = sample_scene(0, int(example["pair"]))
        name = builder.info.features["label"].int2str(example["label"])
        drawn.add((example["pair"], name))
        np.testing.assert_array_equal(
            example["image"], draw(by_name[name], *scene, 16)
        )
        np.testing.assert_array_equal(example["pose"], scene[0].to_array())
    names = builder.info.features["label"].names
    assert drawn == {(scene, name) for scene in scenes for name in names}
    assert len(examples) == len(drawn)


def test_metadata_is_valid():
    metadata = creatures.Builder.get_metadata()
    valid = {
        tag.partition(" ")[0] for tag in tfds.core.dataset_metadata.valid_tags()
    }
    assert metadata.tags and set(metadata.tags) <= valid
    assert "192 species" in metadata.description
    assert "@misc" in metadata.citation
