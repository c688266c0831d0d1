import hashlib
from pathlib import Path

import pytest

from qa import answers, triage


@pytest.mark.parametrize("model", [answers.MODEL, triage.MODEL], ids=lambda path: path.stem)
def test_the_card_is_that_of_the_model_that_ships(model: Path) -> None:
    card = model.with_name("README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(model.read_bytes()).hexdigest() in card
