from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Passage, Source
from index.views import ViewKind, sentences, views_of


def passage(question: str, answer: str, *alternates: str) -> Passage:
    return Passage("p", question, alternates, answer, (), Source("f", 1, 2), "0")


def test_a_passage_is_seen_by_question_alternates_whole_and_sentences() -> None:
    views = views_of([passage("Is it?", "Yes. It is.", "is that so")])
    assert [(view.kind, view.text) for view in views] == [
        (ViewKind.QUESTION, "Is it?"),
        (ViewKind.ALTERNATE, "is that so"),
        (ViewKind.ENTRY, "Is it? Yes. It is."),
        (ViewKind.SENTENCE, "Yes."),
        (ViewKind.SENTENCE, "It is."),
    ]


def test_an_entry_without_an_answer_still_has_its_question() -> None:
    assert [view.kind for view in views_of([passage("Is it?", "")])] == [
        ViewKind.QUESTION,
        ViewKind.ENTRY,
    ]


def test_list_items_are_sentences_without_their_markers() -> None:
    text = "- Rest. Lie down.\n- Ice\n1. Heat"
    assert [text[a:b] for a, b in sentences(text)] == ["Rest.", "Lie down.", "Ice", "Heat"]


@given(st.text(alphabet="Ab1 .!?\n-“”)…", max_size=60))
def test_sentences_are_spans_in_order_that_leave_no_word_out(text: str) -> None:
    spans = sentences(text)
    assert all(a < b for a, b in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    outside = list(text)
    for start, end in spans:
        outside[start:end] = " " * (end - start)
    assert not any(char.isalpha() for char in outside)
