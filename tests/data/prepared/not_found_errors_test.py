import dataclasses
import os

import pytest

from data_prep import prepare
from deepi2i_tf.data.prepared import not_found_errors
from deepi2i_tf.data.prepared.not_found_errors import Wanted
from deepi2i_tf.data.prepared.prepared_data import read_manifest
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set


@pytest.fixture(name="data")
def _data(tmp_path):
    return read_manifest(prepared_set.write_prepared(tmp_path))


def test_data_prep_prepares_these():
    assert set(not_found_errors.PREPARED_HERE) == set(prepare.DATASETS)


@pytest.mark.parametrize(
    ("dataset", "data_config", "expected"),
    [
        (
            "creatures",
            "",
            "python -m data_prep.prepare --dataset=creatures --resolution=64 "
            "--data_dir='my data'",
        ),
        (
            "creatures",
            "r64_c16_n200_s3",
            "python -m data_prep.prepare --dataset=creatures --resolution=64 "
            "--data_dir='my data' --num_classes=16 --num_images=200 --seed=3",
        ),
        (
            "creatures",
            "r64_c16_n200_s3_f20_paired",
            "python -m data_prep.prepare --dataset=creatures --resolution=64 "
            "--data_dir='my data' --num_classes=16 --num_images=200 --seed=3 "
            "--first_class=20 --paired_test",
        ),
        (
            "image_folder",
            "",
            "python -m data_prep.prepare --dataset=image_folder "
            "--resolution=64 --data_dir='my data' "
            "--manual_dir=<folder of class folders>",
        ),
        (
            "nabirds",
            "",
            "python -m data_prep.prepare --dataset=nabirds --resolution=64 "
            "--data_dir='my data' --manual_dir=<folder of the raw images>",
        ),
        (
            "beans",
            "",
            "python -c 'import tensorflow_datasets as tfds; "
            'tfds.load("beans", data_dir="my data")\'',
        ),
        (
            "beans",
            "small",
            "python -c 'import tensorflow_datasets as tfds; "
            'tfds.load("beans/small", data_dir="my data")\'',
        ),
    ],
)
def test_the_command_that_prepares_it(dataset, data_config, expected):
    command = not_found_errors.prepare_command(
        "my data", dataset, 64, data_config
    )
    assert command == expected


def test_what_fits(data):
    config = data.config
    for fitting in (
        Wanted("d", "", 8),
        Wanted("d", "creatures", 8),
        Wanted("d", "", 8, config),
    ):
        assert fitting.fits(data)
    for other in (
        Wanted("d", "", 16),
        Wanted("d", "birds", 8),
        Wanted("d", "creatures", 8, "r8"),
    ):
        assert not other.fits(data)


@pytest.mark.parametrize(
    ("dataset", "beginning", "ending"),
    [
        (
            "creatures",
            "Expected the prepared data set creatures at 8 px in none/creatures"
            "/<config>/<version>. Received: nothing there. Prepare it with: ",
            "--data_dir=none",
        ),
        (
            "",
            "Expected the prepared data set at 8 px in none/<dataset>/<config>/"
            "<version>. Received: nothing there. Prepare one, for example "
            "with: python -m data_prep.prepare --dataset=creatures",
            "--data_dir=none",
        ),
        (
            "stanford_dogs",
            "Expected the prepared data set stanford_dogs at 8 px in none/",
            "Have TFDS prepare it, if it knows the name: python -c 'import "
            "tensorflow_datasets as tfds; "
            'tfds.load("stanford_dogs", data_dir="none")\'',
        ),
    ],
)
def test_nothing_there(dataset, beginning, ending):
    message = str(
        not_found_errors.nothing_there(Wanted("none", dataset, 8), [])
    )
    assert message.startswith(beginning) and message.endswith(ending)


def test_only_others_there():
    wanted = Wanted("d", "dogs", 8)
    message = str(not_found_errors.nothing_there(wanted, ["creatures", "elks"]))
    assert "Received: only creatures, elks in d." in message
    assert 'tfds.load("dogs", ' in message


def test_a_source_that_says_how_to_prepare_is_not_followed_by_more():
    wanted = Wanted("d", "nabirds", 8, data_source=" See the page. ")
    message = str(not_found_errors.nothing_there(wanted, []))
    assert "Received: nothing there. See the page. Prepare it with: " in message
    for how in ("python -m data_prep.prepare", "tfds.load('dogs')"):
        wanted = dataclasses.replace(wanted, data_source=f"Run {how}")
        message = str(not_found_errors.nothing_there(wanted, []))
        assert message.endswith(f"nothing there. Run {how}")


def test_none_fits_tells_what_is_there(data):
    photos = dataclasses.replace(
        data, dataset="dogs", config="", encoding="photo"
    )
    wanted = Wanted("d", "birds", 8, "small")
    message = str(not_found_errors.none_fits(wanted, [data, photos]))
    assert (
        "Expected the prepared data set birds at 8 px with --data_config=small."
        f" Received: creatures/{data.config} at 8 px, dogs at any resolution."
    ) in message
    assert 'tfds.load("birds/small", data_dir="d")' in message


def test_several_fit_says_how_to_choose(data):
    other = dataclasses.replace(data, config="r8_c3_n30_s1")
    message = str(
        not_found_errors.several_fit(Wanted("d", "", 8), [data, other])
    )
    assert f"2 that fit: creatures/{data.config} at 8 px, " in message
    assert f"--data_config={data.config} or another" in message
    other = dataclasses.replace(data, dataset="elks")
    message = str(
        not_found_errors.several_fit(Wanted("d", "", 8), [data, other])
    )
    assert "Choose one with --dataset=creatures or another" in message


def test_none_usable_gives_the_reason():
    first, second = UserError("First."), UserError("Second.")
    wanted = Wanted(os.path.join("my", "data"), "", 8)
    assert not_found_errors.none_usable(wanted, [first]) is first
    message = str(not_found_errors.none_usable(wanted, [first, second]))
    assert "in my/data. Received: 2 folders that cannot be used" in message
    assert "First." in message and "--dataset" in message
