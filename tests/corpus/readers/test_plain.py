import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText
from corpus.readers.plain import is_question, join_lines, opening_question, read_plain
from tests.verbatim import tokens, without_list_ellipses


def read(*lines: str) -> list[Entry]:
    return read_plain(SourceText("faq.txt", b"", lines))


words = st.text(alphabet="abcde", min_size=1, max_size=6)
phrases = st.lists(words, min_size=1, max_size=6).map(" ".join)
sentences = st.builds(lambda text, end: text.capitalize() + end, phrases, st.sampled_from(".!"))
emphasised = st.builds(
    lambda before, bold, after: [before.capitalize(), bold, after],
    phrases,
    phrases,
    st.builds(lambda mark, text: mark + text + ".", st.sampled_from(["", ". ", ", "]), phrases),
)
items = st.builds(
    lambda text, cut: "- " + text.capitalize() + "." + cut, phrases, st.sampled_from(["", " …"])
)
answers = st.lists(
    st.one_of(
        sentences.map(lambda line: [line]),
        emphasised,
        st.lists(items, min_size=1, max_size=3),
        st.builds(lambda text: [text.title()], phrases),
        st.just([""]),
    ),
    min_size=1,
    max_size=5,
).map(lambda blocks: ["Start.", *(line for block in blocks for line in block), "End."])
faqs = st.lists(st.tuples(phrases, answers), min_size=1, max_size=5)


@given(faqs)
def test_every_answer_is_verbatim_and_no_line_is_lost(faq: list[tuple[str, list[str]]]) -> None:
    lines: list[str] = []
    for number, (question, answer) in enumerate(faq):
        lines += [f"Is {question} {number}?", *answer]
    entries = read(*lines)
    assert len(entries) == len(faq)
    for entry in entries:
        body = lines[entry.first_line : entry.last_line]
        assert tokens(entry.answer) == tokens("\n".join(without_list_ellipses(body)))
    assert [entry.first_line for entry in entries[1:]] == [
        entry.last_line + 1 for entry in entries[:-1]
    ]


@given(phrases, phrases, phrases)
def test_a_phrase_alone_on_its_line_inside_a_sentence_is_kept_as_emphasis(
    before: str, bold: str, after: str
) -> None:
    text, spans = join_lines([before.capitalize(), bold, f". Then {after}."])
    assert [text[start:end] for start, end in spans] == [bold]
    assert text == f"{before.capitalize()} {bold}. Then {after}."


@pytest.mark.parametrize("lines", [["For adults 1", ".5 mg a day."], ["Take", ".5 mg a day."]])
def test_a_number_that_opens_a_line_is_not_joined_to_the_one_before(lines: list[str]) -> None:
    assert join_lines(lines)[0] == " ".join(lines)


@given(answers)
def test_key_phrases_are_spans_inside_the_answer(lines: list[str]) -> None:
    text, spans = join_lines(lines)
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_a_question_line_with_more_behind_it_opens_no_entry() -> None:
    assert len(read("How long?", "How Long Does It Last? Most last a day.")) == 1


def test_a_heading_opens_no_entry_and_keeps_its_line() -> None:
    (entry,) = read("Is heat good?", "Heat Is For Muscle Pain", "Heat also loosens.")
    assert entry.answer == "Heat Is For Muscle Pain\nHeat also loosens."


def test_list_items_stay_on_their_lines_without_the_ellipsis() -> None:
    (entry,) = read("What helps?", "- Rest. …", "- Ice or heat. …", "- Sleep.")
    assert entry.answer == "- Rest.\n- Ice or heat.\n- Sleep."


def test_hard_wrapped_text_has_no_emphasis() -> None:
    (entry,) = read(
        "What helps?",
        "Most people get better by themselves when they keep moving and go on",
        "with what they do on an ordinary day, as far as the pain lets them do",
        "so.",
    )
    assert entry.key_phrases == ()


def test_text_before_the_first_question_is_an_entry_of_its_own() -> None:
    opening, other = read("A spasm is a cramp.", "Is it bad?", "No.")
    assert (opening.question, opening.asked, opening.last_line) == ("What is a spasm?", False, 1)
    assert other.asked


def test_an_opening_that_defines_nothing_is_named_after_its_first_sentence() -> None:
    assert opening_question("Welcome to the clinic. We help.") == "Welcome to the clinic."
    assert opening_question("word " * 40).endswith("word …")


def test_a_question_with_another_below_it_has_an_empty_answer() -> None:
    _, empty, _ = read("What?", "This.", "Why?", "", "When?", "Now.")
    assert (empty.question, empty.answer, empty.first_line, empty.last_line) == ("Why?", "", 3, 3)


@pytest.mark.parametrize(
    "line",
    ["- Is it a list item?", "is this a fragment?", "Is it? Yes, it is?", "No question.", ""],
)
def test_these_lines_open_no_entry(line: str) -> None:
    assert not is_question(line)


@given(st.lists(st.text(alphabet="aB .?-…\t“(", max_size=12), max_size=8))
def test_any_text_is_read_or_refused_with_its_line(lines: list[str]) -> None:
    try:
        entries = read(*lines)
    except CorpusError as error:
        assert str(error).startswith("faq.txt:")
    else:
        assert all(1 <= entry.first_line <= entry.last_line <= len(lines) for entry in entries)
