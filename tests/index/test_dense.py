from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corpus.errors import BundleError
from index.dense import DenseIndex
from index.encoder import Vectors, unit

vectors = arrays(np.float32, (7, 4), elements=st.integers(-3, 3).map(float))

QUERIES = 50


@given(vectors)
def test_search_finds_what_comparing_with_every_vector_finds(stored: Vectors) -> None:
    (rows,) = DenseIndex.of(stored).search(stored[:1], 7)
    scores = stored @ stored[0]
    assert scores[rows].tolist() == sorted(scores.tolist(), reverse=True)


def test_an_index_read_back_holds_the_same_vectors(tmp_path: Path) -> None:
    stored = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    DenseIndex.of(stored).save(tmp_path / "vectors.faiss")
    again = DenseIndex.load(tmp_path / "vectors.faiss")
    assert (len(again), again.dimension) == (7, 4)
    assert np.array_equal(again.vectors(np.array([3, 0])), stored[[3, 0]])


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    found = DenseIndex.of(np.eye(3, dtype=np.float32)).search(np.eye(3, dtype=np.float32)[:2], 50)
    assert [len(rows) for rows in found] == [3, 3]


@pytest.fixture(scope="module")
def many() -> Vectors:
    """Vectors in groups, as those of texts are, and after them some to ask with."""
    chance = np.random.default_rng(0)
    middles = chance.normal(size=(100, 32))
    spread = middles[chance.integers(100, size=8_000 + QUERIES)] + chance.normal(
        size=(8_000 + QUERIES, 32)
    )
    return unit(spread.astype(np.float32))


@pytest.fixture(scope="module")
def graph(many: Vectors) -> DenseIndex:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.dense.EXACT", 1_000)
        return DenseIndex.of(many[:-QUERIES])


def test_past_a_size_hardly_any_of_the_nearest_is_missed(many: Vectors, graph: DenseIndex) -> None:
    exact = DenseIndex.of(many[:-QUERIES]).search(many[-QUERIES:], 10)
    found = graph.search(many[-QUERIES:], 10)
    shares = [len(set(a) & set(b)) / 10 for a, b in zip(exact, found, strict=True)]
    assert np.mean(shares) >= 0.98
    assert graph.recall >= 0.995


def test_half_precision_does_not_change_the_ranking(many: Vectors, graph: DenseIndex) -> None:
    rows = np.arange(len(graph))
    assert np.abs(graph.vectors(rows) - many[:-QUERIES]).max() < 1e-3
    assert np.array_equal(graph.all_vectors(), graph.vectors(rows))
    for query in many[-QUERIES:]:
        ranked = np.argsort(-(graph.vectors(rows) @ query))[:10]
        scores = many[ranked] @ query
        assert np.all(np.diff(scores) < 1e-4)
        assert scores[-1] >= np.sort(many[:-QUERIES] @ query)[-10] - 1e-4


def test_a_graph_read_back_finds_the_same(many: Vectors, graph: DenseIndex, tmp_path: Path) -> None:
    graph.save(tmp_path / "vectors.faiss")
    again = DenseIndex.load(tmp_path / "vectors.faiss", graph.recall)
    for mine, theirs in zip(
        again.search(many[-QUERIES:], 60), graph.search(many[-QUERIES:], 60), strict=True
    ):
        assert np.array_equal(mine, theirs)
    rows = np.array([5, 3, 5])
    assert np.array_equal(again.vectors(rows), graph.vectors(rows))


def test_an_index_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = faiss.IndexLSH(4, 8)
    other.add(np.eye(4, dtype=np.float32))
    faiss.write_index(other, str(tmp_path / "vectors.faiss"))
    with pytest.raises(BundleError, match=r"vectors\.faiss: an index of a kind"):
        DenseIndex.load(tmp_path / "vectors.faiss")
