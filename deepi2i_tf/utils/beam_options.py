"""Apache Beam's flags, as `--beam_options` of two commands takes them.

Needs the extra `beam`; whoever imports it comes to it by that flag alone.
"""

import shlex

from apache_beam.options.pipeline_options import PipelineOptions

from deepi2i_tf.utils.errors import UserError

# Beam's workers tell of every connection; a later flag of the user's wins.
_QUIET = "--default_sdk_harness_log_level=ERROR"


def parse_beam_options(flags: str) -> PipelineOptions:
    """Reads the runner and its options, as on a command line.

    Raises:
        UserError: they are not of Beam's form.
    """
    try:
        words = shlex.split(flags)
        options = PipelineOptions([_QUIET, *words])
        unknown = [word for word in words if not word.startswith("--")]
    except (ValueError, SystemExit):
        unknown = [flags]
    if unknown:
        raise UserError(
            "Expected --beam_options to be flags of Apache Beam, such as "
            '"--runner=DirectRunner --direct_num_workers=2". Received: '
            f"{unknown[0]!r}. Correct them, or leave the flag out."
        )
    return options
