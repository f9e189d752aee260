import json

import yaml

from deepi2i_tf.reporting.model_card import data_sentence, model_card

FACTS = {
    "model": "deepi2i",
    "resolution": 32,
    "data": "Drawn.",
    "license": "cc-by-4.0",
}


def front_matter(card):
    _, block, text = card.split("---\n", 2)
    return yaml.safe_load(block), text


def test_a_card_without_a_report_has_no_numbers():
    block, text = front_matter(model_card("u/n", ["cat", "dog"], FACTS))
    assert block["license"] == "cc-by-4.0" and "model-index" not in block
    assert "between 2 classes at 32 x 32 pixels" in text
    assert "Numbers" not in text and "![" not in text
    assert 'translate("photo.jpg", "dog", seed=0)' in text


def test_numbers_stand_in_text_and_block(tmp_path):
    metrics = {"rc": 0.5, "mfid": 0.25, "protocol": {"seed": 3}}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    card = model_card("u/n", ["ox"] * 50, FACTS, tmp_path, "sheet.png")
    block, text = front_matter(card)
    (result,) = block["model-index"][0]["results"]
    values = {each["type"]: each["value"] for each in result["metrics"]}
    assert values["rc"] == 0.5 and values["mfid"] == 0.25
    assert "Protocol: seed: 3." in text and "(sheet.png)" in text
    assert text.count("ox,") == 40


def test_the_data_of_a_report_are_named_without_the_machine():
    said = data_sentence({"data": "/home/me/data/creatures/r32/1.0.0"})
    assert "`creatures/r32/1.0.0`" in said and "me" not in said.split("`")[1]
    assert data_sentence({}) == "Not described."
