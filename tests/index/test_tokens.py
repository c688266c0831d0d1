from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from index.encoder import Reading, Vectors, unit
from index.tokens import TokenIndex
from tests.fakes import FakeEncoder

TEXTS = ["walking helps backs", "warm pads help muscles", "sleep with pillows", "of it"]
ENCODER = FakeEncoder()
WORDS = ["walking", "warm", "pads", "sleep", "of", "it", "pillows"]
texts = st.lists(st.sampled_from(WORDS), min_size=1)


def index_of(texts: list[str]) -> TokenIndex:
    return TokenIndex.of(ENCODER.read(texts), entries=range(len(texts)))


def read(text: str) -> Reading:
    return ENCODER.read([text])[0]


def cosine_by_hand(index: TokenIndex, question: Reading, text: Reading) -> float:
    """The forward match, straight from its definition."""
    best = question.piece_vectors.astype(np.float32) @ text.piece_vectors.T.astype(np.float32)
    weights = index._weigh(question.pieces, question.content)
    return float((best.max(axis=1) * weights).sum() / weights.sum())


@given(texts.map(" ".join))
def test_a_match_is_what_its_definition_says(question: str) -> None:
    index = index_of(TEXTS)
    match = index.match(read(question), np.arange(len(TEXTS)))
    for number, text in enumerate(TEXTS):
        by_hand = cosine_by_hand(index, read(question), read(text))
        assert match.forward[number] == pytest.approx(by_hand, abs=5e-3)
    for values in (match.forward, match.reverse):
        assert values.shape == (len(TEXTS),)
        assert (values <= 1.001).all()


def test_a_text_covers_itself_whole() -> None:
    index = index_of(TEXTS)
    for number, text in enumerate(TEXTS):
        match = index.match(read(text), np.array([number]))
        assert match.forward[0] == pytest.approx(1, abs=5e-3)
        assert match.reverse[0] == pytest.approx(1, abs=5e-3)


def test_texts_may_be_asked_for_in_any_order() -> None:
    index = index_of(TEXTS)
    forward = index.match(read("warm pillows"), np.arange(4)).forward
    shuffled = index.match(read("warm pillows"), np.array([2, 0, 3])).forward
    assert np.allclose(shuffled, forward[[2, 0, 3]], atol=1e-5)


def test_an_index_read_back_matches_the_same(tmp_path: Path) -> None:
    index = index_of(TEXTS)
    index.save(tmp_path / "tokens")
    again = TokenIndex.load(tmp_path / "tokens", entries=range(len(TEXTS)))
    one, other = (each.match(read("warm pads"), np.arange(4)) for each in (index, again))
    assert np.array_equal(one.forward, other.forward)
    assert np.array_equal(one.reverse, other.reverse)


@given(hnp.arrays(np.float32, (4, 8), elements=st.floats(-1, 1, width=32)))
def test_what_is_read_from_an_index_makes_the_same_index_again(vectors: Vectors) -> None:
    vectors[:, 0] += 3
    reading = replace(read("of it pads sleep"), piece_vectors=unit(vectors).astype(np.float16))
    index = TokenIndex.of([reading], entries=[0])
    again = TokenIndex.of([index.reading(0, reading.vector)], entries=[0])
    assert np.array_equal(index._vectors, again._vectors)
    assert index._vectors.dtype == np.int8


def test_vectors_in_half_precision_as_bundles_had_them_match_as_well() -> None:
    index = index_of(TEXTS)
    readings = ENCODER.read(TEXTS)
    index._vectors = np.concatenate([each.piece_vectors for each in readings])
    old, new = (each.match(read("warm of"), np.arange(4)) for each in (index, index_of(TEXTS)))
    assert np.allclose(old.forward, new.forward, atol=5e-3)
    assert np.allclose(old.reverse, new.reverse, atol=5e-3)
    assert np.array_equal(
        TokenIndex.of([index.reading(1, readings[1].vector)], [0])._vectors,
        TokenIndex.of([readings[1]], [0])._vectors,
    )
