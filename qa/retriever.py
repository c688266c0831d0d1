"""Questions to ranked hits: a passage is seen in several ways, and scored by their mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage, Span
from index.bundle import Bundle
from index.encoder import Encoder, Reading, Vectors
from index.tokens import Match
from index.views import View

_NEAREST_VIEWS = 1_000
_BY_MEANING = 60
_BY_WORDS = 20
"""How many passages are scored in full: those with the nearest views, and the best by words."""

_NEAREST_ASKS = 3
_LEXICAL_WEIGHT = 0.4
_STANDS_OUT = 0.45
"""How near a sentence must lie to the question to be set off from the rest of its answer."""


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
        return (views + _LEXICAL_WEIGHT * self.words) / (5 + _LEXICAL_WEIGHT)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, the better the higher its score.

    `evidence` is the view that lies nearest to the question, `similarity` its cosine to it.
    `sentence` is the span of the answer's nearest sentence, where it has several and that one is
    near enough to stand out.
    """

    passage: Passage
    signals: Signals
    evidence: View
    similarity: float
    sentence: Span | None = None

    @property
    def score(self) -> float:
        """How well it fits, at most 1."""
        return self.signals.score


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: hits, best first, and how near what is not covered lies.

    `asks` is how near the question lies to the questions and alternates of any entry, `examples`
    the same for the owner's examples of what is not covered, or None where there are none.
    """

    hits: tuple[Hit, ...]
    asks: float
    examples: float | None


class Retriever:
    """Ranks the passages of a bundle."""

    def __init__(self, bundle: Bundle, encoder: Encoder) -> None:
        """Rank the passages of `bundle` with the encoder that it was built with."""
        self._bundle = bundle
        self._encoder = encoder
        owners = np.array([view.passage for view in bundle.views])
        self._owner = owners
        self._first_view = np.searchsorted(owners, np.arange(len(bundle.passages) + 1))
        self._examples = bundle.examples.all_vectors()
        by_piece = np.array([view.kind.by_piece for view in bundle.views])
        self._text_of_view = np.cumsum(by_piece) - 1

    def search(self, questions: Sequence[str], count: int) -> list[Found]:
        """Return what is found for each question, ties in the order of the FAQ."""
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
    ) -> Found:
        lexical = self._bundle.lexical.scores(question)
        lexical = lexical / max(float(lexical.max()), 1e-9)
        seen = [self._look(number, reading) for number in self._candidates(nearest, lexical, count)]
        matches = self._bundle.tokens.match(reading, np.concatenate([each.texts for each in seen]))
        ends = np.cumsum([len(each.texts) for each in seen])[:-1]
        hits = [
            each.hit(Match(*match), float(lexical[each.number]))
            for each, *match in zip(
                seen,
                np.split(matches.forward, ends),
                np.split(matches.reverse, ends),
                strict=True,
            )
        ]
        return Found(
            hits=tuple(sorted(hits, key=lambda hit: -hit.score)[:count]),
            asks=max(hit.signals.asks for hit in hits),
            examples=_nearness(self._examples @ reading.vector) if len(self._examples) else None,
        )

    def _candidates(
        self, nearest: NDArray[np.int64], lexical: NDArray[np.float32], count: int
    ) -> list[int]:
        """Return the numbers of the passages worth scoring, ascending."""
        by_meaning = dict.fromkeys(self._owner[nearest].tolist())
        wanted = max(_BY_MEANING, count)
        by_words = np.argsort(-lexical, kind="stable")[:_BY_WORDS]
        return sorted({*list(by_meaning)[:wanted], *by_words[lexical[by_words] > 0].tolist()})

    def _look(self, number: int, question: Reading) -> "_Look":
        """Compare a passage's views, which are its questions, the entry, and its sentences."""
        passage = self._bundle.passages[number]
        first, last = self._first_view[number : number + 2]
        rows = np.arange(first, last)
        similarities = self._bundle.dense.vectors(rows) @ question.vector
        asks = 1 + len(passage.alternates)
        nearest = np.argsort(-similarities[:asks], kind="stable")[:_NEAREST_ASKS]
        return _Look(
            number=number,
            passage=passage,
            views=self._bundle.views[first:last],
            similarities=similarities,
            nearest_asks=nearest,
            texts=self._text_of_view[rows[np.append(nearest, asks)]],
        )


def _nearness(similarities: Vectors) -> float:
    """Return how near the nearest texts are: the mean of the best and of the best three."""
    best = np.sort(similarities)[::-1][:_NEAREST_ASKS]
    return float(best[0] + best.mean()) / 2


@dataclass(frozen=True, slots=True)
class _Look:
    """A passage whose views have been compared with a question.

    `texts` are those to be matched piece by piece: the nearest asks, and last the entry.
    """

    number: int
    passage: Passage
    views: Sequence[View]
    similarities: Vectors
    nearest_asks: NDArray[np.int64]
    texts: NDArray[np.int64]

    def hit(self, match: Match, words: float) -> Hit:
        asks = self.similarities[self.nearest_asks]
        entry = 1 + len(self.passage.alternates)
        # An entry without an answer is its question again; its alternates say more of it.
        whole = bool(self.passage.answer)
        signals = Signals(
            asks=_nearness(asks),
            sentence=float(np.delete(self.similarities, entry).max()),
            entry=float(self.similarities[entry] if whole else asks[0]),
            forward=float(match.forward[-1] if whole else match.forward.max()),
            reverse=float(match.reverse[:-1].max()),
            words=words,
        )
        return Hit(
            passage=self.passage,
            signals=signals,
            evidence=self.views[int(self.similarities.argmax())],
            similarity=float(self.similarities.max()),
            sentence=self._nearest_sentence(entry + 1),
        )

    def _nearest_sentence(self, first: int) -> Span | None:
        similarities = self.similarities[first:]
        if len(similarities) < 2:
            return None
        nearest = int(similarities.argmax())
        return self.views[first + nearest].span if similarities[nearest] >= _STANDS_OUT else None
