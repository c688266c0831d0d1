"""Questions to ranked hits: several views of a passage, fused with BM25."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage
from index.bundle import Bundle
from index.encoder import Encoder, Vectors
from index.views import View, ViewKind

_CANDIDATE_VIEWS = 1_000
_CANDIDATE_PASSAGES = 100
_LEXICAL_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, the better the higher its score (at most 1).

    `evidence` is the view that lies nearest to the question, `similarity` its cosine to it.
    """

    passage: Passage
    score: float
    evidence: View
    similarity: float


class Retriever:
    """Ranks the passages of a bundle."""

    def __init__(self, bundle: Bundle, encoder: Encoder) -> None:
        """Rank the passages of `bundle` with the encoder that it was built with."""
        self._bundle = bundle
        self._encoder = encoder
        self._passage_of = np.array([view.passage for view in bundle.views])
        self._asks = np.array(
            [view.kind in (ViewKind.QUESTION, ViewKind.ALTERNATE) for view in bundle.views]
        )
        self._whole = np.array([view.kind is ViewKind.ENTRY for view in bundle.views])

    def search(self, questions: Sequence[str], count: int) -> list[list[Hit]]:
        """Return the best hits for each question, best first, ties in the order of the FAQ."""
        if not questions:
            return []
        vectors = self._encoder.encode(questions)
        nearest = self._bundle.dense.search(vectors, _CANDIDATE_VIEWS)
        return [
            self._rank(question, vector, rows, count)
            for question, vector, rows in zip(questions, vectors, nearest, strict=True)
        ]

    def _rank(
        self, question: str, vector: Vectors, nearest: NDArray[np.int64], count: int
    ) -> list[Hit]:
        lexical = self._bundle.lexical.scores(question)
        passages = self._candidates(nearest, lexical)
        rows = np.flatnonzero(np.isin(self._passage_of, passages))
        similarities = self._bundle.dense.vectors(rows) @ vector
        # `rows` are in the order of the passages, those of one passage side by side.
        owners = np.searchsorted(passages, self._passage_of[rows])
        starts = np.flatnonzero(np.diff(owners, prepend=-1))

        def best(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
            return np.maximum.reduceat(np.where(mask[rows], similarities, -1.0), starts)

        every = np.ones(len(self._passage_of), dtype=bool)
        dense = (best(self._asks) + best(~self._whole) + best(self._whole)) / 3
        words = lexical[passages] / lexical.max() if lexical.max() > 0 else lexical[passages]
        scores = (dense + _LEXICAL_WEIGHT * words) / (1 + _LEXICAL_WEIGHT)
        top = np.argsort(-scores, kind="stable")[:count]
        peaks = best(every)
        hits = []
        for position in top:
            mine = slice(starts[position], np.append(starts, len(rows))[position + 1])
            row = rows[mine][np.argmax(similarities[mine])]
            hits.append(
                Hit(
                    passage=self._bundle.passages[passages[position]],
                    score=float(scores[position]),
                    evidence=self._bundle.views[row],
                    similarity=float(peaks[position]),
                )
            )
        return hits

    def _candidates(
        self, nearest: NDArray[np.int64], lexical: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Return the numbers of the passages worth scoring, ascending."""
        by_words = np.argsort(-lexical, kind="stable")[:_CANDIDATE_PASSAGES]
        by_words = by_words[lexical[by_words] > 0]
        return np.unique(np.concatenate([self._passage_of[nearest], by_words]))
