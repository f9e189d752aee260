import numpy as np
from PIL import Image

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.data import find_prepared
from deepi2i_tf.training.sample_sheets import SampleSheets

CONFIG = Config(network=NetworkConfig(resolution=32, num_classes=3, dim_z=16))


def make(data_dir, folder):
    prepared = find_prepared(data_dir, "creatures", 32)
    return prepared, SampleSheets(folder, prepared, CONFIG)


def test_every_sheet_has_the_same_sources_z_and_targets(data_dir, tmp_path):
    calls = []

    def translator(images, z, labels, training):
        assert training is False
        calls.append((images, z, labels))
        return images

    prepared, sheets = make(data_dir, tmp_path)
    path, image = sheets.draw(translator, 5)
    again, _ = sheets.draw(translator, 500)
    assert (path.name, again.name) == ("step-000005.png", "step-000500.png")
    assert image.dtype == np.uint8
    assert len(calls) == 2
    for one, other in zip(*calls, strict=True):
        np.testing.assert_array_equal(one, other)
    images, z, labels = calls[0]
    rows = len(images) // 3
    assert rows >= 2
    assert images.shape == (3 * rows, 32, 32, 3) and len(z) == 3 * rows
    assert images.min() >= -1.0 and images.max() <= 1.0
    assert labels.tolist() == [0, 1, 2] * rows
    np.testing.assert_array_equal(images[0], images[2])
    np.testing.assert_array_equal(z[0], z[2])
    assert np.any(z[2] != z[3])
    other = make(data_dir, tmp_path)[1]
    other.draw(translator, 5)
    np.testing.assert_array_equal(calls[0][1], calls[2][1])


def test_real_images_are_shown_by_class(data_dir, tmp_path):
    prepared, sheets = make(data_dir, tmp_path)
    with Image.open(sheets.draw_real(prepared)) as sheet:
        assert sheet.width >= 3 * 96
