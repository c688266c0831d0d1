"""Stand-ins that make tests quick: an encoder without a model."""

import hashlib
from collections.abc import Sequence

import numpy as np

from index.encoder import Progress, Vectors


class FakeEncoder:
    """Texts that share many three-letter pieces lie close together."""

    name = "fake"
    dimension = 64

    def __init__(self, weights: str = "weights") -> None:
        self.sha256 = hashlib.sha256(weights.encode()).hexdigest()
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += texts
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            padded = f"  {text.casefold()}  "
            for start in range(len(padded) - 2):
                piece = padded[start : start + 3].encode()
                row[hashlib.md5(piece).digest()[0] % self.dimension] += 1
        if progress and texts:
            progress(len(texts), len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
