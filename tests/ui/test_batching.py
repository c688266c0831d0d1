import asyncio
import threading
from collections.abc import Sequence

import pytest

from index.bundle import Bundle
from qa.answer import Answer
from qa.answerer import Answerer
from tests.fakes import FakeEncoder
from ui.batching import Batcher, BusyError


class Watched(Answerer):
    """Waits before its first answers until it is told to go on; fails on one question."""

    def __init__(self, bundle: Bundle, encoder: FakeEncoder) -> None:
        super().__init__(bundle, encoder)
        self.go_on = threading.Event()
        self.sizes: list[int] = []

    def answer_all(
        self, questions: Sequence[str], *, top_k: int = 5, beside: bool = True
    ) -> list[Answer]:
        assert self.go_on.wait(30)
        self.sizes.append(len(questions))
        if "fail" in questions:
            raise RuntimeError("as told")
        return super().answer_all(questions, top_k=top_k, beside=beside)


@pytest.fixture
def answerer(default_bundle: Bundle, encoder: FakeEncoder) -> Watched:
    return Watched(default_bundle, encoder)


def ask_together(
    answerer: Watched, questions: Sequence[str], waiting: int = 100
) -> list[Answer | BaseException]:
    async def ask() -> list[Answer | BaseException]:
        batcher = Batcher(answerer, waiting=waiting)
        asked = [asyncio.create_task(batcher.answer(question)) for question in questions]
        await asyncio.sleep(0.2)
        answerer.go_on.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask())


def test_everybody_gets_the_answer_to_their_own_question(answerer: Watched) -> None:
    questions = [f"is heat good {number}" for number in range(30)]
    answers = ask_together(answerer, questions)
    assert [answer.question for answer in answers if isinstance(answer, Answer)] == questions


def test_questions_that_wait_are_answered_together(answerer: Watched) -> None:
    ask_together(answerer, ["is heat good"] * 30)
    assert sum(answerer.sizes) == 30
    assert len(answerer.sizes) < 15


def test_a_question_that_fails_fails_alone(answerer: Watched) -> None:
    answers = ask_together(answerer, ["heat", "fail", "sleep", "ice", "rest"] * 3)
    assert [isinstance(answer, RuntimeError) for answer in answers] == (
        [False, True, False, False, False] * 3
    )


def test_where_too_many_wait_the_next_is_told_so(answerer: Watched) -> None:
    answers = ask_together(answerer, ["is heat good"] * 50, waiting=10)
    refused = [answer for answer in answers if isinstance(answer, BusyError)]
    assert 0 < len(refused) < 50
    assert "ask again soon" in str(refused[0])
    assert isinstance(answers[0], Answer)


@pytest.mark.parametrize("workers", [1, 2])
def test_there_is_room_again_once_the_waiting_are_answered(
    default_bundle: Bundle, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("ui.batching._WORKERS", workers)

    async def ask() -> Answer:
        batcher = Batcher(Answerer(default_bundle, encoder), waiting=1)
        await batcher.answer("is heat good")
        return await asyncio.wait_for(batcher.answer("is ice good"), 30)

    assert asyncio.run(ask()).question == "is ice good"
