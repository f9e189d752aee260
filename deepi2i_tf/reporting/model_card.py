"""The model card of a translator on the Hub, written from its report.

https://huggingface.co/docs/hub/model-cards; TensorFlow is not needed.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from deepi2i_tf.config import MODEL_TITLES
from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.metric_labels import HEADLINES, TRUTHS
from deepi2i_tf.reporting.report_data import read_json
from deepi2i_tf.runs.layout import METRICS_FILE
from deepi2i_tf.utils.names import printable_path

# Of the protocol, what a reader needs to compare numbers.
_PROTOCOL = (
    "split",
    "num_sources",
    "num_targets",
    "num_translations",
    names.FEATURES,
    "reals_split",
    "reals_per_class",
    "seed",
    "step",
)
_MOST_NAMES = 40


def model_card(
    repo_id: str,
    class_names: Sequence[str],
    facts: Mapping[str, Any],
    report: str | os.PathLike = "",
    sheet: str = "",
) -> str:
    """The card as Markdown with its YAML block.

    Args:
        repo_id: `user/name`.
        class_names: what it translates into.
        facts: `resolution`, `data` (a sentence on the images), `license`.
        report: folder of the command `evaluate`; empty writes no numbers.
        sheet: name of the sheet of translations in the repository.
    """
    metrics = read_json(os.path.join(report, METRICS_FILE)) if report else {}
    parts = [
        _front_matter(repo_id, metrics, str(facts["license"])),
        f"# {repo_id}",
        _what(class_names, facts),
        f"![Sources, and each as every class]({sheet})" if sheet else "",
        _usage(repo_id, class_names),
        _numbers(metrics),
        f"## Data\n\n{facts['data']}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(
    repo_id: str, metrics: Mapping[str, Any], license_name: str
) -> str:
    lines = [
        "---",
        "library_name: keras",
        "pipeline_tag: image-to-image",
        f"license: {json.dumps(license_name)}",
        "tags: [image-to-image, deepi2i, gan]",
    ]
    if rows := _rows(metrics):
        lines += [
            "model-index:",
            f"- name: {json.dumps(repo_id)}",
            "  results:",
            "  - task: {type: image-to-image}",
            "    dataset: {type: held-out, name: held-out images}",
            "    metrics:",
        ]
        # JSON is YAML, whatever a name holds.
        lines += [
            f"    - {json.dumps({'type': key, 'name': label, 'value': value})}"
            for key, label, value, _ in rows
        ]
    return "\n".join([*lines, "---"])


def _what(class_names: Sequence[str], facts: Mapping[str, Any]) -> str:
    side = facts["resolution"]
    title, paper = MODEL_TITLES[facts["model"]]
    shown = ", ".join(class_names[:_MOST_NAMES])
    more = ", ..." if len(class_names) > _MOST_NAMES else ""
    return (
        f"Translates images between {len(class_names)} classes at {side} x "
        f"{side} pixels: {title} ([arXiv {paper}]"
        f"(https://arxiv.org/abs/{paper})) in Keras, by the package "
        f"deepi2i_tf.\n\nClasses: {shown}{more}."
    )


def _usage(repo_id: str, class_names: Sequence[str]) -> str:
    return (
        "## How to call it\n\n```python\nimport deepi2i_tf as d2\n\n"
        f'translator = d2.load_translator("hf://{repo_id}")\n'
        f'picture = translator.translate("photo.jpg", '
        f"{json.dumps(class_names[-1], ensure_ascii=False)}, seed=0)\n```"
    )


def _numbers(metrics: Mapping[str, Any]) -> str:
    rows = _rows(metrics)
    if not rows:
        return ""
    lines = ["## Numbers", "", "| metric | value | better |", "| --- | --- |"]
    lines[-1] += " --- |"
    for _, label, value, better in rows:
        lines.append(f"| {label} | {value:.4g} | {better or '-'} |")
    protocol = metrics.get(names.PROTOCOL) or {}
    told = [f"{k}: {protocol[k]}" for k in _PROTOCOL if k in protocol]
    if told:
        lines += ["", f"Protocol: {'; '.join(told)}."]
    return "\n".join(lines)


def _rows(
    metrics: Mapping[str, Any],
) -> list[tuple[str, str, float, str]]:
    """Key, label, value and the better direction of what was measured."""
    protocol = metrics.get(names.PROTOCOL) or {}
    features = str(protocol.get(names.FEATURES, "")).partition(",")[0]
    return [
        (metric.key, metric.name(features), value, metric.better)
        for metric in (*HEADLINES, *TRUTHS)
        if (value := metric.value(metrics)) is not None
    ]


def data_sentence(protocol: Mapping[str, Any]) -> str:
    """What a report knows of the data, where nobody says more."""
    if "data" not in protocol:
        return "Not described."
    # Data set, config and version; where they lie is nobody's concern.
    folders = printable_path(str(protocol["data"])).rstrip("/").split("/")
    return f"Measured on the held-out images of `{'/'.join(folders[-3:])}`."
