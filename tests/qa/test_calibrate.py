import random
from dataclasses import replace

import pytest

from corpus.errors import QuestionError
from index.bundle import Calibration
from qa.calibrate import choose_threshold, threshold_of
from qa.confidence import THRESHOLD
from qa.selective import Outcome, risk_coverage


def outcomes(right: int, wrong: int, *, confidence: float) -> list[Outcome]:
    return [Outcome(confidence, right=True)] * right + [Outcome(confidence, right=False)] * wrong


def choose(asked: list[Outcome], max_wrong: float = 0.05) -> Calibration:
    return choose_threshold(asked, max_wrong=max_wrong, confidence=0.9, reads=True)


def asked_of(chance: random.Random, count: int) -> list[Outcome]:
    """Return outcomes of a medfaq whose confidence is exactly how often it is right."""
    sure = [chance.betavariate(1.2, 0.5) for _ in range(count)]
    return [Outcome(each, right=chance.random() < each) for each in sure]


def test_the_threshold_is_the_lowest_that_keeps_the_promise() -> None:
    asked = [
        *outcomes(60, 0, confidence=0.9),
        *outcomes(60, 1, confidence=0.8),
        *outcomes(20, 20, confidence=0.7),
    ]
    chosen = choose(asked)
    assert (chosen.threshold, chosen.questions, chosen.shown, chosen.wrong) == (0.8, 161, 121, 1)


@pytest.mark.parametrize(("right", "enough"), [(45, True), (44, False)])
def test_a_sample_too_small_to_promise_anything_is_refused(right: int, enough: bool) -> None:
    # 0.95 ** 45 is the first power below 0.1: by then so many right ones are no accident.
    asked = outcomes(right, 0, confidence=0.9)
    if enough:
        assert choose(asked).threshold == 0.9
    else:
        with pytest.raises(QuestionError, match="it takes 45 answers shown without a wrong one"):
            choose(asked)


def test_a_lax_threshold_behind_one_that_fails_is_not_tried() -> None:
    asked = [
        *outcomes(50, 0, confidence=0.9),
        *outcomes(10, 10, confidence=0.8),
        *outcomes(5000, 0, confidence=0.7),
    ]
    assert choose(asked).threshold == 0.9


def test_what_stands_in_place_of_an_answer_is_not_counted_as_one() -> None:
    flagged = [Outcome(0.95, right=False, open=False)] * 30
    chosen = choose([*flagged, *outcomes(50, 0, confidence=0.9)])
    assert (chosen.shown, chosen.wrong, chosen.questions) == (50, 0, 80)


def test_answers_of_one_confidence_are_shown_together_or_not_at_all() -> None:
    asked = [*outcomes(50, 0, confidence=0.9), *outcomes(60, 0, confidence=0.8)]
    asked += outcomes(0, 40, confidence=0.8)
    assert choose(asked).threshold == 0.9


def test_the_promise_is_broken_no_more_often_than_it_says() -> None:
    chance = random.Random(7)
    world = asked_of(chance, 20_000)
    broken = tried = 0
    for _ in range(200):
        try:
            chosen = choose(asked_of(chance, 200))
        except QuestionError:
            continue
        tried += 1
        (point,) = risk_coverage(world, [chosen.threshold])
        broken += point.risk > 0.05
    assert tried > 50
    assert broken / 200 <= 0.1


def test_a_bundle_of_its_own_threshold_uses_it_and_others_the_default() -> None:
    chosen = choose(outcomes(50, 0, confidence=0.9))
    assert threshold_of(chosen, reads=True) == 0.9
    assert threshold_of(None, reads=True) == THRESHOLD


def test_a_threshold_for_another_model_of_confidence_is_not_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = replace(choose(outcomes(50, 0, confidence=0.9)), confidence_sha256="0" * 64)
    assert threshold_of(old, reads=True) == THRESHOLD
    assert "run medfaq calibrate again" in caplog.text


def test_a_threshold_found_with_reading_together_is_not_used_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chosen = choose(outcomes(50, 0, confidence=0.9))
    assert threshold_of(chosen, reads=False) == THRESHOLD
    assert "--no-rerank" in caplog.text
