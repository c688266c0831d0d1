import json

import numpy as np
import pytest

from index.bundle import Bundle
from index.encoder import DEFAULT_WEIGHTS_SHA256, load_encoder
from qa.answerer import Answerer
from qa.disclaimer import DISCLAIMER
from qa.likeness import ALARM, LIKENESS_FILE, NOTICED, Likeness, likeness_for
from tests.fakes import FakeEncoder
from training.data import URGENT


def alarmed_by(text: str) -> Likeness:
    """Return what takes this text for somebody's thoughts of self-harm, and no other."""
    signs = tuple(sorted(NOTICED))
    weights = np.zeros((1, len(signs)), dtype=np.float32)
    weights[0, signs.index("self_harm")] = 1.0
    return Likeness(signs, FakeEncoder().encode([text]), weights)


def test_a_message_like_an_emergency_gets_the_notice_of_its_sign() -> None:
    likeness = alarmed_by("everybody is better off without me")

    urgent = likeness.check(FakeEncoder().encode(["everybody is better off without me"])[0])

    assert urgent is not None
    assert "self-harm" in urgent.matched[0]
    assert "crisis line" in urgent.notice


def test_a_message_unlike_any_gets_none() -> None:
    likeness = alarmed_by("everybody is better off without me")

    assert likeness.check(FakeEncoder().encode(["is heat good"])[0]) is None


def test_likeness_stands_before_any_answer(
    default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Is heat good for back spasms?"
    monkeypatch.setattr("qa.answerer.likeness_for", lambda _: alarmed_by(question))

    answer = Answerer(default_bundle, FakeEncoder(), confidence=lambda _: 1.0).answer(question)

    shown = answer.to_json()
    assert (shown["status"], shown["answer"], shown["passage"]) == ("urgent", None, None)
    assert shown["hits"]
    assert shown["disclaimer"] == DISCLAIMER


def test_another_model_has_no_likeness() -> None:
    assert likeness_for("of another model") is None


def test_what_ships_was_made_for_the_default_model_with_a_notice_for_every_sign() -> None:
    shipped = likeness_for(DEFAULT_WEIGHTS_SHA256)

    assert shipped is not None, f"{LIKENESS_FILE}: run python -m training.urgent"
    assert set(shipped.signs) == set(NOTICED)


@pytest.mark.model
def test_most_of_what_it_was_made_from_is_told_apart() -> None:
    rows = [json.loads(line) for line in URGENT.read_text(encoding="utf-8").splitlines()][::5]
    shipped = likeness_for(DEFAULT_WEIGHTS_SHA256)
    assert shipped is not None

    like = shipped.of(load_encoder().encode([row["text"] for row in rows])).sum(axis=1) >= ALARM

    urgent = np.array([row["urgent"] for row in rows])
    assert like[urgent].mean() > 0.5
    assert like[~urgent].mean() < 0.1
