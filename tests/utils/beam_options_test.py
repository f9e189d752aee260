import pytest

from deepi2i_tf.utils.errors import UserError

# Beam's own use of deprecated names is not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning"
)
parse_beam_options = pytest.importorskip(
    "deepi2i_tf.utils.beam_options", reason="apache_beam is not installed"
).parse_beam_options


def test_a_later_flag_of_the_users_wins():
    level = "default_sdk_harness_log_level"
    quiet = parse_beam_options("--runner=DirectRunner").get_all_options()
    assert (quiet["runner"], quiet[level]) == ("DirectRunner", "ERROR")
    told = parse_beam_options(f"--{level}=INFO").get_all_options()
    assert told[level] == "INFO"


@pytest.mark.parametrize("flags", ["runner", "--runner='", "--a=1 b"])
def test_what_is_no_flag_is_told(flags):
    with pytest.raises(UserError, match="flags of Apache Beam"):
        parse_beam_options(flags)
