import pytest

from data_prep.creatures import creatures_dataset_builder as creatures
from data_prep.image_folder import image_folder_dataset_builder as image_folder
from data_prep.writing import preparation
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.preparing import FLAGS

beam_run = pytest.importorskip(
    "data_prep.writing.beam_run", reason="apache_beam is not installed"
).beam_run

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


def contents(folder):
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name != "dataset_info.json"
    }


def test_two_workers_write_what_one_process_writes(tmp_path, prepare_creatures):
    plain = prepare_creatures(tmp_path / "plain", num_shards=3)
    config = creatures.config_from(FLAGS)
    beamed = preparation.prepare(
        creatures.Builder,
        config,
        str(tmp_path / "beam"),
        3,
        beam_run(TWO_WORKERS),
    )
    assert contents(beamed) == contents(plain)
    assert len(contents(beamed)) > 6


def test_refusals_come_back_from_the_workers(
    tmp_path, prepare_folder, draw_photos
):
    photos = draw_photos(tmp_path / "photos", cat=12, dog=12)
    (photos / "dog" / "text.jpg").write_text("hello")
    plain = prepare_folder(photos, tmp_path / "plain")
    config = image_folder.config_from(FLAGS | {"manual_dir": str(photos)})
    beamed = preparation.prepare(
        image_folder.Builder,
        config,
        str(tmp_path / "beam"),
        2,
        beam_run("--runner=DirectRunner"),
    )
    assert contents(beamed) == contents(plain)
    assert "dog/text.jpg\tnot an image" in (beamed / "refused.tsv").read_text()


def test_too_many_refusals_end_it_here_too(tmp_path, draw_photos):
    photos = draw_photos(tmp_path / "photos", cat=6, dog=6)
    (photos / "dog" / "text.jpg").write_text("hello")
    flags = {"manual_dir": str(photos), "max_refused": 0.0}
    with pytest.raises(UserError, match="--max_refused"):
        preparation.prepare(
            image_folder.Builder,
            image_folder.config_from(FLAGS | flags),
            str(tmp_path / "data"),
            2,
            beam_run("--runner=DirectRunner"),
        )


@pytest.mark.parametrize("flags", ["DirectRunner", "--runner='x", "-x y"])
def test_what_is_no_flag_of_beams_is_refused(flags):
    with pytest.raises(UserError, match="--beam_options"):
        beam_run(flags)
