from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.dense import DenseIndex
from index.encoder import Vectors

vectors = arrays(np.float32, (7, 4), elements=st.integers(-3, 3).map(float))


@given(vectors)
def test_search_finds_what_comparing_with_every_vector_finds(stored: Vectors) -> None:
    rows = DenseIndex.of(stored).search(stored[:1], 7)[0]
    scores = stored @ stored[0]
    assert scores[rows].tolist() == sorted(scores.tolist(), reverse=True)


def test_an_index_read_back_holds_the_same_vectors(tmp_path: Path) -> None:
    stored = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    DenseIndex.of(stored).save(tmp_path / "vectors.faiss")
    again = DenseIndex.load(tmp_path / "vectors.faiss")
    assert (len(again), again.dimension) == (7, 4)
    assert np.array_equal(again.vectors(np.array([3, 0])), stored[[3, 0]])


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    assert DenseIndex.of(np.eye(3, dtype=np.float32)).search(
        np.eye(3, dtype=np.float32)[:2], 50
    ).shape == (2, 3)
