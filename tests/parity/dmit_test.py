"""DMIT against the authors' PyTorch code: one iteration, every recorded array.

Tolerances are of the largest recorded value; see `baselines.py`. Every call in
training moves the power iterations' states, so that all that comes later tells
of the order of the calls.
"""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers.spectral_norm import one_iteration
from deepi2i_tf.losses import matching
from deepi2i_tf.losses.latent import kl_divergence, latent_distance
from deepi2i_tf.losses.reconstruction import l1_distance
from deepi2i_tf.networks.dmit_decoder import DMITDecoder
from deepi2i_tf.networks.dmit_encoders import ContentEncoder, StyleEncoder
from deepi2i_tf.networks.dmit_judges import ContentJudge, ImageJudge
from tests.parity import baselines, critics

GOLDEN = baselines.Golden("dmit")
NETWORKS = {
    "enc_content": ContentEncoder,
    "enc_style": StyleEncoder,
    "dec": DMITDecoder,
    "dis_content": ContentJudge,
    "dis_rand_prior": ImageJudge,
    "dis_rand_enc": ImageJudge,
}
# Of every example, another one: the next, whose class is its target.
OTHER = [1, 2, 0]
SOURCES, TARGETS = baselines.SOURCE_LABELS, baselines.TARGET_LABELS
PARTS = {
    "enc_content": [""],
    "dec": [""],
    "dis_content": [""],
    "enc_style": ["/mu", "/logvar"],
    "dis_rand_prior": ["/1", "/2"],
    "dis_rand_enc": ["/1", "/2"],
}


class Iteration:
    """The authors' iteration with optimizers that stand still."""

    def __init__(self, dtype, in_parts):
        self.in_parts = in_parts
        self.networks = {
            net: baselines.built(kind, dtype) for net, kind in NETWORKS.items()
        }
        self.entries = {
            net: GOLDEN.entries(network, net)
            for net, network in self.networks.items()
        }
        for net, entries in self.entries.items():
            GOLDEN.load(entries, net)
        self.order, self.errors, self.losses = [], {}, {}
        self.x = tf.constant(baselines.source_images().astype(dtype))
        self.z, self.z2, self.eps = (
            tf.constant(baselines.latent(tag).astype(dtype))
            for tag in ("z", "z2", "eps")
        )

    def call(self, net, *inputs):
        """One call in training; compares what it gives."""
        outputs = self.networks[net](*inputs, training=True)
        prefix = f"call/{net}/{self.order.count(net)}"
        self.order.append(net)
        values = outputs if isinstance(outputs, tuple) else (outputs,)
        for part, value in zip(PARTS[net], values, strict=True):
            self.errors[prefix + part] = GOLDEN.error(prefix + part, value)
        return outputs

    def run(self):
        with tf.GradientTape(persistent=True) as tape:
            self.translate()
            self.judge()
            self.match()
        self.compare_gradients(tape)
        for name, loss in self.losses.items():
            self.errors[f"loss/{name}"] = GOLDEN.error(f"loss/{name}", loss)
        for net, entries in self.entries.items():
            for entry in entries:
                key = f"after/{net}.{entry.name}"
                if key in GOLDEN.numbers.files:
                    values = [v.numpy() for v in entry.variables()]
                    error = GOLDEN.error(key, entry.to_torch(values))
                    self.errors[key] = error

    def translate(self):
        x, pick = self.x, lambda values: tf.gather(values, OTHER)
        h = self.call("enc_content", x)
        mean, log_variance = self.call("enc_style", x)
        style = self.code(mean, log_variance, 0)
        rec, self.enc, self.prior, prior2 = tf.split(
            self.decode(h, style, pick(style)), 4
        )
        read, log_variance2 = self.call("enc_style", self.prior)
        self.code(read, log_variance2, 1)
        again = self.call("enc_content", self.prior)
        cycle = self.call("dec", again, style, SOURCES)
        mean_of = tf.reduce_mean
        self.losses |= {
            "errRec": 10 * mean_of(l1_distance(rec, x)),
            "errCyc": 10 * mean_of(l1_distance(cycle, x)),
            "errKl": 0.01 * tf.reduce_sum(kl_divergence(mean, log_variance)),
            "errStyle": mean_of(latent_distance(read, self.z)),
            "errContent": mean_of(l1_distance(h, again)),
            "errDiv": 0.05
            * matching.diversity_quotient(
                mean_of(latent_distance(self.z, self.z2)),
                mean_of(l1_distance(self.prior, prior2)),
            ),
        }
        self.h = h

    def decode(self, h, style, other):
        """The decoder's first call, as the authors make it or in parts."""
        styles = [style, other, self.z, self.z2]
        classes = [SOURCES, TARGETS, TARGETS, TARGETS]
        if not self.in_parts:
            rows = tf.tile(h, (4, 1, 1, 1)), tf.concat(styles, axis=0)
            return self.call("dec", *rows, np.concatenate(classes))
        with one_iteration():
            images = [
                self.networks["dec"](h, code, label, training=True)
                for code, label in zip(styles, classes, strict=True)
            ]
        self.order.append("dec")
        images = tf.concat(images, axis=0)
        self.errors["call/dec/0"] = GOLDEN.error("call/dec/0", images)
        return images

    def code(self, mean, log_variance, index):
        """The sampled style."""
        style = mean + tf.exp(0.5 * log_variance) * self.eps
        key = f"call/enc_style/{index}/code"
        self.errors[key] = GOLDEN.error(key, style)
        return style

    def judge(self):
        differs = tf.ones((3,), self.x.dtype)
        h = tf.stop_gradient(self.h)
        wrong = self.call("dis_content", h, TARGETS)
        right = self.call("dis_content", h, SOURCES)
        self.losses["D_content"] = tf.reduce_mean(
            matching.content_judge_loss(right, wrong, differs)
        )
        for side, images in (("prior", self.prior), ("enc", self.enc)):
            net = f"dis_rand_{side}"
            fake = self.call(net, tf.stop_gradient(images), TARGETS)
            wrong = self.call(net, self.x, TARGETS)
            right = self.call(net, self.x, SOURCES)
            self.losses[f"D_rand_{side}"] = tf.reduce_mean(
                matching.image_judge_loss(right, wrong, fake, differs)
            )

    def match(self):
        mean = tf.reduce_mean
        for side, images in (("enc", self.enc), ("prior", self.prior)):
            scores = self.call(f"dis_rand_{side}", images, TARGETS)
            loss = matching.image_generator_loss(scores)
            self.losses[f"G_rand_{side}"] = mean(loss)
        scores = self.call("dis_content", self.h, TARGETS)
        self.losses["G_content"] = mean(matching.content_loss(scores))

    def compare_gradients(self, tape):
        loss = self.losses
        names = ("G_content", "G_rand_prior", "G_rand_enc")
        # Of several losses, TensorFlow gives the gradient of their sum.
        first = [loss[n] for n in (*names, "errRec", "errCyc", "errKl")]
        second = [loss["errStyle"], loss["errDiv"]]
        losses = {
            ("dec", 0): first,
            ("dec", 1): second,
            ("enc_content", 0): first,
            ("enc_content", 1): loss["errContent"],
            ("enc_style", 0): first,
            ("dis_content", 0): loss["D_content"],
            ("dis_rand_prior", 0): loss["D_rand_prior"],
            ("dis_rand_enc", 0): loss["D_rand_enc"],
        }
        for (net, step), value in losses.items():
            self.errors |= GOLDEN.gradient_errors(
                f"grad/{net}/{step}/",
                self.entries[net],
                critics.gradients_by_path(tape, value, self.networks[net]),
            )


@pytest.mark.parametrize(
    "dtype, in_parts",
    [("float64", False), ("float64", True), ("float32", True)],
)
def test_one_iteration(dtype, in_parts):
    iteration = Iteration(dtype, in_parts)
    iteration.run()
    assert iteration.order == list(GOLDEN.numbers["call_order"])
    baselines.assert_all_near(
        GOLDEN,
        iteration.errors,
        dtype,
        unused=("call_order",),
    )
