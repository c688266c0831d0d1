"""Small models that read a text, or two texts together, by onnxruntime.

`training/tuning.py` writes them. They are no encoders: they say what a text is, and their vectors
are of no use.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from corpus.errors import ModelError
from index.exported import batches, open_session, padded

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
LOGITS = "logits"


class Classifier:
    """Gives texts, or pairs of them, their logits."""

    def __init__(
        self, model: Path, tokenizer: Path, longest: int, overlap: int = 0, parts: int = 1
    ) -> None:
        """Read at most `longest` word pieces at once.

        A longer text is read in up to so many parts, which overlap by so many pieces: of one that
        has more, the first and the last half. Of a pair without an overlap, the longer text is cut.

        Raises:
            ModelError: one of the files is missing or damaged.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = open_session(model)
        except Exception as error:  # onnxruntime and tokenizers have no common one
            raise ModelError(f"{model}: cannot be read; install medfaq again") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest, stride=overlap)
        self._most = parts

    def read(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> list[NDArray[np.float32]]:
        """Return the logits of each part of each text: shape (parts, outputs)."""
        encodings = [self._parts(each) for each in self._tokenizer.encode_batch(list(texts))]
        parts = [part for each in encodings for part in each]
        logits: dict[int, NDArray[np.float32]] = {}
        for batch in batches([len(part.ids) for part in parts]):
            logits.update(zip(batch, self._run([parts[place] for place in batch]), strict=True))
        ends = np.cumsum([0, *map(len, encodings)])
        return [
            np.stack([logits[place] for place in range(start, end)])
            for start, end in pairwise(ends)
        ]

    def _parts(self, encoding: Encoding) -> list[Encoding]:
        if self._most == 1:
            return [encoding]
        parts = [encoding, *encoding.overflowing]
        half = self._most // 2
        return parts if len(parts) <= self._most else parts[:half] + parts[-half:]

    def _run(self, parts: Sequence[Encoding]) -> NDArray[np.float32]:
        rows = (
            [np.array(getattr(part, name), dtype=np.int64) for part in parts]
            for name in ("ids", "attention_mask", "type_ids")
        )
        feed = dict(zip(INPUTS, (padded(each, 0) for each in rows), strict=True))
        (logits,) = self._session.run([LOGITS], feed)
        return np.asarray(logits, dtype=np.float32)
