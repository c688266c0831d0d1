"""The vectors of all views, searched with FAISS."""

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors


class DenseIndex:
    """Exact search by inner product (Douze et al., 2024, arXiv:2401.08281)."""

    def __init__(self, vectors: Vectors) -> None:
        """Search these vectors, shape (rows, dimension)."""
        self._vectors = vectors

    @classmethod
    def load(cls, file: Path) -> "DenseIndex":
        """Read an index that `save` wrote; the vectors stay on disk until they are needed."""
        return cls(np.asarray(np.load(file, mmap_mode="r", allow_pickle=False)))

    def save(self, file: Path) -> None:
        """Write the vectors as an array."""
        np.save(file, self._vectors)

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return int(self._vectors.shape[1])

    def search(self, queries: Vectors, count: int) -> NDArray[np.int64]:
        """Return the rows nearest to each query, best first: shape (queries, at most count)."""
        count = min(count, len(self))
        _, rows = faiss.knn(queries, self._vectors, count, faiss.METRIC_INNER_PRODUCT)
        return np.asarray(rows, dtype=np.int64)

    def all_vectors(self) -> Vectors:
        """Return every vector, in the order of the rows."""
        return self._vectors

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows."""
        return self._vectors[rows]
