import numpy as np
from PIL import Image

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.training.class_sheets import COLUMNS, ClassSheets
from tests.evaluation import disc_set

CONFIG = Config(network=NetworkConfig(resolution=32, num_classes=3, dim_z=16))


def test_every_sheet_has_a_row_of_the_same_z_for_each_class(tmp_path):
    calls = []

    def generator(z, labels, training):
        assert training is False
        calls.append((z, labels))
        shade = labels[:, None, None, None] / 2.0
        return np.broadcast_to(shade, (len(z), 32, 32, 3)).astype(np.float32)

    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    for _ in range(2):
        sheets = ClassSheets(tmp_path, prepared, CONFIG)
        path, image = sheets.draw(generator, 5)
    assert path.name == "step-000005.png"
    with Image.open(path) as saved:
        np.testing.assert_array_equal(np.asarray(saved.convert("RGB")), image)
    assert len(calls) == 2 * 3
    for row, (z, labels) in enumerate(calls):
        np.testing.assert_array_equal(z, calls[0][0])
        assert labels.tolist() == [row % 3] * COLUMNS
    assert np.ptp(calls[0][0], axis=0).all()
