import hashlib
from collections import Counter
from pathlib import Path

import onnx
import pytest

from qa import answers, triage


@pytest.mark.parametrize("model", [answers.MODEL, triage.MODEL], ids=lambda path: path.stem)
def test_the_card_is_that_of_the_model_that_ships(model: Path) -> None:
    card = model.with_name("README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(model.read_bytes()).hexdigest() in card


@pytest.mark.parametrize("model", [answers.MODEL, triage.MODEL], ids=lambda path: path.stem)
def test_a_model_that_ships_attends_in_one_node_a_layer(model: Path) -> None:
    found = Counter(each.op_type for each in onnx.load(str(model)).graph.node)
    assert found["MultiHeadAttention"] == found["BiasGelu"] > 0
    assert not found["Softmax"]
