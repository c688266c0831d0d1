"""Small models read texts together as they do alone, and long ones in parts."""

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError
from index.classifier import Classifier
from qa.triage import MODEL

TOKENIZER = MODEL.with_name("tokenizer.json")
TEXTS = ["is heat good?", "i cant pee", "", "背中 🙂", "why? " * 50]


def test_texts_are_read_together_as_alone() -> None:
    model = Classifier(MODEL, TOKENIZER, longest=128)

    together = model.read(TEXTS)

    for text, logits in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(logits, model.read([text])[0], atol=0.05)


def test_a_long_text_is_read_in_parts_and_a_short_one_whole() -> None:
    model = Classifier(MODEL, TOKENIZER, longest=16, overlap=8, parts=99)

    short, long = model.read(["is heat good?", "word " * 40])

    assert short.shape == (1, 16)
    assert long.shape[0] > 40 / 14
    assert long.shape[1] == 16


def test_of_a_very_long_text_beginning_and_end_are_read() -> None:
    model = Classifier(MODEL, TOKENIZER, longest=16, overlap=8, parts=4)
    whole = Classifier(MODEL, TOKENIZER, longest=16, overlap=8, parts=9_999)
    text = "i cant pee " + "word " * 5_000 + "is heat good?"

    (some,), (every,) = model.read([text]), whole.read([text])

    assert len(some) == 4
    np.testing.assert_allclose(some, every[[0, 1, -2, -1]], atol=0.05)


def test_the_longer_text_of_a_pair_is_cut() -> None:
    model = Classifier(MODEL, TOKENIZER, longest=32)

    for pair in (("is heat good?", "yes " * 900), ("why? " * 900, "Yes."), ("", "")):
        (logits,) = model.read([pair])
        assert len(logits) == 1


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_a_damaged_model_is_said_in_plain_words(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.onnx: cannot be read; install medfaq again"):
        Classifier(tmp_path / "model.onnx", TOKENIZER, longest=128)
