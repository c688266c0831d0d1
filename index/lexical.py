"""The words of all passages, in BM25 (bm25s; Lù, 2024, arXiv:2407.03618).

bm25s makes the index: the score that each word adds to each text. Adding these up for a question
needs arrays alone, so what answers does not wait for bm25s to be imported.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import Stemmer
from numpy.typing import NDArray

_WORD = re.compile(r"\b\w\w+\b")
_STOP_WORDS = """
    a an and are as at be but by for if in into is it no not of on or such that the their then
    there these they this to was will with
"""
_LEFT_OUT = frozenset(_STOP_WORDS.split())


def words_of(text: str) -> list[str]:
    """Return the stems of a text's words, stop words left out."""
    words = [word for word in _WORD.findall(text.lower()) if word not in _LEFT_OUT]
    return list(_stemmer().stemWords(words))


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


class LexicalIndex:
    """BM25 scores of every passage for a question's words."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        starts: NDArray[np.integer],
        texts: NDArray[np.integer],
        scores: NDArray[np.float32],
        count: int,
    ) -> None:
        """Hold what each word of the vocabulary adds to the scores of `count` texts.

        The word of number `n` adds `scores[starts[n]:starts[n + 1]]` to those of the texts
        whose numbers stand in the same part of `texts`.
        """
        self._vocabulary = vocabulary
        self._starts = starts
        self._texts = texts
        self._scores = scores
        self._count = count

    @classmethod
    def of(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index texts; a text keeps its number."""
        words = [words_of(text) for text in texts]
        if not any(words):
            empty = np.zeros(0, dtype=np.int32)
            return cls({}, np.zeros(1, dtype=np.int32), empty, empty.astype(np.float32), len(texts))
        import logging

        import bm25s

        # bm25s sets its own logger to DEBUG, which tells every owner "Building index from tokens".
        logging.getLogger("bm25s").setLevel(logging.WARNING)
        ranker = bm25s.BM25()
        ranker.index(words, show_progress=False)
        matrix = ranker.scores
        return cls(
            ranker.vocab_dict, matrix["indptr"], matrix["indices"], matrix["data"], len(texts)
        )

    @classmethod
    def load(cls, folder: Path, count: int) -> "LexicalIndex":
        """Read an index that `save` wrote; the scores stay on disk until they are needed."""
        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        starts, texts, scores = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("starts", "texts", "scores")
        )
        return cls(vocabulary, starts, texts, scores, count)

    def save(self, folder: Path) -> None:
        """Write the index as arrays and JSON into a new folder."""
        folder.mkdir()
        vocabulary = json.dumps(self._vocabulary, ensure_ascii=False)
        (folder / "vocabulary.json").write_text(vocabulary, encoding="utf-8")
        np.save(folder / "starts.npy", self._starts)
        np.save(folder / "texts.npy", self._texts)
        np.save(folder / "scores.npy", self._scores)

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return the BM25 score of each text, 0 where it shares no word: shape (texts,)."""
        scores = np.zeros(self._count, dtype=np.float32)
        for word in words_of(question):
            number = self._vocabulary.get(word)
            if number is not None:
                mine = slice(self._starts[number], self._starts[number + 1])
                scores[self._texts[mine]] += self._scores[mine]
        return scores
