import pytest

from benchmarks.sets import OWN
from corpus.passage import Passage, Source
from corpus.read import DEFAULT_FAQ, read_corpus
from qa.labels import read_qrels, read_questions
from qa.mismatch import mismatches

WALKING = "Is walking good for back spasms?"


def entry(question: str, answer: str, *alternates: str) -> Passage:
    return Passage("id", question, alternates, answer, (), Source("faq.txt", 1, 2), "")


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("is swimming good for back spasms?", ["swimming"]),
        ("is walking good for back spasms?", []),
        ("is it good when pregnant", ["people who are pregnant"]),
        ("walking with arthritis", ["arthritis"]),
        ("walkin with my kids", ["children"]),
    ],
)
def test_a_topic_that_the_entry_does_not_name_is_a_mismatch(
    question: str, topics: list[str]
) -> None:
    found = mismatches(question, entry(WALKING, "Yes, walk every day."))
    assert [mention.topic.name for mention in found] == topics


@pytest.mark.parametrize(
    ("question", "told", "topics"),
    [
        ("can i drink on doxycycline?", "Yes, with amoxicillin.", ["doxycycline"]),
        ("can i drink on doxycycline?", "Not with antibiotics.", []),
        ("can i drink on antibiotics?", "Yes, with amoxicillin.", []),
        ("is eliquis ok?", "Not with warfarin.", ["apixaban"]),
    ],
)
def test_a_kind_is_told_from_another_kind_but_not_from_what_both_are(
    question: str, told: str, topics: list[str]
) -> None:
    found = mismatches(question, entry("What about medicines and a beer?", told))
    assert [mention.topic.name for mention in found] == topics


def test_every_text_of_the_entry_counts_and_every_name_of_a_topic() -> None:
    passage = entry("What helps?", "Motrin.", "can i take a bath with a toddler")
    assert mismatches("advil for my kid?", passage) == []


def test_what_comes_up_in_passing_in_a_story_is_no_mismatch() -> None:
    story = (
        "so i was holding the baby with one hand and a banana in the other and it just went, "
        "will walking do it any good"
    )
    passage = entry(WALKING, "Yes.")
    assert mismatches(story, passage) == []
    assert [m.topic.name for m in mismatches(f"{story}, i am on warfarin", passage)] == ["warfarin"]


def test_a_slip_of_the_keys_is_no_mismatch() -> None:
    assert mismatches("is a swimming chair good", entry("Is a swinging chair good?", "Yes.")) == []


def test_no_right_entry_of_the_development_split_is_doubted() -> None:
    passages = {passage.id: passage for passage in read_corpus([DEFAULT_FAQ]).passages}
    grades = read_qrels(OWN / "dev" / "qrels.tsv")
    doubted = [
        text
        for query, text in read_questions(OWN / "dev" / "queries.jsonl")
        if all(mismatches(text, passages[entry]) for entry in grades[query])
    ]
    assert doubted == []
