"""Measure knowing when not to answer, beside the usual bot's similarity threshold.

    python benchmarks/abstention.py             the test split of our own questions
    python benchmarks/abstention.py --split dev

Where a set has questions that its FAQ does not answer, each row says how well confidence tells
covered questions from them (AUROC), how many covered questions can be answered with at most 5
wrong in 100 shown (near misses shown count as wrong), and how well confidence is calibrated.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sets import OWN, QuestionSet, other_sets, own_set
from corpus.passage import Passage
from index.build import build_bundle
from index.bundle import open_bundle
from index.encoder import Encoder, load_encoder
from qa.answer import Status
from qa.answerer import Answerer
from qa.confidence import THRESHOLD
from qa.labels import read_questions
from qa.retriever import Retriever
from qa.selective import Outcome, auroc, calibration_error, reliability

RESULTS = Path(__file__).with_name("results")
MAX_WRONG = 0.05
ROUNDS = 2
TOP_K = 5

Grades = Mapping[str, int]
"""Ids of the entries that answer a question -> how well."""


@dataclass(frozen=True, slots=True)
class Scored:
    """How sure a system is of each question, and whether its first hit answers it.

    `open` is whether that hit may be shown: where a red flag stands in its place, it is not.
    """

    sure: NDArray[np.float64]
    right: NDArray[np.bool_]
    open: NDArray[np.bool_]

    def shown(self, threshold: float) -> NDArray[np.bool_]:
        """Return which first hits are shown from this confidence on."""
        return self.open & (self.sure >= threshold)


@dataclass(frozen=True, slots=True)
class Row:
    """What one system reached on one set."""

    set: str
    system: str
    auroc: dict[str, float]
    answered_at_5_wrong: float
    calibration_error: float | None
    at_threshold: dict[str, float] | None


def main(
    split: Annotated[str, typer.Option(help="Of our own questions: dev or test.")] = "test",
) -> None:
    """Print one table, and write it as JSON."""
    encoder = load_encoder()
    rows = [
        row
        for questions in _sets(split)
        if questions.unanswerable
        for row in _measure(questions, encoder)
    ]
    RESULTS.mkdir(exist_ok=True)
    alarms = red_flags(split, encoder)
    costs = cost_of_deciding(split, encoder)
    content = json.dumps(
        {"red flags": alarms, "cost of deciding": costs, "sets": [asdict(row) for row in rows]},
        indent=1,
    )
    (RESULTS / f"abstention-{split}.json").write_text(content + "\n")
    for row in rows:
        print(json.dumps(asdict(row)))
    print(json.dumps({"red flags": alarms}))
    print(json.dumps({"cost of deciding": costs}))


def red_flags(split: str, encoder: Encoder) -> dict[str, float]:
    """Return the share of urgent messages noticed, and of others that raise a false alarm."""
    corpus = own_set(split, companion=True).corpus
    texts = {
        name: [text for _, text in read_questions(OWN / split / f"{name}.jsonl")]
        for name in ("urgent", "not_urgent", "queries", "near", "far")
    }
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(corpus, Path(folder), encoder)
        answerer = Answerer(*open_bundle(Path(folder)))
        noticed = {
            name: float(np.mean([a.status is Status.URGENT for a in answerer.answer_all(each)]))
            for name, each in texts.items()
        }
    return {
        "urgent messages": len(texts["urgent"]),
        "recall": round(noticed["urgent"], 3),
        "messages that sound like it": len(texts["not_urgent"]),
        "false alarms among these": round(noticed["not_urgent"], 3),
        "other messages": sum(len(texts[name]) for name in ("queries", "near", "far")),
        "false alarms among other messages": round(
            float(np.mean([noticed[name] for name in ("queries", "near", "far")])), 3
        ),
    }


def cost_of_deciding(split: str, encoder: Encoder) -> dict[str, float]:
    """Return how long an answer takes beside the search alone, as ratios of p50 and p95.

    The search finds and ranks; deciding is the red flags, the confidence, and the words for what
    is not covered. Both are timed in turn on the same questions, so that what else the machine
    does falls on both.
    """
    questions = own_set(split, companion=True)
    texts = [*questions.texts, *(text for each in questions.unanswerable.values() for text in each)]
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(questions.corpus, Path(folder), encoder)
        opened = open_bundle(Path(folder))
        retriever, answerer = Retriever(*opened), Answerer(*opened)
        answerer.answer_all(texts[:1] + questions.unanswerable["near"][:1])
        search, answer = [], []
        for text in texts * ROUNDS:
            started = time.perf_counter()
            retriever.search([text], TOP_K)
            found = time.perf_counter()
            answerer.answer(text, top_k=TOP_K)
            search.append(found - started)
            answer.append(time.perf_counter() - found)
    return {
        f"{name} with deciding / without": round(
            float(np.percentile(answer, share) / np.percentile(search, share)), 3
        )
        for name, share in (("p50", 50), ("p95", 95))
    }


def _sets(split: str) -> Iterator[QuestionSet]:
    yield own_set(split, companion=True)
    yield own_set(split, companion=False)
    yield from other_sets()


def _measure(questions: QuestionSet, encoder: Encoder) -> Iterator[Row]:
    groups = {"covered": questions.texts, **questions.unanswerable}
    grades = dict(
        zip(questions.texts, (questions.qrels.get(q, {}) for q in questions.ids), strict=True)
    )
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(questions.corpus, Path(folder), encoder)
        opened = open_bundle(Path(folder))
        systems = {"medfaq": Answerer(*opened)}
        if systems["medfaq"].reads:
            systems["medfaq --no-rerank"] = Answerer(*opened, rerank=None)
        for system, answerer in systems.items():
            ours = _ours(answerer, groups, grades)
            yield _row(questions, system, ours, calibrated=True)
    usual = _usual(questions.corpus.passages, encoder, groups, grades)
    yield _row(questions, "one question vector", usual, calibrated=False)


def _ours(
    answerer: Answerer, groups: Mapping[str, Sequence[str]], grades: Mapping[str, Grades]
) -> dict[str, Scored]:
    return {
        name: _score(
            [answer.confidence for answer in shown],
            [
                name == "covered" and grades[answer.question].get(answer.hits[0].passage.id, 0) > 0
                for answer in shown
            ],
            [answer.status is not Status.URGENT for answer in shown],
        )
        for name, texts in groups.items()
        for shown in [[answer for answer in answerer.answer_all(texts) if answer.hits]]
    }


def _usual(
    passages: Sequence[Passage],
    encoder: Encoder,
    groups: Mapping[str, Sequence[str]],
    grades: Mapping[str, Grades],
) -> dict[str, Scored]:
    stored = encoder.encode([passage.question for passage in passages])
    scored = {}
    for name, texts in groups.items():
        similarity = encoder.encode(texts) @ stored.T
        first = [passages[number].id for number in similarity.argmax(axis=1)]
        scored[name] = _score(
            similarity.max(axis=1).tolist(),
            [
                name == "covered" and grades[text].get(passage, 0) > 0
                for text, passage in zip(texts, first, strict=True)
            ],
            [True] * len(texts),
        )
    return scored


def _score(sure: list[float], right: list[bool], shown: list[bool]) -> Scored:
    return Scored(
        np.array(sure, dtype=np.float64), np.array(right, dtype=bool), np.array(shown, dtype=bool)
    )


def _row(
    questions: QuestionSet, system: str, groups: dict[str, Scored], *, calibrated: bool
) -> Row:
    covered = groups["covered"]
    everything = Scored(
        np.concatenate([group.sure for group in groups.values()]),
        np.concatenate([group.right for group in groups.values()]),
        np.concatenate([group.open for group in groups.values()]),
    )
    shown = everything.shown(THRESHOLD)
    return Row(
        set=questions.name,
        system=system,
        auroc={
            name: round(auroc(covered.sure.tolist(), group.sure.tolist()), 3)
            for name, group in groups.items()
            if name != "covered"
        },
        answered_at_5_wrong=round(_answered(everything, len(covered.sure)), 3),
        calibration_error=round(_calibration_error(everything), 3) if calibrated else None,
        at_threshold={
            "answered": round(float((covered.right & covered.shown(THRESHOLD)).mean()), 3),
            "wrong of shown": round(float((~everything.right[shown]).mean()), 3),
        }
        if calibrated and shown.any()
        else None,
    )


def _answered(scored: Scored, covered: int) -> float:
    """Return the share of covered questions answered rightly at the best threshold allowed."""
    order = np.argsort(-scored.sure, kind="stable")
    right = (scored.open & scored.right)[order].cumsum()
    wrong = (scored.open & ~scored.right)[order].cumsum()
    allowed = wrong <= MAX_WRONG * (right + wrong)
    return float(right[allowed].max(initial=0)) / covered


def _calibration_error(scored: Scored) -> float:
    pairs = zip(scored.sure.tolist(), scored.right.tolist(), strict=True)
    return calibration_error(reliability(Outcome(sure, right) for sure, right in pairs))


if __name__ == "__main__":
    typer.run(main)
