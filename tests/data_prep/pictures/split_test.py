from data_prep.pictures.split import assign_splits, mend_splits

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


def mended(splits, usable, identities=NAMES, labels=LABELS):
    return mend_splits(identities, labels, splits, usable)


def test_what_is_unusable_moves_nothing_while_classes_keep_both_sides():
    splits = assign_splits(NAMES, LABELS)
    usable = [index % 7 > 0 for index in range(400)]
    assert mended(splits, [True] * 400) == splits
    assert mended(splits, usable) == splits


def test_the_next_photo_by_hash_takes_the_place_of_the_only_test_photo():
    names, labels = NAMES[:12], [0] * 6 + [1] * 6
    splits = assign_splits(names, labels)
    usable = [
        split == "train" or label
        for split, label in zip(splits, labels, strict=True)
    ]
    ours = mend_splits(names, labels, splits, usable)
    # Class 0 is split as if its unreadable photo were not there.
    left = [index for index in range(12) if usable[index]]
    expected = assign_splits(
        [names[i] for i in left], [labels[i] for i in left]
    )
    assert [ours[index] for index in left] == expected
    assert ours[6:] == splits[6:]


def test_a_class_without_training_photos_gets_one_back():
    names, labels = NAMES[:40], [0] * 20 + [1] * 20
    splits = assign_splits(names, labels)
    usable = [
        split == "test" or label
        for split, label in zip(splits, labels, strict=True)
    ]
    ours = mend_splits(names, labels, splits, usable)
    left = [ours[index] for index in range(20) if usable[index]]
    assert sorted(left) == ["test", "train"]
    assert ours[20:] == splits[20:]


def test_one_usable_photo_is_not_cut_in_two():
    assert mend_splits(
        ["a", "b"], [0, 0], ["test", "train"], [True, False]
    ) in (
        ["test", "train"],
        ["train", "train"],
    )


def test_boxes_on_a_photo_move_together_and_break_no_other_class():
    # Photo c shows both classes; class 1 has its only training box there.
    names, labels = ["a", "b", "c", "c", "d"], [0, 0, 0, 1, 1]
    splits = ["test", "train", "train", "train", "test"]
    ours = mend_splits(names, labels, splits, [False, False, True, True, True])
    assert ours[2] == ours[3]
    assert {ours[3], ours[4]} == {"train", "test"}
