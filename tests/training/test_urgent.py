from qa.triage import SIGNS
from qa.urgent import load_signs
from training.urgent import OF_PATTERNS


def test_every_sign_of_the_patterns_is_one_that_the_model_gives() -> None:
    assert set(OF_PATTERNS) == {sign.name for sign in load_signs().signs}
    assert set(OF_PATTERNS.values()) <= set(SIGNS)
