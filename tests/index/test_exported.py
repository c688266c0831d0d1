from hypothesis import given
from hypothesis import strategies as st

from index.exported import batches

LENGTHS = st.lists(st.integers(1, 2_000), max_size=80)


@given(LENGTHS)
def test_every_text_is_in_one_batch(lengths: list[int]) -> None:
    assert sorted(n for batch in batches(lengths) for n in batch) == list(range(len(lengths)))


@given(LENGTHS)
def test_a_batch_is_little_padding_and_fits_the_cache(lengths: list[int]) -> None:
    for batch in batches(lengths):
        mine = [lengths[number] for number in batch]
        assert max(mine) <= 1.5 * min(mine)
        assert len(mine) == 1 or len(mine) * max(mine) <= 1_024
