"""Pairs of questions that differ in one thing that matters, asked of a small FAQ."""

from pathlib import Path

import pytest

from corpus.read import read_corpus
from index.build import build_bundle
from index.bundle import load_bundle
from index.encoder import Encoder
from qa.answer import Status
from qa.answerer import Answerer

pytestmark = pytest.mark.model

FAQ = """Is walking good for back pain?
Yes. Walk a little every day.
Is heat good for back pain?
Yes. Put a heating pad on it for 15 to 20 minutes.
Can adults take ibuprofen for back pain?
Adults can take one tablet of ibuprofen three times a day, with food.
How long does back pain last?
Most of it is gone after a few days.
What causes back pain?
Most often a strained muscle, after lifting something heavy.
Can I go to work with back pain?
Yes. Go back to work as soon as you can.
"""
WALK, HEAT, DRUG, LAST, CAUSE, WORK = FAQ.splitlines()[::2]

PAIRS = [
    ("is walking good for back pain", WALK),
    ("is running good for back pain", "running"),
    ("is swimming good for back pain", "swimming"),
    ("can adults take ibuprofen for back pain", DRUG),
    ("can toddlers take ibuprofen for back pain", "children"),
    ("can i take ibuprofen for back pain when pregnant", "pregnant"),
    ("can i take ibuprofen for back pain", DRUG),
    ("can i take paracetamol for back pain", "paracetamol"),
    ("can i take advil for back pain", DRUG),
    ("can i take tylenol for back pain", "tylenol"),
    ("is heat good for back pain", HEAT),
    ("is cold good for back pain", "cold"),
    ("is ice good for back pain", "ice"),
    ("is heat good for neck pain", "neck"),
    ("can i go to work with back pain", WORK),
    ("can't i go to work with back pain", WORK),
    ("can i go to work with sciatica", "sciatica"),
    ("how long does back pain last", LAST),
    ("what causes back pain", CAUSE),
]


@pytest.fixture(scope="module")
def answerer(model: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    folder: Path = tmp_path_factory.mktemp("guards")
    (folder / "faq.txt").write_text(FAQ)
    build_bundle(read_corpus([folder / "faq.txt"]), folder / "bundle", model)
    return Answerer(load_bundle(folder / "bundle", model), model)


@pytest.mark.parametrize(("question", "outcome"), PAIRS)
def test_one_thing_that_matters_changes_the_outcome(
    answerer: Answerer, question: str, outcome: str
) -> None:
    answer = answerer.answer(question)
    if outcome.endswith("?"):
        assert answer.passage
        assert answer.passage.question == outcome
    else:
        assert answer.status is Status.NOT_COVERED
        assert outcome in (answer.not_covered or "").split(". This FAQ")[0]
