"""Fit the coefficients of qa/confidence.toml on many corpora.

    MEDFAQ_TRAIN=FOLDER python benchmarks/fit_confidence.py

FOLDER holds JSONL files of `text` and `intent`: ways to ask for one thing. Each becomes FAQs whose
entries are intents, some of them hidden: what asks for a hidden one is a near miss by
construction, and half of these are given as the owner's examples of what is not covered. The
development split of our own questions takes part; the test split and other sets do not.
"""

import json
import os
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sets import ROOT, own_set
from corpus.passage import Corpus, Passage, Source, SourceText
from index.build import build_bundle
from index.bundle import load_bundle
from index.encoder import Encoder, load_encoder
from qa.confidence import COEFFICIENTS
from qa.retriever import Retriever

TRAIN = Path(os.environ.get("MEDFAQ_TRAIN", ROOT.parent / "shared" / "train"))
HIDDEN = 0.4
INTENTS = (25, 80)
ALTERNATES = (0, 8)
QUESTIONS = 12
OWN_WEIGHT = 3

Case = tuple[float, float | None, bool]
"""The top hit's score, the lead over the examples, and whether the top hit answers."""


def main() -> None:
    """Fit both regressions, each corpus with the same weight, and write their coefficients."""
    encoder = load_encoder()
    groups = [(list(own_cases(encoder, companion=c)), OWN_WEIGHT) for c in (True, False)]
    for file in sorted(TRAIN.glob("*.jsonl")):
        intents = read_intents(file)
        for size in INTENTS if intents else ():
            for alternates in ALTERNATES:
                for examples in (True, False):
                    cases = faq_cases(intents, size, alternates, encoder, examples=examples)
                    groups.append((cases, 1))
        print(f"{file.name}: {len(intents)} intents", flush=True)
    with_examples = fit([(g, w) for g, w in groups if g[0][1] is not None])
    without = fit([(g, w) for g, w in groups if g[0][1] is None])
    COEFFICIENTS.write_text(
        "# Made by benchmarks/fit_confidence.py; see qa/confidence.py for what they mean.\n\n"
        "[with_examples]\n"
        f"intercept = {with_examples[0]:.3f}\nscore = {with_examples[1]:.3f}\n"
        f"gap = {with_examples[2]:.3f}\n\n"
        f"[without_examples]\nintercept = {without[0]:.3f}\nscore = {without[1]:.3f}\n"
    )
    print(COEFFICIENTS.read_text())


def fit(groups: list[tuple[list[Case], int]]) -> list[float]:
    """Return intercept and coefficients of a logistic regression over the cases."""
    rows = [
        ([score] if gap is None else [score, gap], right, weight / len(cases))
        for cases, weight in groups
        for score, gap, right in cases
    ]
    features, right, weights = (np.array(column) for column in zip(*rows, strict=True))
    model = LogisticRegression(C=1e3, max_iter=5_000)
    model.fit(features, right, sample_weight=weights * len(rows) / weights.sum())
    return [float(model.intercept_[0]), *map(float, model.coef_[0])]


def own_cases(encoder: Encoder, *, companion: bool) -> Iterator[Case]:
    """Yield the cases of the development split of our own questions."""
    questions = own_set("dev", companion=companion)
    labelled = [
        *(
            (t, set(questions.qrels[q]))
            for q, t in zip(questions.ids, questions.texts, strict=True)
        ),
        *((text, set()) for texts in questions.unanswerable.values() for text in texts),
    ]
    yield from cases_of(questions.corpus, labelled, encoder)


def faq_cases(
    intents: dict[str, list[str]], size: int, alternates: int, encoder: Encoder, *, examples: bool
) -> list[Case]:
    """Return the cases of one FAQ made of `size` of the intents, some of them hidden."""
    chance = random.Random(f"{size} {alternates}")
    chosen = chance.sample(sorted(intents), min(size, len(intents)))
    passages, labelled, hidden = [], [], []
    for number, intent in enumerate(chosen):
        first, *others = chance.sample(intents[intent], len(intents[intent]))
        asked = others[alternates : alternates + QUESTIONS]
        if number < HIDDEN * len(chosen):
            hidden += asked
            continue
        source = Source("faq.txt", 1, 1)
        passage = Passage(str(number), first, tuple(others[:alternates]), "", (), source, "")
        passages.append(passage)
        labelled += [(text, {passage.id}) for text in asked]
    chance.shuffle(hidden)
    half = len(hidden) // 2
    text = SourceText("faq.txt", b"", ("",))
    corpus = Corpus(tuple(passages), {text.name: text}, tuple(hidden[:half]) if examples else ())
    labelled += [(question, set()) for question in hidden[half:]]
    return list(cases_of(corpus, labelled, encoder))


def cases_of(
    corpus: Corpus, labelled: list[tuple[str, set[str]]], encoder: Encoder
) -> Iterator[Case]:
    """Yield a case for each question and the ids of the entries that answer it."""
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(corpus, Path(folder), encoder)
        retriever = Retriever(load_bundle(Path(folder), encoder), encoder)
        found = retriever.search([text for text, _ in labelled], 1)
    for each, (_, answers) in zip(found, labelled, strict=True):
        gap = None if each.examples is None else each.asks - each.examples
        yield each.hits[0].score, gap, each.hits[0].passage.id in answers


def read_intents(file: Path) -> dict[str, list[str]]:
    """Return the ways to ask for each intent that has enough of them."""
    texts: dict[str, list[str]] = defaultdict(list)
    with file.open(encoding="utf-8") as stream:
        for record in map(json.loads, stream):
            if "intent" in record:
                texts[record["intent"]].append(record["text"])
    enough = 1 + max(ALTERNATES) + QUESTIONS
    return {intent: each for intent, each in texts.items() if len(set(each)) >= enough}


if __name__ == "__main__":
    main()
