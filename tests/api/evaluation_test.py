import pytest

from deepi2i_tf.api.evaluation import evaluate
from deepi2i_tf.api.translators import load_translator
from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.utils.errors import UserError

QUICK = {
    "num_images": 6,
    "reference_steps": 3,
    "fc": False,
    "diversity_sources": 0,
}


@pytest.mark.slow
def test_a_run_and_its_translator_have_the_same_numbers(
    finished, tiny, tmp_path
):
    data = load_dataset(tiny(tmp_path))
    judge = tmp_path / "judge"
    of_run = evaluate(
        finished, output=tmp_path / "report", reference_dir=judge, **QUICK
    )
    assert (tmp_path / "report" / "report.html").is_file()
    live = load_translator(finished)
    of_live = evaluate(live, data, reference_dir=judge, **QUICK)
    for name in ("rc", "mfid", "mkid_x100", "pose_r2"):
        assert of_live[name] == of_run[name]


def test_what_cannot_be_measured_is_refused(finished, tiny, tmp_path):
    data = load_dataset(tiny(tmp_path))
    with pytest.raises(UserError, match="data=load_dataset"):
        evaluate(load_translator(finished))
    with pytest.raises(UserError, match="Received: a int"):
        evaluate(3, data)
    with pytest.raises(UserError, match="num_images to be at least 1"):
        evaluate(finished, num_images=0)
    with pytest.raises(UserError, match="unexpected keyword argument 'steps'"):
        evaluate(finished, steps=3)
