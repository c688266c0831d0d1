"""Question and entry are read together, and what comes of it counts where it should."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from corpus.passage import Passage, Source
from corpus.read import read_corpus
from index.build import build_bundle
from index.bundle import load_bundle
from qa import confidence
from qa.answers import answers
from qa.confidence import THRESHOLD, evidence, probability
from qa.hit import Found
from qa.retriever import Retriever
from tests.fakes import FakeEncoder
from training.data import HELD_OUT, read_faqs

WALK = "Is walking good for back spasms?"
ANSWERED = f"{WALK}\n\nYes, a short walk every hour helps."


def passage(question: str, answer: str) -> Passage:
    return Passage("1", question, (), answer, (), Source("faq.txt", 1, 1), "")


def found_in(folder: Path, faq: str, question: str) -> Found:
    (folder / "faq.md").write_text(faq)
    build_bundle(read_corpus([folder / "faq.md"]), folder / "bundle", FakeEncoder())
    bundle = load_bundle(folder / "bundle", FakeEncoder())
    return Retriever(bundle, FakeEncoder()).search([question], 3)[0]


def test_near_misses_of_faqs_it_never_read_are_told_from_questions() -> None:
    pairs, right = [], []
    for faq in read_faqs(HELD_OUT)[:4]:
        entries = [passage(entry.question, entry.answer) for entry in faq.entries]
        for each, entry in zip(entries, faq.entries, strict=True):
            pairs += [(ask, each) for ask in entry.asks]
            right += [True] * len(entry.asks)
        pairs += [(near, entries[closest]) for near, closest in faq.near]
        right += [False] * len(faq.near)

    assert roc_auc_score(right, answers(pairs)) > 0.8


def test_pairs_are_read_together_as_alone() -> None:
    entry = passage(WALK, "Yes. " * 200)
    pairs = [(question, entry) for question in ("walk?", "x" * 4_000, "is it any good " * 40)]

    alone = [float(answers([pair])[0]) for pair in pairs]

    np.testing.assert_allclose(answers(pairs), alone, atol=0.1)


def test_it_counts_for_an_entry_with_an_answer_in_a_faq_without_examples(tmp_path: Path) -> None:
    found = found_in(tmp_path, f"# FAQ\n\n## {ANSWERED}\n", WALK)

    kind, known = evidence(found)
    assert kind == "without_examples"
    expected = answers([(WALK, found.hits[0].passage)])[0]
    assert known["answers"] == pytest.approx(float(expected))


def test_what_the_model_makes_of_both_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = found_in(tmp_path, f"# FAQ\n\n## {ANSWERED}\n", "is a long walk up hills any good")

    def sure(likely: float) -> float:
        monkeypatch.setattr(confidence, "answers", lambda _: [likely])
        return probability(found)

    assert sure(-4.0) < THRESHOLD < sure(3.0)
