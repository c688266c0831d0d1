"""Check what the training texts share with the questions that we measure with.

    python -m training.overlap --data DIR

Prints, for each source of training texts and each question set, how many of the set's questions
stand in the source word for word, and how many share most of their words with one of its texts.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.sets import OWN, other_sets, own_set
from corpus.read import DEFAULT_FAQ, read_corpus
from qa.labels import read_questions
from qa.urgent import load_signs
from training.data import FAQS, HELD_OUT, URGENT, read_faqs, rows_of, urgent_rows

SHARED_WORDS = 0.75
"""The share of all their words that two texts have in common to count as near copies."""

_PUBLIC = {
    "medquad": ("question", "answer"),
    "vira": ("text", "intent"),
    "clinc150": ("text",),
    "banking77": ("text",),
}


def main(
    data: Annotated[Path, typer.Option(help="Folder with the public sets, as JSON Lines.")],
) -> None:
    """Print one line for each source and set."""
    for source, texts in _sources(data):
        plain = set(map(_plain, texts))
        for name, questions in _sets():
            same = sum(_plain(question) in plain for question in questions)
            near = _near(questions, texts)
            print(
                f"{source} and {name}: {len(questions)} questions, {same} the same, "
                f"{near.sum()} near copies",
                flush=True,
            )


def _sources(data: Path) -> Iterator[tuple[str, list[str]]]:
    for name, folder in (("faqs", FAQS), ("held_out", HELD_OUT)):
        yield (
            name,
            [
                text
                for faq in read_faqs(folder)
                for entry in faq.entries
                for text in (entry.question, *entry.asks)
            ]
            + [text for faq in read_faqs(folder) for text, _ in faq.near],
        )
    yield "urgent", [row["text"] for row in urgent_rows(URGENT)]
    signs = load_signs().signs
    yield "patterns", [text for sign in signs for text in (*sign.examples, *sign.not_examples)]
    faq = read_corpus([DEFAULT_FAQ])
    phrasings = [text for passage in faq.passages for text in passage.alternates]
    yield "companion", phrasings + list(faq.not_covered)
    for name, columns in _PUBLIC.items():
        rows = list(rows_of(data / f"{name}.jsonl"))
        yield name, list(dict.fromkeys(row[column] for row in rows for column in columns))


def _sets() -> Iterator[tuple[str, list[str]]]:
    own = [own_set(split, companion=False) for split in ("dev", "test")]
    for each in (*own, *other_sets()):
        others = [text for texts in each.unanswerable.values() for text in texts]
        yield each.name.replace(", no companion", ""), each.texts + others
    for split, name in itertools.product(("dev", "test"), ("urgent", "not_urgent")):
        messages = read_questions(OWN / split / f"{name}.jsonl")
        yield f"{name} ({split})", [text for _, text in messages]


def _near(questions: list[str], texts: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which questions share most of their words with one of the texts."""
    counter = CountVectorizer(binary=True, dtype=np.int32, token_pattern=r"\w+").fit(texts)  # noqa: S106
    ours, theirs = counter.transform(texts), counter.transform(questions)
    shared = (theirs @ ours.T).tocoo()
    words = [len(set(re.findall(r"\w+", question.lower()))) for question in questions]
    union = np.array(words)[shared.row] + ours.sum(axis=1).A1[shared.col] - shared.data
    near = np.zeros(len(questions), dtype=np.bool_)
    near[shared.row[shared.data >= SHARED_WORDS * union]] = True
    return near


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    typer.run(main)
