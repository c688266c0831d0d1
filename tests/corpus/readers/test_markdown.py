import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText
from corpus.readers.markdown import read_markdown


def read(text: str) -> list[Entry]:
    return read_markdown(SourceText("faq.md", b"", tuple(text.split("\n"))))


def test_headings_are_questions_and_titles_of_parts_are_not() -> None:
    entries = read("# FAQ\n\n## Is heat good?\n\nYes.\n\n## And ice?\nNo.\nNot long.\n")
    assert [(e.question, e.answer, e.first_line, e.last_line) for e in entries] == [
        ("Is heat good?", "Yes.", 3, 5),
        ("And ice?", "No. Not long.", 7, 9),
    ]


def test_bold_text_is_kept_as_key_phrases() -> None:
    (entry,) = read("# What helps?\nTake **plenty of rest** and *water*.")
    assert entry.answer == "Take plenty of rest and water."
    assert [entry.answer[a:b] for a, b in entry.key_phrases] == ["plenty of rest"]


def test_lists_stay_lists() -> None:
    (entry,) = read("# What helps?\n\nThis:\n\n- rest\n- ice\n  1. cold\n  2. wrapped\n")
    assert entry.answer == "This:\n- rest\n- ice\n  1. cold\n  2. wrapped"


def test_the_address_of_a_link_is_not_lost() -> None:
    (entry,) = read("# Who?\nAsk [us](https://x.example) or <https://y.example>.")
    assert entry.answer == "Ask us (https://x.example) or https://y.example."


def test_the_address_of_a_link_around_bold_text_is_its_own() -> None:
    (entry,) = read("# Who?\nSee [**our *leaflet***](https://x.example).")
    assert entry.answer == "See our leaflet (https://x.example)."
    assert [entry.answer[a:b] for a, b in entry.key_phrases] == ["our leaflet"]


def test_html_is_text_and_tables_and_code_stay_as_they_are() -> None:
    (entry,) = read("# Who?\na <b>c</b>\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```")
    assert entry.answer == "a <b>c</b>\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\ncode"


def test_front_matter_is_skipped_and_lines_still_count_from_the_top() -> None:
    (entry,) = read("---\ntitle: x\n---\n# Who?\nUs.")
    assert (entry.question, entry.first_line, entry.last_line) == ("Who?", 4, 5)


@pytest.mark.parametrize("first", ["---\n\n# Who?", "---\n# Who?", "---\nteam: us\n# Who?"])
def test_lines_between_entries_are_no_front_matter(first: str) -> None:
    *_, who, when = read(f"{first}\n\nUs.\n\n---\n\n# When?\n\nNow.")
    assert [(each.question, each.answer) for each in (who, when)] == [
        ("Who?", "Us."),
        ("When?", "Now."),
    ]


@pytest.mark.parametrize("items", ["0. Call.\n1. Stop.", "3) Call.\n4) Stop."])
def test_numbers_of_a_list_are_the_owners(items: str) -> None:
    (entry,) = read(f"# What first?\n\n{items}")
    assert entry.answer == items


def test_text_before_the_first_heading_is_not_lost() -> None:
    opening, _ = read("A spasm is a cramp.\n\n# Who?\nUs.")
    assert (opening.question, opening.asked, opening.last_line) == ("What is a spasm?", False, 1)


@pytest.mark.parametrize("text", ["# A?\nb\n## C?\n## D?\ne", "# A?\nb\n\n## C?"])
def test_a_heading_with_nothing_below_it_has_an_empty_answer(text: str) -> None:
    line = text.split("\n").index("## C?") + 1
    (entry,) = (each for each in read(text) if each.question == "C?")
    assert (entry.answer, entry.first_line, entry.last_line) == ("", line, line)


@pytest.mark.parametrize("after", ["", "\n### Why?\nSo.", "\nYes."])
def test_dashes_that_make_a_heading_of_the_end_of_an_answer_are_refused(after: str) -> None:
    with pytest.raises(CorpusError, match=r"^faq\.md:4: the dashes directly below"):
        read(f"### A?\nYes.\n\nNot with warfarin.\n---\n{after}")


def test_a_heading_may_be_underlined() -> None:
    assert [entry.question for entry in read("A?\n---\nb\n\nC?\n===\nd")] == ["A?", "C?"]


@given(st.text(alphabet="#ab \n*-1.[]()`<>|&_\t>", max_size=60))
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    lines = len(text.split("\n"))
    try:
        entries = read(text)
    except CorpusError as error:
        assert str(error).startswith("faq.md:")
    else:
        for entry in entries:
            assert 1 <= entry.first_line <= entry.last_line <= lines
            assert all(0 <= a <= b <= len(entry.answer) for a, b in entry.key_phrases)
