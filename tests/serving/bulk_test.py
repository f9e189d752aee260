"""Tests of deepi2i_tf/serving/bulk.py."""

import io
import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.serving.translate_photos import translate_photos
from deepi2i_tf.utils.errors import UserError
from tests.serving import tiny_translator

bulk = pytest.importorskip(
    "deepi2i_tf.serving.bulk", reason="apache_beam is not installed"
)

HERE = "--runner=DirectRunner"
TWO_WORKERS = (
    "--runner=DirectRunner --direct_num_workers=2 "
    "--direct_running_mode=multi_processing"
)
# Beam 2.77 leaves sockets and pipes to the garbage collector, and its own
# use of deprecated names is not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",
    "ignore::DeprecationWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::FutureWarning",
)


@pytest.fixture
def photos(tmp_path):
    """Five photos, of which one is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        picture = tiny_translator.photo(40, 60 - number, number)
        Image.fromarray(picture).save(folder / f"{number}.png")
    (folder / "2b.jpg").write_text("hello")
    return folder


@pytest.fixture
def translate(exported, tmp_path):
    def run(path, output="out", beam=HERE, **flags):
        given = {
            "model": exported,
            "input": str(path),
            "target": "husky,meerkat",
            "output": str(tmp_path / output),
            "num_samples": 2,
            "seed": 3,
            "beam_options": beam,
        }
        options = TranslateOptions(**(given | flags))
        return (bulk.translate_bulk if beam else translate_photos)(options)

    return run


def pixels(encoded):
    return np.asarray(Image.open(io.BytesIO(encoded))).astype(int)


def read(folder):
    """(source, suffix) -> pixels, in the order of the shards."""
    made = {}
    for path in sorted(folder.glob("translations-*.tfrecord")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            values = tf.train.Example.FromString(record).features.feature
            source, suffix, picture = (
                values[name].bytes_list.value[0]
                for name in ("source", "suffix", "translated_bytes")
            )
            made[source.decode(), suffix.decode()] = pixels(picture)
    return made


def assert_equal_to_files(made, folder):
    assert len(made) == len(os.listdir(folder)) == 16
    for (source, suffix), picture in made.items():
        stem = os.path.splitext(os.path.basename(source))[0]
        plain = pixels((folder / f"{stem}--{suffix}.png").read_bytes())
        # Another batch may round the other way: a grey step.
        assert np.abs(plain - picture).max() <= 1


@pytest.mark.slow
def test_two_workers_make_what_the_plain_run_makes(photos, translate, tmp_path):
    assert translate(photos, "bulk", TWO_WORKERS, num_shards=3) == 16
    refused = (tmp_path / "bulk/refused.tsv").read_text().splitlines()
    assert len(refused) == 2 and refused[1].startswith(f"{photos}/2b.jpg\t")
    (photos / "2b.jpg").unlink()
    assert translate(photos, "plain", "") == 16
    assert_equal_to_files(read(tmp_path / "bulk"), tmp_path / "plain")


def test_a_pattern_goes_on_where_it_was_interrupted(
    photos, translate, tmp_path, monkeypatch, capsys
):
    pattern = tmp_path / "ph*" / "[0-9]*"
    write, written = bulk._write, []

    def break_off(element, frames):  # Beam hands over in any order
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        write(element, frames)
        written.append(element[0])

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_write", break_off)
        with pytest.raises(UserError, match="Finished shards stay"):
            translate(pattern, num_shards=3)
    before = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "out").glob("*.json")
    }
    assert len(before) == 3  # the job and two shards
    assert translate(pattern, num_shards=3) == 16
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "Refused 1 photos" in capsys.readouterr().err
    assert (
        "2b.jpg\tExpected a photo. Received: a file that is no"
        in (tmp_path / "out/refused.tsv").read_text()
    )
    (photos / "2b.jpg").unlink()
    translate(photos, "plain", "")
    assert_equal_to_files(read(tmp_path / "out"), tmp_path / "plain")
    with pytest.raises(UserError, match="sources differ"):
        translate(pattern, num_shards=3)
    assert translate(pattern, num_shards=3, overwrite=True) == 16


def test_records_have_a_shard_for_each_file(photos, translate, tmp_path):
    def record(content):
        value = tf.train.Feature(bytes_list=tf.train.BytesList(value=[content]))
        features = tf.train.Features(feature={"image": value})
        return tf.train.Example(features=features).SerializeToString()

    side = tiny_translator.RESOLUTION
    stored = tiny_translator.photo(side, side, 9)
    folder = tmp_path / "set"
    folder.mkdir()
    first, second = (
        str(folder / f"set-test.tfrecord-0000{number}-of-00002")
        for number in range(2)
    )
    with tf.io.TFRecordWriter(first) as writer:
        writer.write(record((photos / "0.png").read_bytes()))
        writer.write(b"no example")
        writer.write(record(stored.tobytes()))  # as our own sets store it
    shutil.copy(first, second)
    with open(second, "r+b") as file:
        file.truncate(os.path.getsize(second) - 3)
    assert translate(folder, target="husky", num_samples=1) == 3
    made = read(tmp_path / "out")
    taken = [f"{first}#0", f"{first}#2", f"{second}#0"]
    assert [source for source, _ in made] == taken
    refused = (tmp_path / "out/refused.tsv").read_text().splitlines()[1:]
    others = [f"{first}#1", f"{second}#1", f"{second}#2"]
    assert [line.split("\t")[0] for line in refused] == others
    assert "image/encoded" in refused[0] and "truncated" in refused[2]
    Image.fromarray(stored).save(tmp_path / "stored.png")
    translate(
        tmp_path / "stored.png", "plain", "", target="husky", num_samples=1
    )
    plain = pixels((tmp_path / "plain/stored--husky.png").read_bytes())
    assert np.abs(plain - made[f"{first}#2", "husky"]).max() <= 1


def test_what_is_wrong_is_refused_before_anything_is_read(
    photos, translate, tmp_path
):
    for wrong, message in (
        ({"beam": "runner"}, "to be flags of Apache Beam"),
        ({"beam": "--runner='x"}, "to be flags of Apache Beam"),
        ({"path": tmp_path / "*.gif"}, "no file"),
        ({"target": "huskey"}, "Nearest: husky"),
        ({"output": "photos"}, "which holds something else"),
    ):
        with pytest.raises(UserError, match=message):
            translate(**({"path": photos} | wrong))
    (tmp_path / "x.tfrecord").touch()
    with pytest.raises(UserError, match="TFRecords beside other files"):
        translate(tmp_path / "**")
    with pytest.raises(UserError, match="Expected no --num_shards"):
        translate(tmp_path / "x.tfrecord", num_shards=2)
    assert not (tmp_path / "out").exists()


def test_the_job_is_known_by_all_that_changes_pictures(
    photos, translate, tmp_path
):
    (photos / "2b.jpg").unlink()
    translate(photos, target="husky", num_samples=1)
    for change, differ in (
        ({"seed": 4}, "pictures"),
        ({"target": "meerkat"}, "pictures"),
        ({"num_shards": 2}, "num_shards"),
    ):
        given = {"target": "husky", "num_samples": 1} | change
        with pytest.raises(UserError, match=f"{differ} differ"):
            translate(photos, **given)
    facts = json.loads((tmp_path / "out/job.json").read_text())
    assert facts["num_shards"] == 1
