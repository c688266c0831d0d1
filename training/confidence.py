"""Fit the coefficients of qa/confidence.toml on many FAQs.

    python -m training.confidence --data DIR

Without examples of what is not covered: on FAQs of ours that no model was trained on, whose near
misses were written by hand; and on these again with their answers taken away. With them: on FAQs
made of the intents in DIR, some of them hidden, so that what asks for a hidden one is a near miss
by construction, and half of these given as the owner's examples. The development split of our own
questions takes part where there are answers, the test split and other sets in none.
"""

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression

from benchmarks.sets import own_set
from corpus.passage import Corpus, Passage, Source, SourceText
from index.build import build_bundle
from index.bundle import open_bundle
from index.encoder import Encoder, load_encoder
from qa.confidence import COEFFICIENTS, evidence
from qa.rerank import rerank
from qa.retriever import Retriever
from training.data import HELD_OUT, Faq, read_faqs, rows_of

HIDDEN = 0.4
INTENTS = 40
ALTERNATES = 12
QUESTIONS = 12
NEAR, FAR = 6, 100
"""Of each FAQ the near misses, and messages about other FAQs: together about as many as its own.

Most of what nothing answers strays far, and in equal parts the near misses would decide alone."""

FAR_BARE = 180
"""The same for a FAQ without answers, beside all near misses, which can hardly be told there."""

OWN_WEIGHT = 3

Case = tuple[dict[str, float], bool]
"""What is known of the top hit, and whether it answers."""


def main(
    data: Annotated[Path, typer.Option(help="Folder with the public sets, as JSON Lines.")],
) -> None:
    """Fit all regressions, each FAQ with the same weight, and write their coefficients."""
    encoder = load_encoder()
    with_examples = [(list(own_cases(encoder, companion=True)), OWN_WEIGHT)]
    sources = [read_intents(file) for file in sorted(data.glob("*.jsonl"))]
    with_examples += [(intent_cases(intents, encoder), 1) for intents in sources if intents]
    faqs = read_faqs(HELD_OUT)
    without, unread = (
        [(list(own_cases(encoder, companion=False, reads=reads)), OWN_WEIGHT)]
        + [(faq_cases(faq, faqs, encoder, answers=True, reads=reads), 1) for faq in faqs]
        for reads in (True, False)
    )
    bare = [(faq_cases(faq, faqs, encoder, answers=False), 1) for faq in faqs]
    content = "# Made by training/confidence.py; see qa/confidence.py for what they mean.\n"
    for name, groups in {
        "with_examples": with_examples,
        "without_examples": without,
        "unread": unread,
        "without_answers": bare,
    }.items():
        content += f"\n[{name}]\n"
        for each, weight in fit(groups).items():
            content += f"{each} = {weight:.3f}\n"
    COEFFICIENTS.write_text(content)
    print(content)


def fit(groups: Sequence[tuple[list[Case], int]]) -> dict[str, float]:
    """Return intercept and coefficients, by name, of a logistic regression over the cases."""
    rows = [
        (list(known.values()), right, weight / len(cases))
        for cases, weight in groups
        for known, right in cases
    ]
    features, right, weights = (np.array(column) for column in zip(*rows, strict=True))
    model = LogisticRegression(C=1e3, max_iter=5_000)
    model.fit(features, right, sample_weight=weights * len(rows) / weights.sum())
    names = groups[0][0][0][0]
    return {"intercept": model.intercept_[0], **dict(zip(names, model.coef_[0], strict=True))}


def own_cases(encoder: Encoder, *, companion: bool, reads: bool = True) -> Iterator[Case]:
    """Yield the cases of the development split of our own questions."""
    questions = own_set("dev", companion=companion)
    labelled = [
        *(
            (t, set(questions.qrels[q]))
            for q, t in zip(questions.ids, questions.texts, strict=True)
        ),
        *((text, set()) for texts in questions.unanswerable.values() for text in texts),
    ]
    yield from cases_of(questions.corpus, labelled, encoder, reads=reads)


def faq_cases(
    faq: Faq, others: Sequence[Faq], encoder: Encoder, *, answers: bool, reads: bool = True
) -> list[Case]:
    """Return the cases of one FAQ of ours: its messages, near misses, and some about others."""
    chance = random.Random(faq.name)
    passages = [
        _passage(number, entry.question, (), entry.answer if answers else "")
        for number, entry in enumerate(faq.entries)
    ]
    far = [ask for other in others if other is not faq for e in other.entries for ask in e.asks]
    labelled = [
        *((ask, {str(number)}) for number, entry in enumerate(faq.entries) for ask in entry.asks),
        *((text, set()) for text, _ in (chance.sample(faq.near, NEAR) if answers else faq.near)),
        *((text, set()) for text in chance.sample(far, FAR if answers else FAR_BARE)),
    ]
    return list(cases_of(_corpus(passages, ()), labelled, encoder, reads=reads))


def intent_cases(intents: dict[str, list[str]], encoder: Encoder) -> list[Case]:
    """Return the cases of a FAQ made of some of the intents, with some of these hidden."""
    chance = random.Random(0)
    passages, labelled, hidden = [], [], []
    for number, intent in enumerate(chance.sample(sorted(intents), INTENTS)):
        first, *others = chance.sample(intents[intent], len(intents[intent]))
        asked = others[ALTERNATES : ALTERNATES + QUESTIONS]
        if number < HIDDEN * INTENTS:
            hidden += asked
            continue
        passages.append(_passage(number, first, tuple(others[:ALTERNATES]), ""))
        labelled += [(text, {str(number)}) for text in asked]
    chance.shuffle(hidden)
    half = len(hidden) // 2
    labelled += [(question, set()) for question in hidden[half:]]
    return list(cases_of(_corpus(passages, tuple(hidden[:half])), labelled, encoder))


def cases_of(
    corpus: Corpus,
    labelled: list[tuple[str, set[str]]],
    encoder: Encoder,
    *,
    reads: bool = True,
) -> Iterator[Case]:
    """Yield a case for each question and the ids of the entries that answer it.

    Without `reads`, question and entry are not read together.
    """
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(corpus, Path(folder), encoder)
        retriever = Retriever(*open_bundle(Path(folder)), rerank if reads else None)
        found = retriever.search([text for text, _ in labelled], 1)
    for each, (_, answers) in zip(found, labelled, strict=True):
        _, known = evidence(each, reads=reads)
        yield known, each.hits[0].passage.id in answers


def read_intents(file: Path) -> dict[str, list[str]]:
    """Return the ways to ask for each intent that has enough of them."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(file):
        if "intent" in row:
            texts[row["intent"]].append(row["text"])
    enough = 1 + ALTERNATES + QUESTIONS
    return {intent: each for intent, each in texts.items() if len(set(each)) >= enough}


def _passage(number: int, question: str, alternates: tuple[str, ...], answer: str) -> Passage:
    source = Source("faq.txt", 1, 1)
    return Passage(str(number), question, alternates, answer, (), source, "")


def _corpus(passages: list[Passage], examples: tuple[str, ...]) -> Corpus:
    text = SourceText("faq.txt", b"", ("",))
    return Corpus(tuple(passages), {text.name: text}, examples)


if __name__ == "__main__":
    typer.run(main)
