import hashlib

import numpy as np
import pytest

from data_prep.creatures import drawing
from data_prep.creatures.drawing import Background, Pose, draw, sample_scene
from data_prep.creatures.species import SPECIES

GREY = Background(((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), (0.0, 0.0))
MIDDLE = Pose(0.0, 0.0, 1.0, 0.0, 0.0)
PANDA = SPECIES[2]


def test_the_same_seed_draws_the_same_bytes():
    digest = hashlib.sha256()
    for index, kind in enumerate(SPECIES):
        digest.update(draw(kind, *sample_scene(7, index), 32).tobytes())
    # Recorded once; the same on every machine, see `shapes`.
    assert (
        digest.hexdigest()
        == "9987d440054a338b50ea4afb0a7d1ea248bfad1017ed72d1fe24620cf246b75c"
    )


def test_scene_depends_on_seed_and_index_alone():
    assert sample_scene(0, 5) == sample_scene(0, 5)
    assert sample_scene(0, 5) != sample_scene(1, 5)
    assert sample_scene(0, 5) != sample_scene(0, 6)


def test_poses_fill_their_ranges_evenly():
    poses = np.stack([sample_scene(0, i)[0].to_array() for i in range(2000)])
    assert poses.dtype == np.float32
    for column, (low, high) in zip(
        poses.T, drawing.POSE_RANGES.values(), strict=True
    ):
        assert low <= column.min() and column.max() <= high
        # Standard error of a uniform mean over 2000: 0.0065 of the range.
        spread = high - low
        assert column.mean() == pytest.approx((low + high) / 2, abs=spread / 40)
    off_diagonal = np.corrcoef(poses.T) - np.eye(5)
    assert np.abs(off_diagonal).max() < 0.1


def head_center(pose, resolution=64):
    """Mean place of what differs from the background."""
    image = draw(PANDA, pose, GREY, resolution).astype(int)
    rows, columns = np.nonzero(np.abs(image - 128).max(-1) > 20)
    return (
        columns.mean() / resolution - 0.5,
        rows.mean() / resolution - 0.5,
        len(rows) / resolution**2,
    )


def test_position_and_scale_are_where_the_pose_says():
    x, y, area = head_center(MIDDLE)
    right, down, _ = head_center(Pose(0.125, 0.0625, 1.0, 0.0, 0.0))
    assert right - x == pytest.approx(0.125, abs=0.005)
    assert down - y == pytest.approx(0.0625, abs=0.005)
    _, _, small = head_center(Pose(0.0, 0.0, 0.7, 0.0, 0.0))
    assert small / area == pytest.approx(0.49, abs=0.04)


def test_positive_roll_is_clockwise():
    # The ears lie above the centre, so they move to the right.
    x, _, _ = head_center(Pose(0.0, 0.0, 1.0, 0.5, 0.0))
    assert x > 0.005


def test_positive_yaw_looks_to_the_right():
    face = draw(PANDA, Pose(0.0, 0.0, 1.0, 0.0, 0.6), GREY, 64).astype(int)
    head = draw(PANDA, MIDDLE, GREY, 64).astype(int)
    assert (face < 80).all(-1)[20:40, 22:42].any()
    columns = np.nonzero((face < 80).all(-1)[28:36, 20:44])[1]
    middle = np.nonzero((head < 80).all(-1)[28:36, 20:44])[1]
    assert columns.mean() > middle.mean() + 1


def test_sizes_show_the_same_picture():
    small = draw(PANDA, MIDDLE, GREY, 32).astype(float)
    large = draw(PANDA, MIDDLE, GREY, 128).astype(float)
    reduced = large.reshape(32, 4, 32, 4, 3).mean((1, 3))
    # Edges are softened over one pixel of either size.
    assert np.abs(small - reduced).mean() < 3


def test_edges_are_smooth():
    image = draw(PANDA, MIDDLE, GREY, 64)
    assert len(np.unique(image[..., 0])) > 60


def test_background_is_a_gradient():
    background = Background(((0.0, 0.2, 0.4), (1.0, 0.2, 0.4)), (1.0, 0.0))
    image = draw(PANDA, MIDDLE, background, 64)
    assert image[0, 0, 0] < image[0, 32, 0] < image[0, 63, 0]
    assert (image[0, :, 1] == 51).all()
