"""Hits that lie close together are put in order by a second look, and nothing else is touched."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Passage, Source
from index.views import View, ViewKind
from qa import rerank as module
from qa.hit import Found, Hit, Signals
from qa.rerank import CLOSE, JUDGED, rerank


def hit(name: str, score: float, answer: str = "Yes.") -> Hit:
    passage = Passage(name, f"{name}?", (), answer, (), Source("faq.txt", 1, 1), "")
    signals = Signals(*[score] * 6)
    return Hit(passage, signals, View(0, ViewKind.QUESTION, passage.question), score)


def found(*scores: float) -> Found:
    hits = tuple(hit(str(number), score) for number, score in enumerate(scores))
    return Found("why?", hits, None)


def names(one: Found) -> list[str]:
    return [each.passage.id for each in one.hits]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Passage]]:
    """Judge later entries to be better answers; return the pairs that were asked about."""
    asked: list[tuple[str, Passage]] = []

    def answers(
        pairs: Sequence[tuple[str, Passage]],
    ) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        asked.extend(pairs)
        return np.array([2.0 * int(passage.id) - 2 for _, passage in pairs], dtype=np.float32)

    monkeypatch.setattr(module, "answers", answers)
    return asked


def test_what_answers_comes_first_among_hits_that_lie_close_together(
    judge: list[tuple[str, Passage]],
) -> None:
    (again,) = rerank([found(0.80, 0.79, 0.70)])
    assert names(again) == ["1", "0", "2"]
    assert [(question, passage.id) for question, passage in judge] == [("why?", "0"), ("why?", "1")]


def test_a_hit_that_stands_alone_is_not_looked_at_again(judge: list[tuple[str, Passage]]) -> None:
    alone = [found(0.80, 0.70, 0.69), found(0.5)]
    assert rerank(alone) == alone
    assert not judge


def test_a_question_without_an_answer_is_not_read_beside_another(
    judge: list[tuple[str, Passage]],
) -> None:
    hits = hit("0", 0.80), hit("1", 0.79, answer="")
    (again,) = rerank([Found("why?", hits, None)])
    assert again.hits == hits
    assert not judge


def test_no_more_than_a_few_hits_are_judged(judge: list[tuple[str, Passage]]) -> None:
    (again,) = rerank([found(*[0.8] * (JUDGED + 2))])
    assert len(judge) == JUDGED
    assert names(again)[JUDGED:] == [str(JUDGED), str(JUDGED + 1)]


@pytest.mark.usefixtures("judge")
def test_questions_together_get_what_they_get_alone() -> None:
    several = [found(0.8, 0.79), found(0.9, 0.1), found(0.6, 0.58, 0.57)]
    assert rerank(several) == [rerank([each])[0] for each in several]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=8),
    st.lists(st.floats(-20, 20, width=32), min_size=JUDGED, max_size=JUDGED),
)
def test_hits_stay_the_same_in_the_order_of_their_scores(
    scores: list[float], odds: list[float]
) -> None:
    before = found(*sorted(scores, reverse=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "answers", lambda pairs: np.array(odds[: len(pairs)]))
        (after,) = rerank([before])
    assert sorted(names(after)) == sorted(names(before))
    ordered = [each.score for each in after.hits]
    assert ordered == sorted(ordered, reverse=True)
    assert ordered[0] <= 1
    assert after.hits[0].signals.score >= before.hits[0].score - CLOSE
