"""The words of all passages, in BM25 (bm25s; Lù, 2024, arXiv:2407.03618)."""

import logging
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

# bm25s sets its own logger to DEBUG, which tells every owner "Building index from tokens".
logging.getLogger("bm25s").setLevel(logging.WARNING)


def words_of(text: str) -> list[str]:
    """Return the stems of a text's words, stop words left out."""
    tokens = bm25s.tokenize(
        [text],
        stopwords="en",
        stemmer=Stemmer.Stemmer("english"),
        return_ids=False,
        show_progress=False,
    )
    return list(tokens[0])


class LexicalIndex:
    """BM25 scores of every passage for a question's words."""

    def __init__(self, ranker: bm25s.BM25 | None, count: int) -> None:
        """Wrap a bm25s index over `count` texts; None where no text has a word."""
        self._ranker = ranker
        self._count = count

    @classmethod
    def of(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index texts; a text keeps its number."""
        words = [words_of(text) for text in texts]
        if not any(words):
            return cls(None, len(texts))
        ranker = bm25s.BM25()
        ranker.index(words, show_progress=False)
        return cls(ranker, len(texts))

    @classmethod
    def load(cls, folder: Path, count: int) -> "LexicalIndex":
        """Read an index that `save` wrote."""
        if not any(folder.glob("*.npy")):
            return cls(None, count)
        return cls(bm25s.BM25.load(folder, show_progress=False), count)

    def save(self, folder: Path) -> None:
        """Write the index as arrays and JSON into a new folder."""
        folder.mkdir()
        if self._ranker is not None:
            self._ranker.save(folder, show_progress=False)

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return the BM25 score of each text, 0 where it shares no word: shape (texts,)."""
        words = words_of(question)
        if self._ranker is None or not words:
            return np.zeros(self._count, dtype=np.float32)
        known = [word for word in words if word in self._ranker.vocab_dict]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._ranker.get_scores(known), dtype=np.float32)
