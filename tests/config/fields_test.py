import dataclasses

import pytest

from deepi2i_tf.config.checks import at_least
from deepi2i_tf.config.fields import Options, option


@dataclasses.dataclass(frozen=True)
class Sizes(Options):
    plain: int = -1
    free: int = option(-1, "Without a bound")
    size: int = option(3, "How large", at_least(1))


def test_options_are_checked_against_their_bounds():
    assert Sizes(size=1, free=-5).size == 1
    with pytest.raises(ValueError, match="Expected --size to be at least 1"):
        Sizes(size=0)
