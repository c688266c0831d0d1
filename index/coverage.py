"""What a FAQ covers, learned from its owner's own words.

Kernel ridge regression (Saunders et al., 1998) with a Gaussian kernel over the vectors of what the
owner wrote down: 1 for the FAQ's questions and their alternates, 0 for the examples of what it does
not cover. Unlike the distance to the nearest of them, it weighs all, and those that say the same
share their say.
"""

import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors

_WIDTH = 2.0
_RIDGE = 0.1
MOST = 6_000
"""How many texts are learned from; of more, as many are taken at even distances."""


def learn_coverage(asks: Vectors, examples: Vectors) -> Vectors:
    """Return the weight of each text, asks first: shape (asks + examples,)."""
    texts = np.concatenate([asks, examples])
    weights = np.zeros(len(texts), dtype=np.float32)
    if not len(examples):
        return weights
    taken = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), MOST)).astype(np.int64))
    alike = kernel(texts[taken], texts[taken])
    alike[np.diag_indices_from(alike)] += _RIDGE
    weights[taken] = np.linalg.solve(alike, (taken < len(asks)).astype(np.float32))
    return weights


class Coverage:
    """How surely a text is one that the FAQ covers."""

    def __init__(self, asks: Vectors, examples: Vectors, weights: Vectors) -> None:
        """Take the vectors of the texts, and what `learn_coverage` made of them."""
        self._texts = np.concatenate([asks, examples])
        self._weights = weights

    def of(self, vectors: Vectors) -> NDArray[np.float32]:
        """Return about 1 for what lies among the asks, about 0 among the examples or far off."""
        # This way round BLAS need not copy the many, to which it compares the few.
        covered: NDArray[np.float32] = self._weights @ kernel(self._texts, vectors)
        return covered


def kernel(some: Vectors, others: Vectors) -> NDArray[np.float32]:
    """Return how alike texts are, the Gaussian kernel of their vectors: shape (some, others)."""
    alike: NDArray[np.float32] = np.exp(_WIDTH * (some @ others.T - 1.0))
    return alike
