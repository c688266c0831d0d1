import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.apart import learn_apart
from index.encoder import Vectors, unit


def random_views(
    seed: int, counts: list[int]
) -> tuple[Vectors, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Views of passages that lie near each other, and those of one passage nearer still."""
    chance = np.random.default_rng(seed)
    common = chance.normal(size=24)
    views = [
        common + own + 0.3 * chance.normal(size=(count, 24))
        for count in counts
        for own in [chance.normal(size=24)]
    ]
    return unit(np.concatenate(views).astype(np.float32)), np.cumsum([0, *counts])


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), counts=st.lists(st.integers(1, 9), min_size=2, max_size=8))
def test_a_view_has_most_of_what_sets_its_own_passage_apart(seed: int, counts: list[int]) -> None:
    views, first = random_views(seed, counts)
    found = views @ learn_apart(views, first).T.astype(np.float32)
    assert (found.argmax(axis=1) == np.repeat(np.arange(len(counts)), counts)).mean() >= 0.9
    assert np.abs(found).max() < 1.5


def test_what_all_passages_have_in_common_speaks_for_none_of_them() -> None:
    views, first = random_views(1, [4] * 8)
    common = unit(views.mean(axis=0, keepdims=True))
    assert np.ptp(common @ views.T) > 0.2
    assert np.ptp(common @ learn_apart(views, first).T) < 0.02


def test_a_passage_with_many_views_weighs_no_more_than_one_with_few() -> None:
    views, first = random_views(2, [3, 3, 3])
    often = np.concatenate([np.repeat(views[:3], 50, axis=0), views[3:]])
    many = learn_apart(often, np.array([0, 150, 153, 156]))
    assert many == pytest.approx(learn_apart(views, first), abs=2e-3)


def test_one_passage_alone_has_a_vector_too() -> None:
    views, first = random_views(3, [2])
    assert np.isfinite(learn_apart(views, first)).all()
