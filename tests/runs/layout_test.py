import subprocess
import sys

from deepi2i_tf.runs import layout


def test_reading_the_names_imports_nothing_heavy():
    code = (
        "import sys, deepi2i_tf.runs.layout; "
        "print({'tensorflow', 'keras', 'numpy'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_only_complete_checkpoints_have_a_step():
    assert layout.checkpoint_step(layout.checkpoint_name(500)) == 500
    assert layout.checkpoint_step(layout.checkpoint_name(10**9)) == 10**9
    for name in ("step-500", "damaged-step-00000500", ".tmp-step-00000500-ab"):
        assert layout.checkpoint_step(name) is None


def test_only_sheets_of_steps_have_a_step():
    assert layout.sheet_step(layout.sheet_name(500)) == 500
    assert layout.sheet_step(layout.sheet_name(10**7)) == 10**7
    for name in (layout.REAL_SHEET, "step-500.png", "step-000500.jpg"):
        assert layout.sheet_step(name) is None
