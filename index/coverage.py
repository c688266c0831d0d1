"""What a FAQ covers, learned from its owner's own words.

Kernel ridge regression (Saunders et al., 1998) with a Gaussian kernel over the vectors of what the
owner wrote down: for each passage, 1 for its question and alternates and 0 for all else, among it
the examples of what the FAQ does not cover. Only the texts nearest to a question are learned from,
once it is asked (local learning: Bottou and Vapnik, 1992), so it takes as long with many. Unlike
the distance to the nearest text, it weighs all of these, and those that say the same share their
say.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from index.dense import DenseIndex
from index.encoder import Vectors

NEAREST = 100
"""How many of the owner's texts are learned from."""

_WIDTH = 2.0
_RIDGE = 0.2


class Coverage:
    """How surely each passage is one that covers a question."""

    def __init__(self, views: DenseIndex, owners: NDArray[np.int64], examples: Vectors) -> None:
        """Take the vectors of all views, the passage of each, and the vectors of the examples."""
        self._views = views
        self._owners = owners
        self._examples = examples

    def nearness(self, questions: Vectors) -> Vectors:
        """Return how near each example lies to each question: shape (questions, examples).

        For many at once, since to fetch the examples takes longer than to compare them.
        """
        near: Vectors = (self._examples @ questions.T).T
        return near

    def of(
        self,
        question: Vectors,
        asks: NDArray[np.int64],
        similarities: Vectors,
        unlike: Vectors,
    ) -> Mapping[int, float]:
        """Return about 1 for a passage among whose asks the question lies, about 0 for others.

        Together they come to about 1 where the FAQ covers the question, to about 0 where it lies
        among the examples or far off. Passages that are not named have nothing near it.

        Args:
            question: its vector, shape (dimension,).
            asks: rows of the views that are ways to ask, the nearest to the question among them.
            similarities: how near each of these lies, shape (asks,).
            unlike: how near each of the examples lies, see `nearness`.
        """
        near = np.concatenate([similarities, unlike])
        nearest = np.arange(len(near))
        if len(near) > NEAREST:
            nearest = np.argpartition(-near, NEAREST)[:NEAREST]
        examples = nearest[nearest >= len(asks)] - len(asks)
        rows = asks[nearest[nearest < len(asks)]]
        texts = np.concatenate([self._views.vectors(rows), self._examples[examples]])
        owners = self._owners[rows]
        alike = _kernel(texts @ texts.T)
        alike[np.diag_indices_from(alike)] += _RIDGE
        say = np.linalg.solve(alike, _kernel(texts @ question))[: len(rows)]
        return {owner: float(say[owners == owner].sum()) for owner in set(owners.tolist())}


def _kernel(similarities: Vectors) -> Vectors:
    """Return how alike texts are whose vectors have these inner products."""
    alike: Vectors = np.exp(_WIDTH * (similarities - 1.0))
    return alike
