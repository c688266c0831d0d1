"""What `medfaq eval` measures, and how it prints it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qa.answer import Answer, Status
from qa.answerer import Answerer
from qa.evaluate import DEPTH, evaluate, write_trec_run
from qa.labels import Qrels

_BATCH = 64

Measures = dict[str, float | int]


def measure(
    answerer: Answerer,
    asked: Sequence[tuple[Any, str]],
    qrels: Qrels,
    unanswerable: Sequence[str],
    run: Path | None,
) -> Measures:
    """Return the ranking's measures and how often an answer is shown, rightly and wrongly.

    With `run`, the ranking is written there as a TREC run file.
    """
    answers = list(_answers(answerer, [text for _, text in asked]))
    rankings = {
        str(query): [(hit.passage.id, hit.score) for hit in answer.hits]
        for (query, _), answer in zip(asked, answers, strict=True)
    }
    if run:
        write_trec_run(run, rankings.items(), "medfaq")
    report = evaluate(rankings, qrels)
    shown = [
        qrels.get(str(query), {}).get(answer.passage.id, 0) > 0
        for (query, _), answer in zip(asked, answers, strict=True)
        if answer.status is Status.ANSWERED and answer.passage
    ]
    measures: Measures = {"questions": report.questions, **report.means}
    measures["answered"] = len(shown) / max(len(asked), 1)
    measures["right when answered"] = sum(shown) / max(len(shown), 1)
    if unanswerable:
        wrongly = sum(
            answer.status is Status.ANSWERED for answer in _answers(answerer, unanswerable)
        )
        measures["unanswerable"] = len(unanswerable)
        measures["unanswerable but answered"] = wrongly / len(unanswerable)
    return measures


def report_text(measures: Measures) -> str:
    """Return measures as lines for a person."""
    return "\n".join(
        f"{name:26} {value:>6}" if isinstance(value, int) else f"{name:26} {value:>6.3f}"
        for name, value in measures.items()
    )


def _answers(answerer: Answerer, questions: Sequence[str]) -> Iterable[Answer]:
    for start in range(0, len(questions), _BATCH):
        yield from answerer.answer_all(questions[start : start + _BATCH], top_k=DEPTH)
