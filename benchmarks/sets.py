"""The question sets that are measured on: our own about the default FAQ, and a folder of others."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.passage import Corpus
from corpus.read import DEFAULT_FAQ, read_corpus
from qa.labels import Qrels, read_qrels, read_questions

ROOT = Path(__file__).parents[1]
OWN = ROOT / "benchmarks" / "data"
OTHERS = Path(os.environ.get("MEDFAQ_EVAL", ROOT.parent / "shared" / "eval"))


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions about one corpus, with which entries answer which."""

    name: str
    corpus: Corpus
    ids: list[str]
    texts: list[str]
    qrels: Qrels
    unanswerable: dict[str, list[str]]


def own_set(split: str, *, companion: bool) -> QuestionSet:
    """Return our own questions about the default FAQ, with or without its companion file."""
    corpus = read_corpus([DEFAULT_FAQ])
    if not companion:
        corpus = without_alternates(replace(corpus, not_covered=()))
    name = f"default FAQ ({split})" + ("" if companion else ", no companion")
    return _read(name, corpus, OWN / split)


def other_sets(folder: Path = OTHERS) -> Iterator[QuestionSet]:
    """Yield every set below a folder: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`."""
    for corpus in sorted(folder.glob("*/corpus.jsonl")):
        passages = read_corpus([corpus], allow_empty_answers=True)
        yield _read(corpus.parent.name, passages, corpus.parent)


def without_alternates(corpus: Corpus) -> Corpus:
    """Return a corpus whose owner knows no other way to ask."""
    return replace(
        corpus, passages=tuple(replace(passage, alternates=()) for passage in corpus.passages)
    )


def _read(name: str, corpus: Corpus, folder: Path) -> QuestionSet:
    questions = list(read_questions(folder / "queries.jsonl"))
    return QuestionSet(
        name=name,
        corpus=corpus,
        ids=[str(query) for query, _ in questions],
        texts=[text for _, text in questions],
        qrels=read_qrels(folder / "qrels.tsv"),
        unanswerable={
            kind: [text for _, text in read_questions(folder / f"{kind}.jsonl")]
            for kind in ("near", "far", "unanswerable")
            if (folder / f"{kind}.jsonl").exists()
        },
    )
