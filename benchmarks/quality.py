"""Measure the ranking beside its alternatives, on the same questions in the same run.

    python benchmarks/quality.py            every set, the test split of our own questions
    python benchmarks/quality.py --split dev --only "default FAQ"

Other question sets are looked for in the folder that MEDFAQ_EVAL names. The alternatives need
`pip install -c constraints.txt -r benchmarks/requirements.txt`.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.stats import permutation_test

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sets import ROOT, QuestionSet, other_sets, own_set, without_alternates
from benchmarks.systems import ALTERNATIVES, DEPTH, Rankings
from corpus.passage import Corpus
from index.build import build_bundle
from index.bundle import open_bundle
from index.encoder import Encoder, load_encoder
from qa.evaluate import MEASURES, Report, evaluate
from qa.hit import Hit, Signals
from qa.retriever import Retriever

OURS = "medfaq"
USUAL = "one question vector"
RESULTS = ROOT / "benchmarks" / "results"
LAST = "rerank"
PARTS = [*(field.name for field in fields(Signals)), LAST]


@dataclass(frozen=True, slots=True)
class Row:
    """What one system reached on one set; `p` is against the usual bot's P@1, paired."""

    set: str
    system: str
    questions: int
    means: dict[str, float]
    p: float
    seconds: float


def main(
    split: Annotated[str, typer.Option(help="Of our own questions: dev or test.")] = "test",
    only: Annotated[str, typer.Option(help="Measure only sets whose name holds this.")] = "",
    out: Annotated[Path, typer.Option(help="Where to write the table.")] = RESULTS,
) -> None:
    """Print one table, and write it as JSON and Markdown, set by set."""
    encoder = load_encoder()
    rows: list[Row] = []
    out.mkdir(exist_ok=True)
    name = f"quality-{split}" + (f"-{only.replace(' ', '-')}" if only else "")
    for questions in _sets(split):
        if only in questions.name:
            measured = list(_measure(questions, encoder))
            print(_table(measured, header=not rows), flush=True)
            rows += measured
            (out / f"{name}.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
            (out / f"{name}.md").write_text(_table(rows) + "\n")


def _sets(split: str) -> Iterator[QuestionSet]:
    yield own_set(split, companion=True)
    yield own_set(split, companion=False)
    yield from other_sets()


def _measure(questions: QuestionSet, encoder: Encoder) -> Iterator[Row]:
    reports: dict[str, tuple[Report, float]] = {}
    for name, system in ALTERNATIVES.items():
        started = time.perf_counter()
        try:
            rankings = system(questions.corpus.passages, questions.texts, encoder)
        except ImportError as error:
            print(f"{questions.name}: {name} NOT MEASURED, not installed ({error})", flush=True)
            continue
        reports[name] = _report(questions, rankings), time.perf_counter() - started
    started = time.perf_counter()
    hits = _hits(questions.corpus, questions.texts, encoder)
    took = time.perf_counter() - started
    reports[OURS] = _report(questions, _ids(hits)), took
    for part in PARTS:
        reports[f"{OURS} without {part}"] = _report(questions, _ids(hits, without=part)), took
    if any(passage.alternates for passage in questions.corpus.passages):
        bare = _hits(without_alternates(questions.corpus), questions.texts, encoder)
        reports[f"{OURS} without alternates"] = _report(questions, _ids(bare)), took
    usual = reports[USUAL][0]
    for name, (report, seconds) in reports.items():
        yield Row(
            questions.name,
            name,
            report.questions,
            report.means,
            _significance(report, usual),
            seconds,
        )


def _hits(corpus: Corpus, texts: list[str], encoder: Encoder) -> list[tuple[Hit, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(corpus, Path(folder), encoder)
        retriever = Retriever(*open_bundle(Path(folder)))
        return [found.hits for found in retriever.search(texts, 50)]


def _ids(hits: list[tuple[Hit, ...]], without: str | None = None) -> Rankings:
    """Return the ids in the order of their scores, with one part of the score taken out."""

    def score(hit: Hit) -> float:
        if without is None:
            return hit.score
        if without == LAST:
            return hit.signals.score
        return replace(hit, signals=replace(hit.signals, **{without: 0.0})).score

    ordered = [sorted(each, key=score, reverse=True) for each in hits]
    return [[hit.passage.id for hit in each[:DEPTH]] for each in ordered]


def _report(questions: QuestionSet, rankings: Rankings) -> Report:
    return evaluate(
        {
            query: [(passage, 0.0) for passage in ranking]
            for query, ranking in zip(questions.ids, rankings, strict=True)
        },
        questions.qrels,
    )


def _significance(one: Report, other: Report) -> float:
    """Return the p-value of a paired permutation test on P@1, two-sided."""
    ours, theirs = (np.array(list(report.values["P@1"].values())) for report in (one, other))
    if (ours == theirs).all():
        return 1.0
    test = permutation_test(
        (ours, theirs),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=2_000,
        batch=100,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def _table(rows: list[Row], *, header: bool = True) -> str:
    lines = [
        "| set | system | questions | " + " | ".join(MEASURES) + " | p against the usual bot |",
        "|---" * (len(MEASURES) + 4) + "|",
    ]
    return "\n".join(
        [
            *(lines if header else []),
            *(
                f"| {row.set} | {row.system} | {row.questions} | "
                + " | ".join(f"{row.means[name]:.3f}" for name in MEASURES)
                + f" | {row.p:.4f} |"
                for row in rows
            ),
        ]
    )


if __name__ == "__main__":
    typer.run(main)
