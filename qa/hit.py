"""What a search finds: passages, how well each fits, and what shows it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from corpus.passage import Passage, Span
from index.views import View

LEXICAL_WEIGHT = 0.4
WEIGHTS = 5 + LEXICAL_WEIGHT
ANSWERS_WEIGHT = 0.08
"""What a hit loses for each nat of the surprise that it would answer (see `qa.rerank`)."""


@dataclass(frozen=True, slots=True)
class Signals:
    """How well a passage fits a question, seen in each way.

    All are at most 1. `asks`, `sentence` and `entry` are similarities to the passage's question
    and alternates, to its nearest sentence or any of these, and to the whole of it. `forward` is
    how much of the question the entry covers, word piece by word piece, `reverse` how much of
    one of its questions the question covers. `words` is the BM25 score as a share of the best
    passage's.
    """

    asks: float
    sentence: float
    entry: float
    forward: float
    reverse: float
    words: float

    @property
    def score(self) -> float:
        """The mean of the views, with the words at less than half their weight."""
        views = self.asks + self.sentence + self.entry + self.forward + self.reverse
        return (views + LEXICAL_WEIGHT * self.words) / WEIGHTS


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, the better the higher its score.

    `evidence` is the view that lies nearest to the question, `similarity` its cosine to it.
    `sentence` is the span of the answer's nearest sentence, where it has several and that one is
    near enough to stand out. `answers` are the log odds that the entry answers, where question and
    entry were read together.
    """

    passage: Passage
    signals: Signals
    evidence: View
    similarity: float
    sentence: Span | None = None
    answers: float | None = None

    @property
    def score(self) -> float:
        """How well it fits, at most 1."""
        if self.answers is None:
            return self.signals.score
        return self.signals.score - ANSWERS_WEIGHT * math.log1p(math.exp(-self.answers))


class Covered(NamedTuple):
    """How surely a question is covered, about 0 to 1, as the bundle's `Coverage` has it.

    `anywhere` is by any passage of the FAQ, `here` by that of the first hit.
    """

    anywhere: float
    here: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found for a question: hits, best first, and what tells whether one answers.

    `covered` is None where the owner gave no examples of what the FAQ does not cover.
    """

    question: str
    hits: tuple[Hit, ...]
    covered: Covered | None
