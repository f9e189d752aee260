"""Makes a tiny picture of an item; where other processes can import it."""

import numpy as np


def image_of_item(item):
    return {"image": np.full((4, 4, 3), int(item.id) % 256, np.uint8)}
