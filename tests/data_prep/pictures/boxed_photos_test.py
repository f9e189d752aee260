import dataclasses

import pytest

from data_prep.pictures.boxed_photos import BoxedPhoto, to_catalogue
from data_prep.pictures.catalogue import Item
from deepi2i_tf.utils.errors import UserError

NAMES = {"1": "rice", "2": "bread"}


def photo_of(root, class_id, photo, left, present=True, split=""):
    path = root / class_id / f"{photo}.jpg"
    if present:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 7)
    box = (left, 0, left + 9, 9)
    name = f"{class_id}/{photo}_{left}"
    return BoxedPhoto(name, class_id, photo, path, box, split)


def some_photos(root, num=10):
    return [
        photo_of(root, class_id, f"{class_id}{index:02d}", index)
        for class_id in NAMES
        for index in range(num)
    ]


def catalogue_of(photos, names=NAMES, class_order="name", **options):
    options = {
        "least": 2,
        "source": "dishes",
        "class_order": class_order,
    } | options
    return to_catalogue(photos, names, **options)


def test_items_are_in_the_order_of_their_ids(tmp_path):
    photos = some_photos(tmp_path)
    catalogue = catalogue_of(photos[::-1])
    assert [item.id for item in catalogue.items] == [p.id for p in photos]
    assert catalogue.class_names == ("bread", "rice")
    assert catalogue.source == "dishes, 20 pictures"
    first = catalogue.items[0]
    path = tmp_path / "1" / "100.jpg"
    box = (0, 0, 9, 9)
    assert first == Item("1/100_0", 1, first.split, path, box, "100")
    for label in (0, 1):
        tested = [i for i in catalogue.of_split("test") if i.label == label]
        assert len(tested) == 1


def test_upstream_labels_follow_the_class_ids(tmp_path):
    photos = some_photos(tmp_path)
    assert catalogue_of(photos, class_order="upstream").class_names == (
        "rice",
        "bread",
    )


def test_boxes_on_one_photo_share_their_split_whatever_their_class(tmp_path):
    photos = [
        photo_of(tmp_path, class_id, f"{index:02d}", left)
        for index in range(20)
        for class_id in NAMES
        for left in (0, 5)
    ]
    catalogue = catalogue_of(photos)
    sides = {}
    for item in catalogue.items:
        sides.setdefault(item.path.name, set()).add(item.split)
    assert len(sides) == 20 and all(len(side) == 1 for side in sides.values())
    assert sorted(side for (side,) in sides.values()).count("test") == 2


def test_a_given_split_is_kept(tmp_path):
    photos = [
        dataclasses.replace(photo, split="train" if index % 2 else "test")
        for index, photo in enumerate(some_photos(tmp_path))
    ]
    items = catalogue_of(photos).items
    assert [item.split for item in items] == ["test", "train"] * 10
    with pytest.raises(UserError, match=r"rice \(10 \+ 0\)"):
        catalogue_of([dataclasses.replace(p, split="train") for p in photos])


def test_what_is_listed_twice_is_refused_once(tmp_path):
    photos = some_photos(tmp_path)
    catalogue = catalogue_of([*photos, photos[3]], refused=[("a", "odd")])
    assert len(catalogue.items) == 20
    assert catalogue.refused == (("a", "odd"), (photos[3].id, "listed twice"))


def test_missing_photos_stay_and_do_not_count(tmp_path):
    photos = some_photos(tmp_path, 4)
    photos.append(photo_of(tmp_path, "1", "199", 0, present=False))
    assert len(catalogue_of(photos, least=4).items) == 9
    with pytest.raises(
        UserError, match="at least 5.*rice .3 . 1., bread .3 . 1."
    ):
        catalogue_of(photos, least=5)


def test_when_no_photo_is_there_it_is_refused(tmp_path):
    photos = [
        photo_of(tmp_path, class_id, "1", 0, present=False)
        for class_id in NAMES
    ]
    with pytest.raises(UserError, match="2 photos such as .*/1/1.jpg.*none"):
        catalogue_of(photos)


def test_the_fingerprint_follows_content_and_not_the_place(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    here, there = some_photos(tmp_path / "a"), some_photos(tmp_path / "b")
    known = catalogue_of(here).source_sha256
    assert catalogue_of(there[::-1]).source_sha256 == known
    moved = dataclasses.replace(there[5], box=(0, 0, 8, 9))
    others = [
        catalogue_of(there, {"1": "rice", "2": "bun"}),
        catalogue_of(there, {"1": "bread", "2": "rice"}),
        catalogue_of(there, class_order="upstream"),
        catalogue_of(there[:-1]),
        catalogue_of([*there[:5], moved, *there[6:]]),
        catalogue_of([dataclasses.replace(there[0], split="test"), *there[1:]]),
        catalogue_of(
            [dataclasses.replace(there[0], split="train"), *there[1:]]
        ),
    ]
    there[0].path.write_bytes(b"longer than it was")
    others.append(catalogue_of(there))
    there[0].path.unlink()
    others.append(catalogue_of(there))
    shas = [known, *(other.source_sha256 for other in others)]
    # One of the two given splits is what the hash gives anyway.
    assert len(set(shas)) == len(shas) - 1


def test_a_missing_photo_is_no_test_photo_where_the_class_has_others(tmp_path):
    photos = some_photos(tmp_path, 4)
    tested = [
        item for item in catalogue_of(photos).items if item.split == "test"
    ]
    assert len(tested) == 2
    for item in tested:
        item.path.unlink()
    items = catalogue_of(photos, least=3).items
    there = [(item.label, item.split) for item in items if item.path.exists()]
    assert there.count((0, "test")) == there.count((1, "test")) == 1
