import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.coverage import MOST, Coverage, learn_coverage
from index.encoder import Vectors


def directions(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, 12)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def learned(asks: Vectors, examples: Vectors) -> Coverage:
    return Coverage(asks, examples, learn_coverage(asks, examples))


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000))
def test_what_the_owner_wrote_down_is_told_apart(seed: int) -> None:
    asks, examples = np.split(directions(30, seed), [20])

    coverage = learned(asks, examples)

    assert coverage.of(asks).min() > coverage.of(examples).max()


def test_a_text_said_twice_does_not_count_twice() -> None:
    asks, examples = np.split(directions(12, 1), [6])
    question = directions(1, 2)

    once = learned(asks, examples).of(question)
    often = learned(np.concatenate([asks, *[asks[:1]] * 20]), examples).of(question)

    assert often == pytest.approx(once, abs=0.1)


def test_without_examples_nothing_is_learned() -> None:
    asks = directions(4, 0)

    assert not learn_coverage(asks, asks[:0]).any()


def test_more_texts_than_can_be_learned_from_are_thinned_out_evenly() -> None:
    vectors = np.zeros((MOST * 2, 2), dtype=np.float32)
    vectors[:, 0] = 1.0

    weights = learn_coverage(vectors[:MOST], vectors[MOST:])

    taken = np.count_nonzero(weights)
    assert taken <= MOST
    assert np.count_nonzero(weights[:MOST]) == pytest.approx(taken / 2, abs=1)
