"""Stand-ins that make tests quick: an encoder without a model."""

import hashlib
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.encoder import Progress, Reading, Vectors


class FakeEncoder:
    """Texts that share many three-letter pieces lie close together."""

    name = "fake"
    dimension = 64

    def __init__(self, weights: str = "weights") -> None:
        self.sha256 = hashlib.sha256(weights.encode()).hexdigest()
        self.encoded: list[str] = []

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Reading]:
        self.encoded += texts
        if progress and texts:
            progress(len(texts), len(texts))
        return [self._reading(text) for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([reading.vector for reading in self.read(texts)])

    def save(self, folder: Path) -> None:
        """A bundle of it is read with it."""

    def _reading(self, text: str) -> Reading:
        words = re.findall(r"\w+", text.casefold()) or ["[unknown]"]
        return Reading(
            vector=self._vector(text),
            pieces=np.array([zlib.crc32(word.encode()) for word in words], dtype=np.int64),
            content=np.array([len(word) > 3 for word in words]),
            piece_vectors=np.stack([self._vector(word) for word in words]).astype(np.float16),
        )

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        padded = f"  {text.casefold()}  "
        for start in range(len(padded) - 2):
            piece = padded[start : start + 3].encode()
            vector[hashlib.md5(piece).digest()[0] % self.dimension] += 1
        return vector / np.linalg.norm(vector)
