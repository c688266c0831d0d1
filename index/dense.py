"""The vectors of all views, in FAISS."""

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors


class DenseIndex:
    """Exact search by inner product (Douze et al., 2024, arXiv:2401.08281)."""

    def __init__(self, index: faiss.Index) -> None:
        """Wrap a FAISS index."""
        self._index = index

    @classmethod
    def of(cls, vectors: Vectors) -> "DenseIndex":
        """Index vectors; a row keeps its number."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def from_bytes(cls, data: bytes) -> "DenseIndex":
        """Read an index that `to_bytes` wrote."""
        return cls(faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8)))

    def to_bytes(self) -> bytes:
        """Return the index in FAISS's own file format."""
        return bytes(faiss.serialize_index(self._index))

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return int(self._index.d)

    def search(self, queries: Vectors, count: int) -> NDArray[np.int64]:
        """Return the rows nearest to each query, best first: shape (queries, at most count)."""
        _, rows = self._index.search(queries, min(count, len(self)))
        return np.asarray(rows, dtype=np.int64)

    def all_vectors(self) -> Vectors:
        """Return every vector, in the order of the rows."""
        return self.vectors(np.arange(len(self), dtype=np.int64))

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows."""
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)
