"""Questions that come at the same time are answered together, and no more than can be."""

import asyncio
import os
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from corpus.errors import MedfaqError
from qa.answer import Answer
from qa.answerer import Answerer

_TOGETHER = 8
"""Questions in a batch: more make nobody's answer quicker."""

_WAITING = 256
"""Questions that may wait: a few seconds of work if they are of the usual length, after which
nobody would be there any more."""

_WORKERS = os.cpu_count() or 1


class BusyError(MedfaqError):
    """There are more questions waiting than can be answered in good time."""


class Batcher:
    """Answers questions off the event loop, those that wait together in one go."""

    def __init__(self, answerer: Answerer, *, waiting: int = _WAITING) -> None:
        """Ask `answerer`, and let no more than `waiting` questions wait."""
        self._answerer = answerer
        self._limit = waiting
        self._waiting: list[tuple[str, asyncio.Future[Answer]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, question: str) -> Answer:
        """Answer one question.

        Raises:
            BusyError: too many wait already.
        """
        if len(self._waiting) >= self._limit:
            raise BusyError("Too many people are asking at this moment. Please ask again soon.")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if len(self._tasks) < _WORKERS:
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:_TOGETHER]
                del self._waiting[:_TOGETHER]
                await self._answer(batch)
        finally:
            # Not in a callback, which comes too late for a question that is asked before it.
            self._tasks -= {asyncio.current_task()}

    async def _answer(self, batch: Sequence[tuple[str, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await run_in_threadpool(self._answers, [question for question, _ in batch])
        except Exception as error:
            answers = [error] * len(batch)
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if waiting.done():  # whoever asked went away
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    def _answers(self, questions: Sequence[str]) -> Sequence[Answer | Exception]:
        if len(questions) > 1:
            try:
                # So many come when the other cores are busy with questions, too.
                return self._answerer.answer_all(questions, beside=False)
            except Exception:  # noqa: S110 - one of them failed: each by itself tells which
                pass
        return [self._alone(question) for question in questions]

    def _alone(self, question: str) -> Answer | Exception:
        try:
            return self._answerer.answer(question)
        except Exception as error:
            return error
