from pathlib import Path

import pytest

from benchmarks.sets import OWN
from corpus.passage import Passage, Source
from corpus.read import DEFAULT_FAQ, read_corpus
from qa.labels import read_questions
from qa.scope import NOT_COVERED, Scope

FAQ = """Is walking good for back spasms?
Yes. Advil, sold as Motrin too, helps as well.
Can toddlers have them?
Rarely.
Does a bath with thyme help?
Yes.
"""

EMPTY = Passage("", "", (), "", (), Source("", 1, 1), "")


def scope_of(folder: Path, text: str) -> Scope:
    (folder / "faq.txt").write_text(text)
    return Scope(read_corpus([folder / "faq.txt"]).passages)


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    return scope_of(tmp_path, FAQ)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("is swimming good for back spasms?", "swimming"),
        ("can I swim with it", "swimming"),
        ("tylenol?", "tylenol"),
        ("valium or yoga or golf", "valium or yoga"),
    ],
)
def test_what_the_faq_does_not_mention_is_named(scope: Scope, question: str, named: str) -> None:
    assert scope.why_not(question, EMPTY) == f"Nothing here mentions {named}. {NOT_COVERED}"


@pytest.mark.parametrize(
    "question",
    [
        "how far should i walk",
        "gonna be gutted mate lol wtf",
        "what did walter say on tuesday in manila",
        "im knackered and skint innit",
    ],
)
def test_nothing_is_named_that_the_faq_has_or_that_is_only_talk(
    scope: Scope, question: str
) -> None:
    assert scope.why_not(question, EMPTY) == NOT_COVERED


@pytest.mark.parametrize("question", ["ibuprofen", "can my kid have it"])
def test_what_the_faq_has_by_another_name_is_not_missing(scope: Scope, question: str) -> None:
    assert scope.missing(question) == []


def test_what_may_be_a_slip_for_a_word_of_the_faq_is_not_named(tmp_path: Path) -> None:
    scope = scope_of(tmp_path, "Is a swinging chair good?\nYes.\n")
    assert scope.missing("is a swimming chair good") == []


def test_what_only_the_closest_entry_does_not_mention_is_said_of_it(scope: Scope) -> None:
    closest = Passage("", "Is walking good?", (), "Yes.", (), Source("", 1, 1), "")
    reason = scope.why_not("can i have a bath after advil", closest)
    assert reason == f"The closest entry does not mention advil. {NOT_COVERED}"


def test_people_that_the_faq_does_not_mention_are_told_so(scope: Scope) -> None:
    reason = scope.why_not("is walking ok when pregnant", EMPTY)
    assert reason.startswith("The FAQ does not say whether this holds for people who are pregnant.")


def test_a_greeting_gets_its_reply_instead(scope: Scope) -> None:
    assert scope.why_not("hi", EMPTY).startswith("Hello.")


def test_a_faq_in_french_does_not_refuse_french(tmp_path: Path) -> None:
    scope = scope_of(tmp_path, "Que faire contre le mal de dos ?\nLe repos et la chaleur.\n")
    assert "anglais" not in scope.why_not(
        "bonjour, est-ce que je peux nager avec le mal de dos", EMPTY
    )


def test_what_is_named_is_true_of_the_default_faq() -> None:
    passages = read_corpus([DEFAULT_FAQ]).passages
    scope = Scope(passages)
    text = " ".join(f"{p.question} {p.answer}" for p in passages).casefold()
    named = 0
    for kind in ("near", "far"):
        for _, question in read_questions(OWN / "dev" / f"{kind}.jsonl"):
            for mention in scope.missing(question):
                assert f" {mention.words} " not in text
                named += 1
    assert named > 30
