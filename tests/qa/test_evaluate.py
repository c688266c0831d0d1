from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import QuestionError
from qa.evaluate import DEPTH, MEASURES, evaluate, write_trec_run

ids = st.sampled_from([f"p{n}" for n in range(15)])
rankings = st.lists(ids, min_size=1, max_size=12, unique=True)
relevant = st.sets(ids, min_size=1, max_size=4)


def ranked(entries: list[str]) -> list[tuple[str, float]]:
    return [(entry, 0.5) for entry in entries]


@given(rankings, relevant)
def test_measures_agree_with_their_definitions(entries: list[str], answers: set[str]) -> None:
    means = evaluate({"q": ranked(entries)}, {"q": dict.fromkeys(answers, 1)}).means
    found = [entry in answers for entry in entries[:DEPTH]]
    assert means["P@1"] == found[0]
    assert means["in first 3"] == any(found[:3])
    assert means["recall@3"] == pytest.approx(sum(found[:3]) / len(answers))
    first = found.index(True) + 1 if any(found) else None
    assert means["MRR@10"] == pytest.approx(1 / first if first else 0)


@given(st.lists(st.tuples(rankings, relevant), min_size=1, max_size=5))
def test_every_measure_is_a_share(cases: list[tuple[list[str], set[str]]]) -> None:
    report = evaluate(
        {f"q{n}": ranked(entries) for n, (entries, _) in enumerate(cases)},
        {f"q{n}": dict.fromkeys(answers, 1) for n, (_, answers) in enumerate(cases)},
    )
    assert report.questions == len(cases)
    assert list(report.means) == list(MEASURES)
    assert all(0 <= value <= 1 for value in report.means.values())


def test_a_question_without_a_ranking_counts_as_wrong() -> None:
    qrels = {"a": {"x": 1}, "b": {"y": 1}}
    assert evaluate({"a": ranked(["x"])}, qrels).means["P@1"] == 0.5


def test_a_grade_of_0_is_no_answer() -> None:
    assert evaluate({"a": ranked(["x", "y"])}, {"a": {"x": 0, "y": 1}}).means["P@1"] == 0


def test_qrels_of_other_questions_are_an_error() -> None:
    with pytest.raises(QuestionError, match="check their ids"):
        evaluate({"a": ranked(["x"])}, {"b": {"x": 1}})


def test_a_run_file_is_in_trec_format_with_ten_hits(tmp_path: Path) -> None:
    file = tmp_path / "run.txt"
    write_trec_run(file, [("q", [(f"p{n}", 1 - n / 20) for n in range(12)])], "medfaq")
    lines = file.read_text().splitlines()
    assert len(lines) == 10
    assert lines[1] == "q Q0 p1 2 0.950000 medfaq"
