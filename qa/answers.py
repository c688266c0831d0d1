"""Whether an entry answers a question, as a small model judges that reads both together.

A cross-encoder (Nogueira and Cho, 2019, arXiv:1901.04085), tuned by `training/answers.py` on near
misses: questions that an entry resembles and does not answer. Vectors, each made without sight of
the other text, hardly tell these.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage
from index.classifier import Classifier
from index.exported import TOKENIZER
from qa.topics import with_main_names

MODEL = Path(__file__).with_name("models") / "answers.onnx"

LONGEST = 112
"""Word pieces of question and entry that are read; of a longer entry, its first."""


@cache
def load_answers() -> Classifier:
    """Load the model, once.

    Raises:
        ModelError: it is missing or damaged.
    """
    return Classifier(MODEL, MODEL.with_name(TOKENIZER), LONGEST)


def answers(pairs: Sequence[tuple[str, Passage]]) -> NDArray[np.float32]:
    """Return the log odds that each passage answers its question: shape (pairs,)."""
    # The model does not know a medicine by all of its names.
    texts = [
        (
            with_main_names(question, "medicines"),
            with_main_names(f"{passage.question} {passage.answer}", "medicines"),
        )
        for question, passage in pairs
    ]
    return np.array([parts[0, 0] for parts in load_answers().read(texts)], dtype=np.float32)
