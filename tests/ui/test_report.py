import json
from pathlib import Path

import pytest

from corpus.errors import QuestionError
from index.bundle import Bundle, Calibration
from qa.answerer import Answerer
from qa.hit import Found
from qa.labels import Qrels
from tests.fakes import FakeEncoder
from ui.report import Judged, calibration_text, judge, measure, report_text

ASKED = [
    ("heat", "Is heat good for back spasms?"),
    ("flag", "Is heat good for back spasms? i cant pee"),
    ("wrong", "Is walking good for back spasms?"),
    ("unlabelled", "walking"),
]
OTHERS = {"near": ["walking uphill good for back spasms?"], "far": ["?!", "capital of france"]}


def sure_of_heat(found: Found) -> float:
    return 0.9 if "heat" in found.hits[0].passage.question else 0.6


@pytest.fixture
def grades(default_bundle: Bundle) -> Qrels:
    (heat,) = (p.id for p in default_bundle.passages if p.question.startswith("Is heat"))
    return {"heat": {heat: 1}, "flag": {heat: 1}, "wrong": {heat: 1}}


@pytest.fixture
def judged(default_bundle: Bundle, grades: Qrels) -> Judged:
    answerer = Answerer(default_bundle, FakeEncoder(), confidence=sure_of_heat)
    return judge(answerer, ASKED, grades, OTHERS)


def test_a_labelled_question_counts_as_right_where_its_first_hit_answers(judged: Judged) -> None:
    assert [each.right for each in judged.outcomes] == [True, True, False]
    assert not any(each.right for group in judged.unanswerable.values() for each in group)


def test_what_a_red_flag_or_nothing_stands_for_would_never_be_shown(judged: Judged) -> None:
    assert [each.open for each in judged.outcomes] == [True, False, True]
    assert [each.open for each in judged.unanswerable["far"]] == [False, True]


def test_shares_are_those_at_the_threshold(judged: Judged, grades: Qrels) -> None:
    strict = measure(judged, grades, 0.7, None)
    assert (strict["answered"], strict["right when answered"]) == (pytest.approx(1 / 3), 1)
    assert strict["unanswerable but answered"] == 0
    lax = measure(judged, grades, 0.5, None)
    assert (lax["answered"], lax["right when answered"]) == (pytest.approx(2 / 3), 0.5)
    assert lax["unanswerable but answered"] == pytest.approx(2 / 3)


def test_measures_are_json_that_names_each_kind(judged: Judged, grades: Qrels) -> None:
    measures = json.loads(json.dumps(measure(judged, grades, 0.5, None)))
    assert list(measures["AUROC"]) == ["near", "far"]
    assert sum(each["count"] for each in measures["reliability"]) == 6
    assert measures["risk and coverage"][0] == {"threshold": 0.95, "coverage": 0, "risk": 0}


def test_the_report_says_each_number_in_words(judged: Judged, grades: Qrels) -> None:
    text = report_text(measure(judged, grades, 0.5, None))
    for words in ("P@1", "AUROC, near", "calibration error", "confidence  answered  wrong"):
        assert words in text


def test_questions_without_a_label_are_an_error(default_bundle: Bundle) -> None:
    answerer = Answerer(default_bundle, FakeEncoder())
    with pytest.raises(QuestionError, match="check their ids"):
        judge(answerer, ASKED, {"other": {}}, {})


def test_a_calibration_is_told_as_a_promise(tmp_path: Path) -> None:
    text = calibration_text(Calibration(0.8, 0.05, 0.9, 200, 100, 1, ""), tmp_path)
    for words in ("100 get an answer (50%)", "1 of these", "90% confidence at most 5%", "0.8"):
        assert words in text
