"""Questions to ranked hits: a passage is seen in several ways, and scored by their mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage
from index.bundle import Bundle
from index.encoder import Encoder, Reading
from index.views import View

_NEAREST_VIEWS = 1_000
_BY_MEANING = 60
_BY_WORDS = 20
"""How many passages are scored in full: those with the nearest views, and the best by words."""

_NEAREST_ASKS = 3
_LEXICAL_WEIGHT = 0.4


@dataclass(frozen=True, slots=True)
class Signals:
    """How well a passage fits a question, seen in each way; all but `least` make its score.

    All are at most 1. `asks`, `sentence` and `entry` are similarities to the passage's question
    and alternates, to its nearest sentence or any of these, and to the whole of it. `forward` is
    how much of the question the entry covers, word piece by word piece, `reverse` how much of
    one of its questions the question covers, `least` how well the piece is covered that is
    covered worst. `words` is the BM25 score as a share of the best passage's.
    """

    asks: float
    sentence: float
    entry: float
    forward: float
    reverse: float
    words: float
    least: float

    @property
    def score(self) -> float:
        """The mean of the views, with the words at less than half their weight."""
        views = self.asks + self.sentence + self.entry + self.forward + self.reverse
        return (views + _LEXICAL_WEIGHT * self.words) / (5 + _LEXICAL_WEIGHT)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, the better the higher its score.

    `evidence` is the view that lies nearest to the question, `similarity` its cosine to it.
    """

    passage: Passage
    signals: Signals
    evidence: View
    similarity: float

    @property
    def score(self) -> float:
        """How well it fits, at most 1."""
        return self.signals.score


class Retriever:
    """Ranks the passages of a bundle."""

    def __init__(self, bundle: Bundle, encoder: Encoder) -> None:
        """Rank the passages of `bundle` with the encoder that it was built with."""
        self._bundle = bundle
        self._encoder = encoder
        owners = np.array([view.passage for view in bundle.views])
        self._owner = owners
        self._first_view = np.searchsorted(owners, np.arange(len(bundle.passages) + 1))
        by_piece = np.array([view.kind.by_piece for view in bundle.views])
        self._text_of_view = np.cumsum(by_piece) - 1

    def search(self, questions: Sequence[str], count: int) -> list[list[Hit]]:
        """Return the best hits for each question, best first, ties in the order of the FAQ."""
        if not questions:
            return []
        readings = self._encoder.read(questions)
        vectors = np.stack([reading.vector for reading in readings])
        nearest = self._bundle.dense.search(vectors, _NEAREST_VIEWS)
        return [
            self._rank(question, reading, rows, count)
            for question, reading, rows in zip(questions, readings, nearest, strict=True)
        ]

    def _rank(
        self, question: str, reading: Reading, nearest: NDArray[np.int64], count: int
    ) -> list[Hit]:
        lexical = self._bundle.lexical.scores(question)
        lexical = lexical / max(float(lexical.max()), 1e-9)
        passages = self._candidates(nearest, lexical, count)
        hits = [self._hit(int(passage), reading, float(lexical[passage])) for passage in passages]
        return sorted(hits, key=lambda hit: -hit.score)[:count]

    def _candidates(
        self, nearest: NDArray[np.int64], lexical: NDArray[np.float32], count: int
    ) -> NDArray[np.int64]:
        """Return the numbers of the passages worth scoring, ascending."""
        by_meaning = dict.fromkeys(self._owner[nearest].tolist())
        wanted = max(_BY_MEANING, count)
        by_words = np.argsort(-lexical, kind="stable")[:_BY_WORDS]
        return np.union1d(
            np.array(list(by_meaning)[:wanted], dtype=np.int64), by_words[lexical[by_words] > 0]
        )

    def _hit(self, number: int, question: Reading, words: float) -> Hit:
        """Score one passage, whose views are its questions, the whole entry, its sentences."""
        passage = self._bundle.passages[number]
        rows = np.arange(self._first_view[number], self._first_view[number + 1])
        similarities = self._bundle.dense.vectors(rows) @ question.vector
        count = 1 + len(passage.alternates)
        nearest = np.argsort(-similarities[:count], kind="stable")[:_NEAREST_ASKS]
        top = similarities[nearest]
        match = self._bundle.tokens.match(
            question, self._text_of_view[rows[np.append(nearest, count)]]
        )
        # An entry without an answer is its question again; its alternates say more of it.
        whole = bool(passage.answer)
        signals = Signals(
            asks=float(top[0] + top.mean()) / 2,
            sentence=float(np.delete(similarities, count).max()),
            entry=float(similarities[count] if whole else top[0]),
            forward=float(match.forward[-1] if whole else match.forward.max()),
            reverse=float(match.reverse[:-1].max()),
            words=words,
            least=float(match.least.max()),
        )
        return Hit(
            passage=passage,
            signals=signals,
            evidence=self._bundle.views[rows[similarities.argmax()]],
            similarity=float(similarities.max()),
        )
