import os
import sys
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.read import read_corpus

FAQ = "Is heat good?\nYes, it is.\nIs ice good?\nAt first.\n"


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "data",
    [FAQ.encode(), b"\xef\xbb\xbf" + FAQ.encode(), FAQ.replace("\n", "\r\n").encode()],
    ids=["plain", "byte-order mark", "Windows line ends"],
)
def test_the_same_passages_whatever_the_file_was_saved_with(tmp_path: Path, data: bytes) -> None:
    passages = read_corpus([write(tmp_path / "faq.txt", data)]).passages
    assert [(p.question, p.answer, p.source.first_line) for p in passages] == [
        ("Is heat good?", "Yes, it is.", 1),
        ("Is ice good?", "At first.", 3),
    ]


def test_lines_are_counted_as_editors_count_them(tmp_path: Path) -> None:
    file = write(tmp_path / "faq.txt", "Is heat good?\nYes.\u2028\x0cIndeed.\nIs ice good?\nNo.\n")
    assert read_corpus([file]).passages[1].source.first_line == 3


def test_a_folder_is_read_with_all_below_it(tmp_path: Path) -> None:
    write(tmp_path / "faq" / "a.txt", FAQ)
    write(tmp_path / "faq" / "more" / "b.md", "# Is rest good?\nA little.")
    write(tmp_path / "faq" / ".hidden" / "c.md", "# No?\nNo.")
    write(tmp_path / "faq" / "logo.svg", "<svg/>")
    corpus = read_corpus([tmp_path / "faq"])
    assert [p.source.file for p in corpus.passages] == ["a.txt", "a.txt", "more/b.md"]


def test_files_of_the_same_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "faq.txt", FAQ)
    two = write(tmp_path / "two" / "faq.txt", "Is rest good?\nYes.")
    assert set(read_corpus([one, two]).files) == {"one/faq.txt", "two/faq.txt"}


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "faq.txt", FAQ)
    assert len(read_corpus([file, tmp_path]).passages) == 2


def test_a_companion_adds_alternates_and_examples_of_what_is_not_covered(tmp_path: Path) -> None:
    file = write(tmp_path / "faq.txt", FAQ)
    write(
        tmp_path / "faq.phrasings.toml",
        '[[entry]]\nquestion = "is  heat good?"\nalternates = ["warm bottle ok"]\n'
        '[not_covered]\nexamples = ["is surgery good"]\n',
    )
    corpus = read_corpus([file])
    assert [p.alternates for p in corpus.passages] == [("warm bottle ok",), ()]
    assert corpus.not_covered == ("is surgery good",)


@pytest.mark.parametrize(
    ("companion", "message"),
    [
        ('[[entry]]\nquestion = "Is fire good?"', r":2: 'Is fire good\?' is not a question of the"),
        ("[[entry]]\nalternates = []", ": entry 1: no 'question'"),
        ('[[entry]]\nquestion = "Is heat good?"\nalternates = "x"', ":2: 'alternates' is not a"),
        ('[[entry]]\nquestion = "Is heat good?"\nalternates = ["?"]', "an item without a word"),
        ('[[entry]]\nquestion = "Is heat good?"\nalternate = ["x"]', "unknown field 'alternate'"),
        ('[[entry]]\nquestion = "Is heat good?"\n' * 2, "stands twice"),
        ("[entries]", "unknown table 'entries'"),
        ("entry = 1", "'entry' is not an array"),
        ("[not_covered]\nexample = []", "takes one field"),
        ("[[entry]", "not TOML"),
        ("x = " + "[" * 5_000, "too many brackets"),
    ],
)
def test_a_companion_that_does_not_fit_is_an_error_that_says_where(
    tmp_path: Path, companion: str, message: str
) -> None:
    file = write(tmp_path / "faq.txt", FAQ)
    write(tmp_path / "faq.phrasings.toml", companion)
    with pytest.raises(CorpusError, match=r"^faq\.phrasings\.toml") as caught:
        read_corpus([file])
    assert caught.match(message)


def test_a_companion_without_its_faq_is_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "faq.txt", FAQ)
    write(tmp_path / "fag.phrasings.toml", "")
    with pytest.raises(CorpusError, match=r"fag\.phrasings\.toml: no FAQ file of this name"):
        read_corpus([tmp_path])


def test_a_companion_is_found_however_the_ending_of_its_faq_is_written(tmp_path: Path) -> None:
    write(tmp_path / "FAQ.TXT", FAQ)
    write(tmp_path / "FAQ.phrasings.toml", "")
    assert read_corpus([tmp_path]).passages == read_corpus([tmp_path / "FAQ.TXT"]).passages


@pytest.mark.parametrize(
    ("name", "text"), [("faq.md", "# A?\nb\n\n## C?"), ("faq.txt", "A?\nb\n\nC?\n\n")]
)
def test_a_question_with_nothing_below_it_can_be_allowed(
    tmp_path: Path, name: str, text: str
) -> None:
    file = write(tmp_path / name, text)
    with pytest.raises(CorpusError, match=r":4: 'C\?' has no answer"):
        read_corpus([file])
    _, empty = read_corpus([file], allow_empty_answers=True).passages
    assert (empty.answer, empty.source.first_line, empty.source.last_line) == ("", 4, 4)


def test_what_a_question_asks_cannot_be_among_what_is_not_covered(tmp_path: Path) -> None:
    write(tmp_path / "faq.txt", FAQ)
    write(tmp_path / "faq.phrasings.toml", '[not_covered]\nexamples = ["is  HEAT good?"]')
    with pytest.raises(
        CorpusError, match=r"faq\.phrasings\.toml: 'is  HEAT good\?' is not covered"
    ):
        read_corpus([tmp_path])


def test_the_files_of_a_bundle_below_a_folder_are_none_of_the_faqs(tmp_path: Path) -> None:
    write(tmp_path / "faq.txt", FAQ)
    before = read_corpus([tmp_path])
    (tmp_path / "bundle" / "data-1").mkdir(parents=True)
    write(tmp_path / "bundle" / "manifest.json", "{}")
    write(tmp_path / "bundle" / "data-1" / "passages.jsonl", "{}")
    assert read_corpus([tmp_path]) == before


def test_reader_names_the_line_of_an_empty_answer(tmp_path: Path) -> None:
    file = write(tmp_path / "faq.jsonl", '{"question": "A?", "answer": "b"}\n{"question": "C?"}\n')
    with pytest.raises(CorpusError, match=r"^faq\.jsonl:2: 'C\?' has no answer"):
        read_corpus([file])
    assert len(read_corpus([file], allow_empty_answers=True).passages) == 2


def test_reader_names_both_lines_of_a_duplicated_id(tmp_path: Path) -> None:
    line = '{"id": "x", "question": "A?", "answer": "b"}\n'
    with pytest.raises(CorpusError, match=r"^faq\.jsonl:3: the id 'x' stands at faq\.jsonl:1"):
        read_corpus([write(tmp_path / "faq.jsonl", line + "\n" + line)])


def test_reader_names_the_line_that_is_not_utf_8(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"^faq\.txt:2: not UTF-8"):
        read_corpus([write(tmp_path / "faq.txt", b"Is heat good?\nYes, 40 \xb0C.\n")])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("faq.txt", "", "no entry in it"),
        ("faq.txt", "Is it\0 good?\nYes.", "faq.txt:1: holds a NUL"),
        ("faq.pdf", "x", "not a kind that medfaq reads"),
        ("faq.phrasings.toml", "", "a companion file"),
        ("faq.jsonl", '{"question": "?!", "answer": "b"}', "faq.jsonl:1: the question has no word"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus([write(tmp_path / name, content)])


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        read_corpus([tmp_path / "missing.txt"])
    with pytest.raises(CorpusError, match="no FAQ file in this folder"):
        read_corpus([tmp_path])
    with pytest.raises(CorpusError, match="no FAQ file given"):
        read_corpus([])


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_file_name_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    Path(name).write_text("Is heat good?\nYes.\n")
    with pytest.raises(CorpusError, match=r"'caf\\udce9.txt': a file name that is not UTF-8"):
        read_corpus([Path(name)])
