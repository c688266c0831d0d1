"""The vectors of every word piece of a view, to match a question to it piece by piece.

Late interaction as in ColBERT (Khattab and Zaharia, 2020, arXiv:2004.12832), with pieces weighed
by how few entries hold them. A vector counts by its direction alone, kept in 8 bits a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Reading, Vectors, unit

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Match:
    """How well a question and each of some texts cover each other, at most 1: shape (texts,).

    `forward` is how much of the question the text covers, `reverse` how much of the text the
    question covers.
    """

    forward: NDArray[np.float32]
    reverse: NDArray[np.float32]


class TokenIndex:
    """Word-piece vectors of texts; a text keeps its number."""

    def __init__(
        self,
        vectors: NDArray[np.int8],
        pieces: Numbers,
        content: NDArray[np.bool_],
        starts: Numbers,
        entries: Sequence[int],
    ) -> None:
        """Hold the pieces of all texts in one array.

        Args:
            vectors: shape (pieces, dimension), rows of any length.
            pieces: their numbers in the model's vocabulary.
            content: False for stop words and punctuation, which weigh nothing.
            starts: where each text begins, and last where the last one ends.
            entries: the numbers of the texts that are whole entries.
        """
        self._vectors = vectors
        self._pieces = pieces
        self._content = content
        self._starts = starts
        self._held, counts = _held_by(pieces, starts, np.asarray(entries, dtype=np.int64))
        # The last one is the weight of a piece that no entry holds.
        self._idf = np.log(1 + (len(entries) + 1) / (np.append(counts, 0) + 0.5))
        # A text of stop words alone must not weigh nothing, so none weighs quite nothing.
        self._weights = np.maximum(self._weigh(pieces, content), 1e-6)

    @classmethod
    def of(cls, readings: Sequence[Reading], entries: Sequence[int]) -> "TokenIndex":
        """Index the pieces of texts."""
        starts = np.cumsum([0, *(len(reading.pieces) for reading in readings)])
        return cls(
            np.concatenate([_in_8_bits(reading.piece_vectors) for reading in readings]),
            np.concatenate([reading.pieces for reading in readings]),
            np.concatenate([reading.content for reading in readings]),
            starts,
            entries,
        )

    @classmethod
    def load(cls, folder: Path, entries: Sequence[int]) -> "TokenIndex":
        """Read an index that `save` wrote; the vectors stay on disk until they are needed."""
        return cls(
            np.asarray(np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)),
            np.load(folder / "pieces.npy", allow_pickle=False),
            np.load(folder / "content.npy", allow_pickle=False),
            np.load(folder / "starts.npy", allow_pickle=False),
            entries,
        )

    def save(self, folder: Path) -> None:
        """Write the index as arrays into a new folder."""
        folder.mkdir()
        np.save(folder / "vectors.npy", self._vectors)
        np.save(folder / "pieces.npy", self._pieces)
        np.save(folder / "content.npy", self._content)
        np.save(folder / "starts.npy", self._starts)

    def reading(self, text: int | None, vector: Vectors) -> Reading:
        """Return what was read of a text, given its vector; None for one that has no pieces."""
        mine = slice(0, 0) if text is None else slice(*self._starts[text : text + 2])
        return Reading(
            vector=vector,
            pieces=self._pieces[mine],
            content=self._content[mine],
            piece_vectors=unit(self._vectors[mine].astype(np.float32)).astype(np.float16),
        )

    def match(self, question: Reading, texts: Numbers) -> Match:
        """Match a question with texts, each named by its number."""
        rows, begins = self._rows(texts)
        vectors = np.asarray(self._vectors[rows], dtype=np.float32)
        # Of all that is done to these many numbers, dividing them would take longest.
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        products = vectors @ question.piece_vectors.T.astype(np.float32)
        similarities = products / lengths[:, None]
        best = np.maximum.reduceat(similarities, begins, axis=0)
        asked = self._weigh(question.pieces, question.content)
        weights = self._weights[rows]
        found = np.add.reduceat(similarities.max(axis=1) * weights, begins)
        return Match(
            forward=best @ asked / asked.sum(),
            reverse=np.asarray(found / np.add.reduceat(weights, begins), dtype=np.float32),
        )

    def _rows(self, texts: Numbers) -> tuple[Numbers, Numbers]:
        """Return the rows of texts, one text after the other, and where each begins in them."""
        lengths = self._starts[texts + 1] - self._starts[texts]
        begins = np.cumsum(lengths) - lengths
        return np.repeat(self._starts[texts] - begins, lengths) + np.arange(lengths.sum()), begins

    def _weigh(self, pieces: Numbers, content: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the weight of each piece; a text of stop words alone weighs them all alike."""
        places = np.searchsorted(self._held, pieces)
        known = self._held[np.minimum(places, len(self._held) - 1)] == pieces
        weights = (self._idf[np.where(known, places, -1)] * content).astype(np.float32)
        return weights if weights.any() else np.ones_like(weights)


def _in_8_bits(vectors: NDArray[np.float16]) -> NDArray[np.int8]:
    """Return the directions of vectors, none of them 0, in whole numbers up to 127."""
    largest = np.abs(vectors).max(axis=1, keepdims=True).astype(np.float32)
    return np.asarray(np.rint(vectors * (127 / largest)), dtype=np.int8)


def _held_by(pieces: Numbers, starts: Numbers, entries: Numbers) -> tuple[Numbers, Numbers]:
    """Return each piece that is in an entry, ascending, and in how many entries it is."""
    lengths = starts[entries + 1] - starts[entries]
    owners = np.repeat(np.arange(len(entries)), lengths)
    rows = np.repeat(starts[entries] - (np.cumsum(lengths) - lengths), lengths)
    size = int(pieces.max(initial=0)) + 1
    pairs = owners * size + pieces[rows + np.arange(lengths.sum())]
    # Without the counts, numpy would import its masked arrays, which a cold start has to wait for.
    once, _ = np.unique(pairs, return_counts=True)
    held, counts = np.unique(once % size, return_counts=True)
    return held, counts.astype(np.int64)
