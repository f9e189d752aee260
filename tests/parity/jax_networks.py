"""Run by backends_test in a process of its own: the networks on JAX.

Prints one JSON object: the errors of every output and of every gradient, and
which of the other backends' packages were loaded.
"""

import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax  # noqa: E402
import keras  # noqa: E402
from keras import ops  # noqa: E402

from deepi2i_tf.config import (  # noqa: E402
    FEATURE_RESOLUTIONS,
    ObjectiveConfig,
)
from deepi2i_tf.losses.adversarial import DISCRIMINATOR_LOSSES  # noqa: E402
from deepi2i_tf.losses.reconstruction import feature_distance  # noqa: E402
from deepi2i_tf.networks import Networks, build_networks  # noqa: E402
from deepi2i_tf.pytorch.upstream_names import upstream_entries  # noqa: E402
from tests.parity import drawn_weights, golden, jax_baselines  # noqa: E402

SOURCE_LABELS = ops.array([2, 3], "int32")
# As recorded; the defaults of ObjectiveConfig.
ALPHAS = dict(
    zip(
        FEATURE_RESOLUTIONS,
        ObjectiveConfig().reconstruction_weights,
        strict=True,
    )
)


def stateless(network, weights, *inputs, **named):
    """The outputs in training; states are read, not moved."""
    states = [v.value for v in network.non_trainable_variables]
    outputs, _ = network.stateless_call(
        weights, states, *inputs, training=True, **named
    )
    return outputs


def translate(networks: Networks, weights: dict):
    features = stateless(networks.encoder, weights["encoder"], golden.SOURCE)
    return stateless(
        networks.generator,
        weights["generator"],
        golden.Z,
        adapted=stateless(networks.adaptor, weights["adaptor"], features),
        labels=golden.FAKE_LABELS,
    )


def discriminator_loss(networks: Networks, weights, fake):
    scores, _ = stateless(
        networks.discriminator,
        weights,
        ops.concatenate([fake, golden.TARGET]),
        ops.concatenate([golden.FAKE_LABELS, golden.TARGET_LABELS]),
    )
    of_fake, of_real = ops.split(scores, 2)
    terms = DISCRIMINATOR_LOSSES["hinge"](of_real, of_fake)
    return sum(ops.mean(term) for term in terms)


def generator_loss(networks: Networks, weights, judge):
    scores, features = stateless(
        networks.discriminator,
        judge,
        ops.concatenate([translate(networks, weights), golden.SOURCE]),
        ops.concatenate([golden.FAKE_LABELS, SOURCE_LABELS]),
    )
    halves = {size: ops.split(maps, 2) for size, maps in features.items()}
    distance = feature_distance(
        {size: jax.lax.stop_gradient(h[1]) for size, h in halves.items()},
        {size: h[0] for size, h in halves.items()},
        ALPHAS,
    )
    return ops.mean(-ops.split(scores, 2)[0]) + ops.mean(distance)


def gradient_errors(network, gradients, prefix) -> dict[str, float]:
    """Errors of the recorded gradients whose names begin with the prefix."""
    paths = [variable.path for variable in network.trainable_variables]
    by_path = dict(zip(paths, gradients, strict=True))
    return {
        f"{prefix}{entry.name}": golden.error(
            f"{prefix}{entry.name}",
            entry.to_upstream(ops.convert_to_numpy(by_path[entry.weight.path])),
        )
        for entry in upstream_entries(network)
        if f"{prefix}{entry.name}" in golden.NUMBERS.files
    }


def backward(networks: Networks) -> dict[str, float]:
    """Errors of the hinge losses' gradients, from freshly drawn weights."""
    drawn_weights.load_all(networks)
    weights = {
        name: [v.value for v in getattr(networks, name).trainable_variables]
        for name in drawn_weights.LETTERS
    }
    judge = weights.pop("discriminator")
    fake = translate(networks, weights)
    found = {
        "discriminator": jax.jit(
            jax.grad(lambda w: discriminator_loss(networks, w, fake))
        )(judge),
        **jax.jit(jax.grad(lambda w: generator_loss(networks, w, judge)))(
            weights
        ),
    }
    errors = {}
    for name, gradients in found.items():
        side = "d" if name == "discriminator" else "g"
        letter = "" if side == "d" else f"{drawn_weights.LETTERS[name]}."
        prefix = f"hinge/{side}_grad/{letter}"
        network = getattr(networks, name)
        errors |= gradient_errors(network, gradients, prefix)
    return errors


def main():
    networks = build_networks(drawn_weights.CONFIG)
    outputs = {}
    for training in (False, True):
        outputs |= golden.forward(networks, training)
    gradients = backward(networks)
    baselines = jax_baselines.outputs()
    critic = jax_baselines.critic_gradients()
    loaded = sorted({"tensorflow", "torch"} & set(sys.modules))
    said = {"backend": keras.backend.backend(), "loaded": loaded}
    said |= {"outputs": outputs, "gradients": gradients}
    said |= {"baselines": baselines, "critic": critic}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
