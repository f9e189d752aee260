from data_prep.pictures.split import assign_splits

NAMES = [f"photo{index}" for index in range(400)]
LABELS = [index % 4 for index in range(400)]


def test_a_tenth_of_every_class_is_for_testing():
    splits = assign_splits(NAMES, LABELS)
    for label in range(4):
        own = [
            s for s, is_of in zip(splits, LABELS, strict=True) if is_of == label
        ]
        assert own.count("test") == 10


def test_the_smallest_class_has_both_splits():
    assert sorted(assign_splits(["a", "b"], [0, 0])) == ["test", "train"]


def test_order_of_the_listing_does_not_matter():
    forward = dict(zip(NAMES, assign_splits(NAMES, LABELS), strict=True))
    backward = assign_splits(NAMES[::-1], LABELS[::-1])
    assert dict(zip(NAMES[::-1], backward, strict=True)) == forward


def test_crops_of_one_photo_stay_together():
    identities = [f"photo{index // 2}" for index in range(200)]
    labels = [index % 2 for index in range(200)]
    splits = assign_splits(identities, labels)
    assert splits[::2] == splits[1::2]
    assert 5 <= splits[::2].count("test") <= 15


def test_a_rare_class_shared_with_a_common_one_is_tested():
    identities = [*NAMES[:100], "photo0", "photo1"]
    splits = assign_splits(identities, [0] * 100 + [1, 1])
    assert splits[100:].count("test") >= 1
