"""Labelled questions to a report: how often the right entry comes first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
from ir_measures import RR, P, R, Success, nDCG

from corpus.errors import QuestionError
from qa.labels import Qrels

DEPTH = 10
"""How many hits of a question take part."""

MEASURES = {
    "P@1": P @ 1,
    "in first 3": Success @ 3,
    "recall@3": R @ 3,
    "MRR@10": RR @ 10,
    "nDCG@10": nDCG @ 10,
}

Ranking = Sequence[tuple[str, float]]
"""Entry ids with their scores, best first."""


@dataclass(frozen=True, slots=True)
class Report:
    """Each measure, as its mean over the questions and for every question by its id."""

    questions: int
    means: dict[str, float]
    values: dict[str, dict[str, float]]


def evaluate(rankings: Mapping[str, Ranking], qrels: Qrels) -> Report:
    """Measure rankings against what entries answer which question (ir-measures, 2022).

    Questions that the qrels do not name take no part; a question without a ranking counts as 0.

    Raises:
        QuestionError: no question has both.
    """
    judged = {
        query: grades for query, grades in qrels.items() if any(g > 0 for g in grades.values())
    }
    if not judged.keys() & rankings.keys():
        raise QuestionError("no question of the queries stands in the qrels; check their ids")
    # trec_eval breaks ties by id, so the place in the ranking is what it is given as score.
    run = {
        query: {entry: -float(place) for place, (entry, _) in enumerate(ranking[:DEPTH])}
        for query, ranking in rankings.items()
        if query in judged
    }
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(judged, 0.0) for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(names), judged, run):
        values[names[metric.measure]][metric.query_id] = metric.value
    means = {name: sum(each.values()) / len(each) for name, each in values.items()}
    return Report(len(judged), means, values)


def write_trec_run(path: Path, rankings: Iterable[tuple[str, Ranking]], tag: str) -> None:
    """Write rankings as a TREC run file: question, Q0, entry, rank, score, tag.

    Raises:
        QuestionError: the file cannot be written.
    """
    lines = [
        f"{query} Q0 {entry} {rank} {score:.6f} {tag}\n"
        for query, ranking in rankings
        for rank, (entry, score) in enumerate(ranking[:DEPTH], start=1)
    ]
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise QuestionError(f"{path}: cannot be written ({error.strerror})") from error
