"""What sets each passage apart from the others, learned from the views of all.

Ridge regression (Hoerl and Kennard, 1970) on the vectors of views, of the passage that each belongs
to: what all passages of a FAQ have in common counts for little, and what one alone has for much.
Each passage weighs the same, however many views it has.
"""

import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors

_RIDGE = 1e-3
_AT_ONCE = 65_536


def learn_apart(vectors: Vectors, first: NDArray[np.int64]) -> NDArray[np.float16]:
    """Return a vector for each passage: its product with a question's is near 1 for its own.

    Args:
        vectors: those of all views, shape (views, dimension), passage after passage.
        first: where the views of each passage begin, and last where the last one's end.

    Returns:
        Shape (passages, dimension).
    """
    counts = np.diff(first)
    count, dimension = len(counts), vectors.shape[1]
    weights = np.repeat(1 / np.sqrt(counts * count), counts).astype(np.float32)
    spread = _RIDGE * np.eye(dimension)
    for start in range(0, len(vectors), _AT_ONCE):
        some = vectors[start : start + _AT_ONCE] * weights[start : start + _AT_ONCE, None]
        spread += some.T @ some
    means = np.add.reduceat(vectors, first[:-1]) / counts[:, None]
    return np.asarray(np.linalg.solve(spread, means.T).T / count, dtype=np.float16)
