from pathlib import Path

import pytest

from corpus.errors import QuestionError
from qa.labels import read_qrels, read_questions, read_unanswerable


def test_questions_are_read_with_any_text_id(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('\ufeff{"_id": "a", "text": "x", "more": 1}\n\n{"_id": 2, "text": ""}\n')
    assert list(read_questions(file)) == [("a", "x"), (2, "")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r":1: not JSON"),
        ('{"text": "x"}', r":1: no '_id'"),
        ('\n["x"]', r":2: no 'text'"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_file_of_questions_is_checked(tmp_path: Path, content: str | bytes, message: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(QuestionError, match=message):
        list(read_questions(file))


def test_qrels_are_read_with_and_without_their_header(tmp_path: Path) -> None:
    file = tmp_path / "qrels.tsv"
    for header in ("query-id\tcorpus-id\tscore\n", ""):
        file.write_text(header + "q1\tp1\t2\nq1\tp2\t0\n\nq2\tp1\t1\n")
        assert read_qrels(file) == {"q1": {"p1": 2, "p2": 0}, "q2": {"p1": 1}}


@pytest.mark.parametrize(
    "line", ["q1 p1 1", "q1\tp1", "q1\tp1\thigh", "q1\tp1\t1.5", "q1\tp1\t--1"]
)
def test_a_bad_line_of_qrels_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "qrels.tsv"
    file.write_text(f"query-id\tcorpus-id\tscore\n{line}\n")
    with pytest.raises(QuestionError, match=r"qrels\.tsv:2: not query-id"):
        read_qrels(file)
    with pytest.raises(QuestionError, match="cannot be read"):
        read_qrels(tmp_path / "missing.tsv")


def test_unanswerable_questions_are_of_the_kind_that_their_file_names(tmp_path: Path) -> None:
    for kind in ("near", "far"):
        (tmp_path / f"{kind}.jsonl").write_text(f'{{"_id": 1, "text": "{kind}?"}}\n')
    files = [tmp_path / "near.jsonl", tmp_path / "far.jsonl"]
    assert read_unanswerable(files) == {"near": ["near?"], "far": ["far?"]}
