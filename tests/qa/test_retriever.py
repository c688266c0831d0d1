from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.read import read_corpus
from index.build import build_bundle
from index.bundle import Bundle, load_bundle
from index.dense import EXACT
from index.views import ViewKind
from qa.hit import Found
from qa.retriever import Retriever
from tests.fakes import FakeEncoder

CONSONANTS = "bcdfghjklmnp"
FAQ = """\
Is heat good for a sore back?
A warm pad relaxes tight muscles. Use it for twenty minutes.
How should I sleep?
Put a pillow between the knees. Avoid lying on your stomach.
Can stress be the cause?
Worry makes people tense their muscles.
"""
COMPANION = """\
[[entry]]
question = "How should I sleep?"
alternates = ["which way do i lie down in bed"]
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder: Path = tmp_path_factory.mktemp("faq")
    (folder / "faq.txt").write_text(FAQ)
    (folder / "faq.phrasings.toml").write_text(COMPANION)
    build_bundle(read_corpus([folder / "faq.txt"]), folder / "bundle", FakeEncoder())
    return load_bundle(folder / "bundle", FakeEncoder())


@pytest.fixture(scope="module")
def retriever(bundle: Bundle) -> Retriever:
    return Retriever(bundle, FakeEncoder())


def test_every_entry_is_found_by_its_own_question(retriever: Retriever, bundle: Bundle) -> None:
    for passage in bundle.passages:
        hits = retriever.search([passage.question], 3)[0].hits
        assert hits[0].passage == passage
        assert hits[0].evidence.kind is ViewKind.QUESTION


def test_an_entry_is_found_by_a_sentence_of_its_answer_and_says_which(
    retriever: Retriever,
) -> None:
    hit = retriever.search(["a pillow between the knees"], 3)[0].hits[0]
    assert hit.evidence.kind is ViewKind.SENTENCE
    assert hit.evidence.span is not None
    start, end = hit.evidence.span
    assert hit.passage.answer[start:end] == "Put a pillow between the knees."


def test_the_nearest_of_several_sentences_stands_out_whatever_found_the_entry(
    retriever: Retriever,
) -> None:
    hit = retriever.search(["which way do i lie down in bed, not on my stomach"], 3)[0].hits[0]
    assert hit.evidence.kind is ViewKind.ALTERNATE
    assert hit.sentence is not None
    start, end = hit.sentence
    assert hit.passage.answer[start:end] == "Avoid lying on your stomach."


@pytest.mark.parametrize("question", ["Can stress be the cause?", "zzz qqq"])
def test_no_sentence_stands_out_where_there_is_one_or_none_is_near(
    retriever: Retriever, question: str
) -> None:
    assert retriever.search([question], 3)[0].hits[0].sentence is None


def test_an_entry_is_found_by_an_alternate_of_its_owner(retriever: Retriever) -> None:
    hit = retriever.search(["which way do I lie down in bed"], 3)[0].hits[0]
    assert hit.passage.question == "How should I sleep?"
    assert hit.evidence.kind is ViewKind.ALTERNATE


@settings(max_examples=30)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=4))
def test_hits_are_ordered_bounded_and_the_same_alone_or_together(
    retriever: Retriever, questions: list[str]
) -> None:
    together = retriever.search(questions, 3)
    for question, found in zip(questions, together, strict=True):
        hits = found.hits
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert all(-1 <= score <= 1 + 1e-6 for score in scores)
        assert len({hit.passage.id for hit in hits}) == len(hits) == 3
        alone = retriever.search([question], 3)[0].hits
        assert [hit.passage.id for hit in alone] == [hit.passage.id for hit in hits]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_leaving_out_what_cannot_be_among_the_best_changes_nothing(
    default_bundle: Bundle, count: int
) -> None:
    retriever = Retriever(default_bundle, FakeEncoder())
    for question in ("is heat good", "how do i sleep", "zebra", "what causes a spasm at night?"):
        everything = retriever.search([question], len(default_bundle.passages))[0]
        best = retriever.search([question], count)[0]
        assert [hit.passage for hit in best.hits] == [
            hit.passage for hit in everything.hits[:count]
        ]
        assert [hit.score for hit in best.hits] == pytest.approx(
            [hit.score for hit in everything.hits[:count]], abs=1e-6
        )
        assert best.covered == everything.covered


def test_the_order_that_a_second_look_gives_is_the_order_of_the_hits(bundle: Bundle) -> None:
    def backwards(found: Sequence[Found]) -> list[Found]:
        return [replace(each, hits=each.hits[::-1]) for each in found]

    question = "is heat good for sleep?"
    first = Retriever(bundle, FakeEncoder(), rerank=None).search([question], 3)[0].hits
    last = Retriever(bundle, FakeEncoder(), rerank=backwards).search([question], 2)[0].hits
    assert last == first[:0:-1]


def test_where_the_owner_says_what_is_not_covered_there_is_no_second_look(
    default_bundle: Bundle,
) -> None:
    def refused(found: Sequence[Found]) -> list[Found]:
        raise AssertionError(found)

    assert default_bundle.coverage
    retriever = Retriever(default_bundle, FakeEncoder(), rerank=refused)
    assert retriever.search(["is heat good for sleep?"], 3)[0].hits


@pytest.mark.parametrize("exact", [EXACT, 50])
def test_what_is_covered_is_the_same_whether_all_views_are_compared_or_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exact: int
) -> None:
    monkeypatch.setattr("index.dense.EXACT", exact)
    subjects = [f"{first}{second}" for first in CONSONANTS for second in CONSONANTS][:150]
    (tmp_path / "faq.txt").write_text(
        "".join(f"Is {subject} good?\nYes, {subject} is.\n" for subject in subjects)
    )
    (tmp_path / "faq.phrasings.toml").write_text('[not_covered]\nexamples = ["can i fly home"]\n')
    corpus = read_corpus([tmp_path / "faq.txt"])
    build_bundle(corpus, tmp_path / "bundle", FakeEncoder())
    retriever = Retriever(load_bundle(tmp_path / "bundle", FakeEncoder()), FakeEncoder())
    asked = [passage.question for passage in corpus.passages[::30]] + ["can i fly home"]

    nearest = retriever.search(asked, 3)
    monkeypatch.setattr("qa.retriever._BY_MEANING", len(subjects))
    everything = retriever.search(asked, 3)

    for question, some, every in zip(asked, nearest, everything, strict=True):
        assert (some.hits[0].passage == every.hits[0].passage) or question == "can i fly home"
        assert some.covered == pytest.approx(every.covered, abs=0.02)
    assert min(covered_here(found) for found in nearest[:-1]) > 0.2
    assert covered_here(nearest[-1]) < 0.1


def covered_here(found: Found) -> float:
    assert found.covered
    return found.covered.here


def test_as_many_hits_as_asked_for_and_none_for_no_question(retriever: Retriever) -> None:
    assert len(retriever.search(["heat"], 2)[0].hits) == 2
    assert len(retriever.search(["heat"], 50)[0].hits) == 3
    assert retriever.search([], 3) == []
