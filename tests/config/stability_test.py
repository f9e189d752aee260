import pytest

from deepi2i_tf.config import Config
from deepi2i_tf.config.stability import ON_COLLAPSE, MonitorConfig


@pytest.mark.parametrize(
    "values, said",
    [
        ({"on_collapse": "restart"}, "warn, stop, rollback"),
        ({"monitor_every": -1}, "at least 0"),
        ({"max_rollbacks": 0}, "at least 1"),
        ({"rollback_margin": -1}, "at least 0"),
    ],
)
def test_bad_values_say_what_was_expected(values, said):
    with pytest.raises(ValueError, match="^Expected --.* Received: ") as error:
        MonitorConfig(**values)
    assert said in str(error.value)


def test_a_run_is_watched_and_goes_on_where_nothing_is_said():
    assert Config.from_dict({}).monitor.on_collapse == ON_COLLAPSE[0] == "warn"
    assert MonitorConfig().monitor_every > 0
