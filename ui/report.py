"""What `medfaq eval` measures, and how it prints it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import QuestionError
from index.bundle import Calibration
from qa.answer import Answer, Status
from qa.answerer import Answerer
from qa.evaluate import DEPTH, evaluate, write_trec_run
from qa.labels import Qrels
from qa.selective import (
    Outcome,
    auroc,
    calibration_error,
    reliability,
    risk_coverage,
)

_BATCH = 64
_THRESHOLDS = tuple(percent / 100 for percent in range(95, 0, -5))

Measures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled questions, asked: answers and what became of them.

    `outcomes` are those of the questions that the qrels name, `unanswerable` those of questions
    that the FAQ does not answer, by their kind.
    """

    answers: dict[str, Answer]
    outcomes: list[Outcome]
    unanswerable: dict[str, list[Outcome]]

    @property
    def everything(self) -> list[Outcome]:
        """The outcomes of all questions that are labelled in one way or the other."""
        return [*self.outcomes, *(each for group in self.unanswerable.values() for each in group)]


def judge(
    answerer: Answerer,
    asked: Sequence[tuple[Any, str]],
    qrels: Qrels,
    unanswerable: Mapping[str, Sequence[str]],
) -> Judged:
    """Ask every question; the status of the answers is the one at threshold 0.

    Raises:
        QuestionError: no question stands in the qrels.
    """
    if not any(str(query) in qrels for query, _ in asked):
        raise QuestionError("no question of the queries stands in the qrels; check their ids")
    everything = answerer.at(0.0)
    texts = [text for _, text in asked]
    answers = dict(
        zip((str(query) for query, _ in asked), _answers(everything, texts), strict=True)
    )
    return Judged(
        answers,
        [_outcome(answers[query], qrels[query]) for query in answers if query in qrels],
        {
            kind: [_outcome(answer, {}) for answer in _answers(everything, each)]
            for kind, each in unanswerable.items()
        },
    )


def measure(judged: Judged, qrels: Qrels, threshold: float, run: Path | None) -> Measures:
    """Return the ranking's measures, and how well medfaq knows when not to answer.

    With `run`, the ranking is written there as a TREC run file.
    """
    rankings = {
        query: [(hit.passage.id, hit.score) for hit in answer.hits]
        for query, answer in judged.answers.items()
    }
    if run:
        write_trec_run(run, rankings.items(), "medfaq")
    report = evaluate(rankings, qrels)
    (shown,) = risk_coverage(judged.outcomes, [threshold])
    measures: Measures = {"questions": report.questions, **report.means}
    measures["answered"] = shown.coverage
    measures["right when answered"] = 1 - shown.risk if shown.coverage else 0.0
    others = [each for group in judged.unanswerable.values() for each in group]
    if others:
        measures["unanswerable"] = len(others)
        (point,) = risk_coverage(others, [threshold])
        measures["unanswerable but answered"] = point.coverage
        measures["AUROC"] = {
            kind: auroc(_confidences(judged.outcomes), _confidences(group))
            for kind, group in judged.unanswerable.items()
        }
    bins = reliability(judged.everything)
    measures["threshold"] = threshold
    measures["calibration error"] = calibration_error(bins)
    measures["reliability"] = [asdict(each) for each in bins]
    points = risk_coverage(judged.everything, _THRESHOLDS)
    measures["risk and coverage"] = [asdict(each) for each in points]
    return measures


def report_text(measures: Measures) -> str:
    """Return measures as lines for a person."""
    return "\n".join(_report_lines(measures))


def calibration_text(calibration: Calibration, path: Path) -> str:
    """Say for a person what was chosen, and what it promises."""
    shown, wrong = calibration.shown, calibration.wrong
    return (
        f"Of the {calibration.questions} questions {shown} get an answer "
        f"({shown / calibration.questions:.0%}), and {wrong} of these a wrong one "
        f"({wrong / shown:.1%}).\n"
        f"With {calibration.confidence:.0%} confidence at most {calibration.max_wrong:.0%} of the "
        "answers shown are wrong, as long as people\n"
        "ask what these files hold, in the same mix.\n"
        f"{path}: an answer is shown from confidence {calibration.threshold} on. A medfaq serve "
        "that is running takes\nit up when it is started again; entries that change need a new "
        "medfaq calibrate."
    )


def _report_lines(measures: Measures) -> Iterator[str]:
    for name, value in measures.items():
        if isinstance(value, int):
            yield f"{name:26} {value:>6}"
        elif isinstance(value, float):
            yield f"{name:26} {value:>6.3f}"
    for kind, value in measures.get("AUROC", {}).items():
        yield f"{f'AUROC, {kind}':26} {value:>6.3f}"
    yield ""
    yield "If answers are shown from a confidence on, so many questions get one, and so many"
    yield "of these answers are wrong:"
    yield ""
    yield "  confidence  answered  wrong"
    for point in measures["risk and coverage"]:
        yield f"  {point['threshold']:>10.2f}  {point['coverage']:>8.1%}  {point['risk']:>5.1%}"
    yield ""
    yield "What medfaq says of its confidence, and how often it is right then:"
    yield ""
    yield "  questions  confidence  right"
    for each in measures["reliability"]:
        yield f"  {each['count']:>9}  {each['confidence']:>10.1%}  {each['right']:>5.1%}"


def _outcome(answer: Answer, grades: Mapping[str, int]) -> Outcome:
    right = bool(answer.hits) and grades.get(answer.hits[0].passage.id, 0) > 0
    return Outcome(answer.confidence, right, answer.status is Status.ANSWERED)


def _confidences(outcomes: Iterable[Outcome]) -> list[float]:
    return [each.confidence for each in outcomes]


def _answers(answerer: Answerer, questions: Sequence[str]) -> Iterator[Answer]:
    for start in range(0, len(questions), _BATCH):
        yield from answerer.answer_all(questions[start : start + _BATCH], top_k=DEPTH)
