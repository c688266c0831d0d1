"""The vectors of all views, in FAISS (Douze et al., 2024, arXiv:2401.08281).

Up to `EXACT` vectors a question is compared with every one. Beyond, it follows a graph in which
each vector is linked with its neighbours (HNSW; Malkov and Yashunin, 2016, arXiv:1603.09320), and
the vectors are kept in half precision. Numbers are in docs/speed.md.
"""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import BundleError
from index.encoder import Vectors

EXACT = 50_000
_KIND = "HNSW32,SQfp16"
"""Each vector is linked with 32 others, twice as many in the graph that holds all."""

_BREADTH_MAKING, _BREADTH_ASKING = 100, 1_000
"""How many candidates are followed at once: the more, the truer and the slower."""

_SAMPLE = 500
_SAME = 2**-11
"""By how much half precision changes a similarity at most, so that less is no difference."""


class DenseIndex:
    """Search by inner product; a row keeps its number."""

    def __init__(self, index: Any, recall: float = 1.0) -> None:
        """Search a FAISS index that `of` made, which finds so much of the ten nearest."""
        self._index = index
        self.recall = recall
        self._stored = _memory(index)

    @classmethod
    def of(cls, vectors: Vectors) -> "DenseIndex":
        """Index vectors, shape (rows, dimension): past `EXACT` rows, in a graph."""
        if len(vectors) > EXACT:
            return cls(*_graph(vectors))
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, file: Path, recall: float = 1.0) -> "DenseIndex":
        """Read an index that `save` wrote; the vectors stay on disk until they are needed.

        Raises:
            BundleError: it is of another kind.
        """
        index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
        if not isinstance(index, faiss.IndexFlat | faiss.IndexHNSWSQ):
            raise BundleError(f"{file}: an index of a kind that this medfaq does not read")
        return cls(index, recall)

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

    def search(self, queries: Vectors, count: int) -> list[NDArray[np.int64]]:
        """Return the rows nearest to each query, best first: at most `count` for each."""
        _, found = self._index.search(queries, min(count, len(self)))
        # FAISS writes -1 where it came upon no more.
        return [rows[rows >= 0] for rows in found]

    def all_vectors(self) -> Vectors:
        """Return every vector, in the order of the rows."""
        return np.asarray(self._stored, dtype=np.float32)

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows."""
        return np.asarray(self._stored[rows], dtype=np.float32)


def _memory(index: Any) -> NDArray[np.floating]:
    """Return the vectors of an index: FAISS's own memory, which may be that of the file."""
    shape = index.ntotal, index.d
    if not index.ntotal:
        return np.zeros(shape, dtype=np.float32)
    exact = isinstance(index, faiss.IndexFlat)
    flat: Any = index if exact else faiss.downcast_index(index.storage)
    stored = faiss.rev_swig_ptr(flat.codes.data(), flat.codes.size())
    return stored.view(np.float32 if exact else np.float16).reshape(shape)


def _graph(vectors: Vectors) -> tuple[Any, float]:
    """Return an index that is a graph, and the share of the ten nearest that it finds."""
    index: Any = faiss.index_factory(vectors.shape[1], _KIND, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _BREADTH_MAKING
    index.hnsw.efSearch = _BREADTH_ASKING
    index.train(vectors[:1])
    index.add(vectors)
    return index, _recall(index, vectors)


def _recall(index: Any, vectors: Vectors) -> float:
    """Ask with some of the vectors themselves: the ten nearest other ones are to be found."""
    queries = vectors[np.linspace(0, len(vectors) - 1, _SAMPLE).astype(np.int64)]
    exact, _ = faiss.knn(queries, vectors, 11, metric=faiss.METRIC_INNER_PRODUCT)
    found, _ = index.search(queries, 11)
    return float((found[:, 1:] >= exact[:, -1:] - _SAME).mean())
