import dataclasses
import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.evaluation.images.image_folder import (
    FolderTranslations,
    ImageFolder,
    folder_dataset,
    read_image_folder,
    require_alike,
    split_of_files,
)
from deepi2i_tf.utils.errors import UserError


def _save(path, size=(8, 8), mode="RGB", value=7):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode != "RGB" else (value, 0, 0)).save(path)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "images"
    for name, value in (("cat/b.png", 2), ("cat/a.png", 1), ("dog/a.jpg", 3)):
        _save(root / name, value=value)
    _save(root / ".trash" / "c.png", (4, 4))
    (root / "cat" / ".DS_Store").write_text("hidden")
    (root / "cat" / "@eaDir" / "a.png").mkdir(parents=True)
    (root / "#recycle").mkdir()
    return root


def _read(root, flag="--reals"):
    return read_image_folder(str(root), flag)


def test_reads_class_folders_in_order(root):
    folder = _read(root)
    assert folder.class_names == ("cat", "dog")
    assert folder.files == (("a.png", "b.png"), ("a.jpg",))
    assert folder.resolution == 8
    assert folder.image(0, 1).shape == (8, 8, 3)
    assert folder.image(0, 1)[0, 0].tolist() == [2, 0, 0]


def test_identity_follows_names_and_contents(root):
    first = _read(root).identity
    assert first == _read(root).identity
    _save(root / "cat" / "b.png", value=9)
    second = _read(root).identity
    (root / "cat" / "b.png").rename(root / "cat" / "c.png")
    assert len({first, second, _read(root).identity}) == 3


def test_what_lies_beside_images_is_passed_over_and_told(root, capsys):
    first = _read(root)
    for name in ("cat/a.txt", "cat/b.json", "dog/a.txt"):
        (root / name).write_text("beside")
    assert _read(root) == first
    assert "3 files in" in capsys.readouterr().err


def test_reads_the_formats_that_all_commands_read(root):
    Image.new("RGB", (8, 8)).save(root / "dog" / "b.avif", lossless=True)
    Image.new("RGB", (8, 8)).save(root / "dog" / "c.jfif", format="JPEG")
    Image.new("RGB", (8, 8)).save(root / "dog" / "no ending", format="WEBP")
    folder = _read(root)
    assert folder.files[1] == ("a.jpg", "b.avif", "c.jfif", "no ending")


def _grey(root):
    _save(root / "dog" / "b.png", mode="L")


def _sixteen_bits(root):
    _save(root / "dog" / "b.png", mode="I;16")


def _alpha(root):
    Image.new("RGBA", (8, 8)).save(root / "dog" / "b.png")


def _larger(root):
    _save(root / "dog" / "b.png", (16, 16))


def _oblong(root):
    _save(root / "cat" / "a.png", (8, 4))


def _torn(root):
    file = root / "dog" / "a.jpg"
    file.write_bytes(file.read_bytes()[:300])


def _no_image(root):
    (root / "dog" / "b.png").write_text("text")


def _other_kind(root):
    (root / "dog" / "b.webp").write_bytes(b"")


def _loose(root):
    _save(root / "c.png")


def _one_class(root):
    (root / "dog").rename(root / "cat" / ".dog")


def _empty_class(root):
    (root / "horse").mkdir()


def _captions_alone(root):
    (root / "horse").mkdir()
    (root / "horse" / "a.txt").write_text("a horse")


def _heic(root):
    (root / "dog" / "b.heic").write_bytes(b"\0\0\0\x18ftypheic")


@pytest.mark.parametrize(
    "spoil, said",
    [
        (_grey, r"RGB.*dog/b.png, grey \(mode L\)"),
        (_sixteen_bits, r"dog/b.png, grey \(mode I;16\)"),
        (_alpha, r"dog/b.png, other \(mode RGBA\)"),
        (_larger, r"dog/b.png to be a square of 8 pixels.*16x16"),
        (_oblong, r"cat/a.png to be a square\. Received: 8x4"),
        (_torn, r"dog/a.jpg.*cannot be read"),
        (_no_image, r"dog/b.png.*cannot be read"),
        (_other_kind, r"dog/b.webp.*cannot be read"),
        (_heic, r"dog/b.heic.*Received: (HEIC, .*\[heif\]|.* HEIC)"),
        (_loose, r"no images beside them.*c.png"),
        (_one_class, r"two or more class folders.*1 folders"),
        (_empty_class, r"horse to hold images. Received: no file"),
        (_captions_alone, r"horse to hold images. Received: 1 other files"),
    ],
)
def test_what_is_wrong_is_named(root, spoil, said):
    spoil(root)
    with pytest.raises(UserError, match=said) as refusal:
        _read(root)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_none_is_named_with_its_flag(tmp_path):
    with pytest.raises(UserError, match="--translations.*gone"):
        _read(tmp_path / "gone", "--translations")


def test_a_file_that_changed_since_is_noticed(root):
    folder = _read(root)
    _save(root / "cat" / "b.png", (4, 4))
    with pytest.raises(UserError, match="b.png"):
        folder.image(0, 1)
    (root / "cat" / "a.png").unlink()
    with pytest.raises(UserError, match="a.png.*FileNotFoundError"):
        folder.image(0, 0)


def test_both_sides_need_the_same_classes(root, tmp_path):
    other = tmp_path / "other"
    for name in ("cat/a.png", "cow/a.png"):
        _save(other / name)
    one, two = _read(root), _read(other, "--translations")
    with pytest.raises(UserError, match="no folder cow.*--translations"):
        require_alike(two, one)
    (other / "dog").mkdir()
    _save(other / "dog" / "a.png")
    with pytest.raises(UserError, match="images to hold the.*no folder cow"):
        require_alike(one, _read(other))


def test_classes_are_alike_in_whatever_form_their_folders_are_named(tmp_path):
    composed, decomposed = "caf\xe9", "cafe\u0301"
    for side, name in (("a", composed), ("b", decomposed)):
        # Sorted as it is written, the decomposed one would come first.
        for at, folder in enumerate((name, "cafz")):
            _save(tmp_path / side / folder / "x.png", value=at)
    sides = _read(tmp_path / "a"), _read(tmp_path / "b")
    require_alike(*sides)
    for side in sides:
        assert side.class_names == ("cafz", composed)
        assert [side.image(label, 0)[0, 0, 0] for label in (0, 1)] == [1, 0]
    _save(tmp_path / "a" / decomposed / "x.png")
    with pytest.raises(UserError, match="two Unicode forms"):
        _read(tmp_path / "a")


def test_files_need_no_utf_8_for_a_name(root):
    plain = root / "cat" / "a.png"
    odd = os.fsencode(root) + b"/cat/caf\xe9.png"
    os.rename(plain, odd)
    folder = _read(root)
    assert folder.image(0, 1)[0, 0].tolist() == [1, 0, 0]
    assert sorted(split_of_files(folder.files[0])) == ["test", "train"]
    with open(odd, "wb"):
        pass
    with pytest.raises(UserError, match="cannot be read"):
        _read(root)


def test_both_sides_need_one_resolution(root, tmp_path):
    other = tmp_path / "other"
    for name in ("cat/a.png", "dog/a.png"):
        _save(other / name, (16, 16))
    with pytest.raises(UserError, match="8 px in .*images, 16 px in .*other"):
        require_alike(_read(root), _read(other))
    require_alike(_read(root), _read(root))


def test_pixels_are_those_of_the_file(root):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(root / "dog" / "b.png")
    np.testing.assert_array_equal(_read(root).image(1, 1), pixels)


class _Folder(ImageFolder):
    def image(self, label, row):
        return np.full((4, 4, 3), 50 * label + row, np.uint8)


def _folder(*counts):
    files = tuple(tuple(f"{i:03d}.png" for i in range(n)) for n in counts)
    names = ("cat", "dog", "cow")[: len(counts)]
    return _Folder("root", "--reals", names, names, 4, files, b"sum")


def test_a_tenth_of_each_class_is_for_testing():
    data = folder_dataset(_folder(40, 3))
    assert data.sizes == {"train": 36 + 2, "test": 4 + 1}
    assert (data.resolution, data.class_names) == (4, ("cat", "dog"))
    assert data.identity == b"sum" and not data.has_pose
    seen = {
        split: [(e["label"], e["image"].flat[0]) for e in data.read(split)]
        for split in ("train", "test")
    }
    assert not set(seen["train"]) & set(seen["test"])
    assert len(seen["train"]) == 38 and len(seen["test"]) == 5
    labels = [label for label, _ in seen["test"]]
    assert labels == [0, 0, 0, 0, 1]


def test_the_split_follows_names_alone():
    names = tuple(f"{i}.png" for i in range(50))
    splits = dict(zip(names, split_of_files(names), strict=True))
    back = dict(zip(names[::-1], split_of_files(names[::-1]), strict=True))
    assert splits == back
    assert list(splits.values()).count("test") == 5


def test_a_class_of_one_image_is_refused():
    with pytest.raises(UserError, match="RC's classifier.*1 of dog in root"):
        folder_dataset(_folder(5, 1))


def test_translations_come_by_name_in_batches():
    translations = FolderTranslations(_folder(5, 2), batch_size=2)
    assert translations.sources is None
    assert [translations.count(target) for target in (0, 1)] == [5, 2]
    batches = list(translations.batches(0))
    assert [batch.rows.tolist() for batch in batches] == [[0, 1], [2, 3], [4]]
    assert {batch.draw for batch in batches} == {0}
    values = [batch.images[:, 0, 0, 0].tolist() for batch in batches]
    assert values == [[0, 1], [2, 3], [4]]


def test_a_set_of_a_folder_is_read_the_same_every_time():
    data = folder_dataset(dataclasses.replace(_folder(20, 20)))
    first, again = (
        [int(e["image"].flat[0]) for e in data.read("train")] for _ in range(2)
    )
    assert first == again
