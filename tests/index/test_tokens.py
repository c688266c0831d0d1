from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import Reading
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
        assert match.forward[number] == pytest.approx(by_hand, abs=1e-3)
    for values in (match.forward, match.reverse):
        assert values.shape == (len(TEXTS),)
        assert (values <= 1.001).all()


def test_a_text_covers_itself_whole() -> None:
    index = index_of(TEXTS)
    for number, text in enumerate(TEXTS):
        match = index.match(read(text), np.array([number]))
        assert match.forward[0] == pytest.approx(1, abs=1e-3)
        assert match.reverse[0] == pytest.approx(1, abs=1e-3)


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


def test_what_is_kept_from_one_question_changes_nothing_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keeping = index_of(TEXTS)
    monkeypatch.setattr("index.tokens._ROOM", 0)
    fresh = index_of(TEXTS)
    for texts in ([1], [0, 1, 3], [3, 2, 1, 0]):
        one, other = (each.match(read("warm of"), np.array(texts)) for each in (keeping, fresh))
        assert np.array_equal(one.forward, other.forward)
        assert np.array_equal(one.reverse, other.reverse)
