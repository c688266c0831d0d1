import pytest

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText
from corpus.readers.table import read_table


def read(text: str) -> list[Entry]:
    return read_table(SourceText("faq.csv", b"", tuple(text.split("\n"))))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    (entry,) = read(f"Question{delimiter}ANSWER\nIs heat good?{delimiter}Yes.")
    assert (entry.question, entry.answer) == ("Is heat good?", "Yes.")


def test_a_cell_of_several_lines_is_one_entry_with_its_lines() -> None:
    first, second = read('question,answer\nA?,"one\ntwo"\nB?,three')
    assert (first.answer, first.first_line, first.last_line) == ("one\ntwo", 2, 3)
    assert (second.first_line, second.last_line) == (4, 4)


def test_alternates_stand_in_one_cell() -> None:
    (entry,) = read("question,answer,alternates\nA?,b,c | d")
    assert entry.alternates == ("c", "d")


def test_beir_names_work_too() -> None:
    (entry,) = read("_id,title,text\np0,A?,b")
    assert (entry.id, entry.question, entry.answer) == ("p0", "A?", "b")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a,b\nc,d", 1, "no 'question' column"),
        ("question,question\nA?,b", 1, "stands twice"),
        ("question,answer\nA?,b\nC?", 3, "1 cells under 2"),
        ("question,answer\nA?,b,c", 2, "3 cells under 2"),
        ('question,answer\nA?,"b" c', 2, "not a proper table row"),
        ("question,answer\n,b", 2, "no 'question'"),
    ],
)
def test_a_bad_row_is_named(text: str, line: int, message: str) -> None:
    with pytest.raises(CorpusError, match=rf"^faq\.csv:{line}: .*{message}"):
        read(text)
