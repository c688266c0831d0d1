"""A question in, an answer out: the one path that every face takes."""

import itertools
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import cache, partial

from index.bundle import Bundle
from index.encoder import Encoder
from qa.answer import Answer, Status
from qa.answers import load_answers
from qa.calibrate import threshold_of
from qa.confidence import Confidence, probability
from qa.hit import Found
from qa.mismatch import DOUBT
from qa.question import clean_message, clean_question, problem_with
from qa.rerank import Rerank, rerank
from qa.retriever import Retriever
from qa.scope import NOT_COVERED, Scope
from qa.triage import check as check_urgent
from qa.triage import load_notices, load_triage
from qa.urgent import Urgent

URGENT_CHARACTERS = 20_000
"""How much of a message is looked through for red flags, far more than is searched with."""

_log = logging.getLogger(__name__)

_NOTHING: tuple[Found, float] = Found(question="", hits=(), covered=None), 0.0


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="red-flags")


class Answerer:
    """Answers questions from one bundle."""

    def __init__(
        self,
        bundle: Bundle,
        encoder: Encoder,
        *,
        confidence: Confidence | None = None,
        threshold: float | None = None,
        rerank: Rerank | None = rerank,
    ) -> None:
        """Answer from `bundle` what `confidence` puts at or above `threshold`.

        Without a threshold, the bundle's own holds, or the default one. Without `rerank`, question
        and entry are never read together, neither for the order nor for the confidence, which is
        quicker.
        """
        self.bundle = bundle
        answered = any(passage.answer for passage in bundle.passages)
        self.reads = rerank is not None and bundle.coverage is None and answered
        self._retriever = Retriever(bundle, encoder, rerank)
        self._confidence = confidence or partial(probability, reads=self.reads)
        # So that what is missing is said now, and not to the first who asks.
        load_notices()
        load_triage()
        if self.reads:
            load_answers()
        self._scope = Scope(bundle.passages, bundle.tokenizer)
        self.threshold = (
            threshold_of(bundle.manifest.calibration, reads=self.reads)
            if threshold is None
            else threshold
        )

    def at(self, threshold: float) -> "Answerer":
        """Return an answerer that shows what reaches another threshold."""
        other = copy(self)
        other.threshold = threshold
        return other

    def answer(self, question: str, *, top_k: int = 5) -> Answer:
        """Answer one question, with its `top_k` best hits."""
        return self.answer_all([question], top_k=top_k)[0]

    def answer_all(
        self, questions: Sequence[str], *, top_k: int = 5, beside: bool = True
    ) -> list[Answer]:
        """Answer questions, in their order; the model reads them together.

        Red flags are looked for whatever is found, and however long the text: on another core, or
        without `beside` on this one, which is better where others work there already.

        Raises:
            BundleError: an answer no longer matches the lines that it came from.
        """
        cleaned = [clean_question(question) for question in questions]
        looked_through = [clean_message(question)[:URGENT_CHARACTERS] for question in questions]
        checking = _beside().submit(check_urgent, looked_through) if beside else None
        problems = [problem_with(question) for question in cleaned]
        found, failure = self._search(
            [q for q, problem in zip(cleaned, problems, strict=True) if problem is None], top_k
        )
        urgent = checking.result() if checking else check_urgent(looked_through)
        if failure:
            if not all(urgent):
                raise failure
            # What to do now must not wait for the closest entries.
            _log.error("no entries beside an urgent notice: %s", type(failure).__name__)
        return [
            self._decide(
                question, found_urgent, *(next(found) if problem is None else _NOTHING), problem
            )
            for question, found_urgent, problem in zip(questions, urgent, problems, strict=True)
        ]

    def _search(
        self, questions: Sequence[str], top_k: int
    ) -> tuple[Iterator[tuple[Found, float]], Exception | None]:
        """Return what is found for each question, and how sure the first hit is.

        Or else nothing for any, and what went wrong.
        """
        try:
            found = self._retriever.search(questions, top_k)
            return iter([(each, self._sure(each)) for each in found]), None
        except Exception as error:
            return itertools.repeat(_NOTHING), error

    def _sure(self, found: Found) -> float:
        if not found.hits:
            return 0.0
        confidence = self._confidence(found)
        mismatches = self._scope.mismatches(found.question, found.hits[0].passage)
        return confidence * DOUBT if mismatches else confidence

    def _decide(
        self,
        question: str,
        urgent: Urgent | None,
        found: Found,
        confidence: float,
        problem: str | None,
    ) -> Answer:
        if urgent:
            return Answer(question, Status.URGENT, confidence, None, found.hits, urgent=urgent)
        if problem or not found.hits:
            reason = problem or NOT_COVERED
            return Answer(question, Status.NOT_COVERED, 0.0, None, found.hits, reason)
        first = found.hits[0].passage
        if confidence < self.threshold:
            reason = self._scope.why_not(found.question, first)
            return Answer(question, Status.NOT_COVERED, confidence, None, found.hits, reason)
        passage = self.bundle.checked(first)
        return Answer(question, Status.ANSWERED, confidence, passage, found.hits)
