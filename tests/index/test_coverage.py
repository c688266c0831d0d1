from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.coverage import NEAREST, Coverage
from index.dense import DenseIndex
from index.encoder import Vectors

ANN, BEN = 0, 1

Found = Mapping[int, float]


def directions(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, 12)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def coverage(question: Vectors, asks: Vectors, owners: list[int], examples: Vectors) -> Found:
    learned = Coverage(DenseIndex.of(asks), np.array(owners), examples)
    (unlike,) = learned.nearness(question[None])
    return learned.of(question, np.arange(len(asks)), asks @ question, unlike)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000))
def test_what_the_owner_wrote_down_is_told_apart(seed: int) -> None:
    asks, examples = np.split(directions(30, seed), [20])
    owners = [ANN, BEN] * 10

    def covered(question: Vectors) -> Found:
        return coverage(question, asks, owners, examples)

    assert min(sum(covered(ask).values()) for ask in asks) > max(
        sum(covered(example).values()) for example in examples
    )
    for ask, owner in zip(asks, owners, strict=True):
        found = covered(ask)
        assert max(found, key=found.__getitem__) == owner


def test_a_text_said_twice_does_not_count_twice() -> None:
    asks, examples = np.split(directions(12, 1), [6])
    (question,) = directions(1, 2)
    said_often = np.concatenate([asks, *[asks[:1]] * 20])

    once = coverage(question, asks, [ANN] * 6, examples)
    often = coverage(question, said_often, [ANN] * 26, examples)

    assert often[ANN] == pytest.approx(once[ANN], abs=0.1)


def test_what_lies_between_two_passages_is_covered_but_by_neither_alone() -> None:
    asks = np.eye(2, 12, dtype=np.float32)
    between = asks.mean(axis=0) / np.linalg.norm(asks.mean(axis=0))
    examples = -asks

    found = coverage(between, asks, [ANN, BEN], examples)

    assert found[ANN] == pytest.approx(found[BEN])
    assert sum(found.values()) > 0.5


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000))
def test_only_the_nearest_texts_matter(seed: int) -> None:
    texts, (question,) = np.split(directions(3 * NEAREST + 1, seed), [3 * NEAREST])
    asks, examples = np.split(texts, 2)
    owners = np.arange(len(asks)) % 5

    def nearest(some: Vectors) -> NDArray[np.int64]:
        return np.sort(np.argsort(-(some @ question))[:NEAREST])

    everything = coverage(question, asks, owners.tolist(), examples)
    near = nearest(asks)
    same = coverage(question, asks[near], owners[near].tolist(), examples[nearest(examples)])

    assert same == pytest.approx(everything, abs=1e-4)
