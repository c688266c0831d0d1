from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Entry, SourceText, derived_ids, has_words, same_question

texts = st.text(min_size=1, max_size=30)
entries = st.lists(
    st.builds(lambda q, a: Entry(q, a, 1, 2), texts, texts),
    max_size=8,
    unique_by=lambda entry: same_question(entry.question),
)


@given(entries, st.randoms())
def test_ids_do_not_depend_on_the_order_of_entries(found: list[Entry], random) -> None:  # type: ignore[no-untyped-def]
    before = dict(zip(map(id, found), derived_ids(found), strict=True))
    random.shuffle(found)
    assert dict(zip(map(id, found), derived_ids(found), strict=True)) == before


@given(entries)
def test_ids_do_not_depend_on_other_entries(found: list[Entry]) -> None:
    assert derived_ids(found) == [derived_ids([entry])[0] for entry in found]


@given(st.lists(st.builds(lambda q, a: Entry(q, a, 1, 2), texts, texts), max_size=8))
def test_ids_are_unique_even_for_entries_that_are_the_same(found: list[Entry]) -> None:
    assert len(set(derived_ids(found))) == len(found)


def test_an_id_stays_when_the_answer_is_corrected() -> None:
    assert derived_ids([Entry("Why?", "Old.", 1, 2)]) == derived_ids([Entry("Why?", "New.", 1, 2)])


def test_an_id_tells_a_person_which_question_it_is() -> None:
    assert derived_ids([Entry("Is heat good?", "Yes.", 1, 2)])[0].startswith("is-heat-good-")


def test_the_owners_own_id_is_kept() -> None:
    assert derived_ids([Entry("Why?", "So.", 1, 2, id="w1")]) == ["w1"]


def test_a_hash_of_lines_changes_with_any_of_them() -> None:
    one = SourceText("a", b"", ("x", "y", "z"))
    other = SourceText("a", b"", ("x", "y", "Z"))
    assert one.sha256(1, 2) == other.sha256(1, 2)
    assert one.sha256(1, 3) != other.sha256(1, 3)


def test_words_of_any_script_count_and_signs_do_not() -> None:
    assert has_words("¿… spasm")
    assert has_words("背中")
    assert has_words("7")
    assert not has_words("?! … 🙂 —")
