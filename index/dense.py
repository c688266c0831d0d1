"""The vectors of all views, in FAISS."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors


class DenseIndex:
    """Exact search by inner product (Douze et al., 2024, arXiv:2401.08281)."""

    def __init__(self, index: Any) -> None:
        """Search a flat FAISS index."""
        self._index = index
        self._vectors = np.zeros((0, index.d), dtype=np.float32)
        if index.ntotal:
            # FAISS's own memory, which may be that of the file.
            stored = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
            self._vectors = stored.reshape(index.ntotal, index.d)

    @classmethod
    def of(cls, vectors: Vectors) -> "DenseIndex":
        """Index vectors, shape (rows, dimension); a row keeps its number."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, file: Path) -> "DenseIndex":
        """Read an index that `save` wrote; the vectors stay on disk until they are needed."""
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC))

    def save(self, file: Path) -> None:
        """Write the index in FAISS's own file format."""
        faiss.write_index(self._index, str(file))

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
        return self._vectors

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows."""
        return self._vectors[rows]
