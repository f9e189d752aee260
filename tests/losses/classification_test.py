import numpy as np

from deepi2i_tf.losses.classification import classification_loss


def test_cross_entropy_by_hand():
    logits = np.log([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]]).astype(np.float32)
    loss = classification_loss(logits + 5.0, np.array([2, 1], np.int32))
    np.testing.assert_allclose(loss, -np.log([0.5, 0.2]), rtol=1e-5)
