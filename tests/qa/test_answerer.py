from collections.abc import Sequence
from dataclasses import replace

import pytest

from corpus.errors import BundleError
from corpus.passage import Passage
from index.bundle import Bundle
from index.encoder import Progress, Reading
from qa.answer import Answer, Status
from qa.answerer import Answerer
from qa.disclaimer import DISCLAIMER
from qa.hit import Found
from qa.question import EMPTY, TOO_LONG, WORDLESS
from qa.scope import NOT_COVERED
from qa.urgent import FALLBACK, Urgent, check_patterns
from tests.contract import ANSWER_FIELDS
from tests.fakes import FakeEncoder

URGENT = "is heat ok? i cant pee since this morning"
UNREADABLE = [("", EMPTY), ("?!", WORDLESS), ("x" * 100_000, TOO_LONG)]


def surely(found: Found) -> float:
    return 0.9


def never(found: Found) -> float:
    return 0.1


def answer_with(bundle: Bundle, question: str, *, sure: bool) -> Answer:
    confidence = surely if sure else never
    return Answerer(bundle, FakeEncoder(), confidence=confidence, threshold=0.5).answer(question)


def test_an_answer_is_the_passage_verbatim_with_its_lines(default_bundle: Bundle) -> None:
    answer = answer_with(default_bundle, "Is heat good for back spasms?", sure=True).to_json()
    assert list(answer) == ANSWER_FIELDS
    assert (answer["status"], answer["confidence"]) == ("answered", 0.9)
    assert "heating pad" in answer["answer"]
    assert answer["passage"]["answer"] == answer["answer"]
    assert answer["passage"]["question"] == "Is heat good for back spasms?"
    assert answer["passage"]["source"] == {
        "file": "000_212b76eef31812ee.txt",
        "first_line": 53,
        "last_line": 57,
        "url": None,
        "title": None,
        "reviewed_on": None,
    }
    assert answer["hits"][0]["id"] == answer["passage"]["id"]
    assert [list(hit) for hit in answer["hits"]] == [["id", "question", "score"]] * 5


def test_what_is_not_covered_has_no_answer_but_the_closest_entries(default_bundle: Bundle) -> None:
    answer = answer_with(default_bundle, "Is swimming good for back spasms?", sure=False).to_json()
    assert list(answer) == ANSWER_FIELDS
    assert answer["status"] == "not_covered"
    assert answer["answer"] is answer["passage"] is None
    assert answer["not_covered"] == f"Nothing here mentions swimming. {NOT_COVERED}"
    assert len(answer["hits"]) == 5


@pytest.mark.parametrize(("question", "reason"), UNREADABLE)
def test_what_cannot_be_read_is_not_covered_and_says_why(
    default_bundle: Bundle, question: str, reason: str
) -> None:
    answer = answer_with(default_bundle, question, sure=True)
    assert (answer.status, answer.not_covered, answer.hits) == (Status.NOT_COVERED, reason, ())
    assert answer.question == question


@pytest.mark.parametrize(
    "question", ["heat?", URGENT, "", "?!", "x" * 100_000, "<script>", "🙂 背中"]
)
@pytest.mark.parametrize("sure", [True, False])
def test_the_disclaimer_is_on_every_answer(
    default_bundle: Bundle, question: str, sure: bool
) -> None:
    answer = answer_with(default_bundle, question, sure=sure)
    assert answer.disclaimer == answer.to_json()["disclaimer"] == DISCLAIMER


def test_the_disclaimer_says_what_a_patient_must_know() -> None:
    for words in ("general information", "FAQ", "not medical advice", "emergency number"):
        assert words in DISCLAIMER


def test_a_red_flag_stands_in_place_of_any_answer(default_bundle: Bundle) -> None:
    answer = answer_with(default_bundle, URGENT, sure=True).to_json()
    assert list(answer) == ANSWER_FIELDS
    assert (answer["status"], answer["answer"], answer["passage"]) == ("urgent", None, None)
    assert answer["urgent"]["matched"] == ("loss of bladder or bowel control",)
    assert "emergency" in answer["urgent"]["notice"]
    assert answer["urgent"]["source"]
    assert len(answer["hits"]) == 5


def test_a_red_flag_is_seen_in_a_message_too_long_to_search_with(default_bundle: Bundle) -> None:
    message = "my back hurts and so on. " * 200 + URGENT
    assert answer_with(default_bundle, message, sure=True).status is Status.URGENT


def test_a_question_about_a_sign_is_no_red_flag(default_bundle: Bundle) -> None:
    question = "can back spasms cause bladder problems"
    assert answer_with(default_bundle, question, sure=False).status is Status.NOT_COVERED


def test_a_failing_check_shows_the_notice_and_no_answer(
    default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(question: str) -> None:
        raise RuntimeError

    monkeypatch.setattr("qa.urgent.find_urgent", fail)
    answer = answer_with(default_bundle, "Is heat good for back spasms?", sure=True)
    assert (answer.status, answer.urgent) == (Status.URGENT, FALLBACK)


class FailingEncoder(FakeEncoder):
    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Reading]:
        raise RuntimeError("out of memory")


def test_a_red_flag_is_answered_even_where_nothing_can_be_searched(default_bundle: Bundle) -> None:
    answer = Answerer(default_bundle, FailingEncoder()).answer(URGENT)
    assert (answer.status, answer.hits) == (Status.URGENT, ())
    assert answer.urgent
    assert "emergency" in answer.urgent.notice


def test_a_red_flag_is_answered_even_where_nothing_can_be_told_of_the_hits(
    default_bundle: Bundle,
) -> None:
    def failing(found: Found) -> float:
        raise RuntimeError("damaged")

    answer = Answerer(default_bundle, FakeEncoder(), confidence=failing).answer(URGENT)
    assert (answer.status, answer.confidence) == (Status.URGENT, 0.0)


@pytest.mark.parametrize("sure", [True, False])
def test_confidence_is_about_the_first_hit_also_beside_a_red_flag(
    default_bundle: Bundle, sure: bool
) -> None:
    answer = answer_with(default_bundle, URGENT, sure=sure)
    assert (answer.status, answer.confidence) == (Status.URGENT, 0.9 if sure else 0.1)


def test_without_a_second_look_no_entry_is_read_together_with_the_question(
    default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pairs: Sequence[tuple[str, Passage]]) -> None:
        raise AssertionError(pairs)

    monkeypatch.setattr("qa.confidence.answers", refused)
    monkeypatch.setattr("qa.rerank.answers", refused)
    bundle = replace(default_bundle, coverage=None)
    (answer,) = Answerer(bundle, FakeEncoder(), rerank=None).answer_all(["is heat good?"])
    assert answer.hits
    assert 0 < answer.confidence < 1
    with pytest.raises(AssertionError):
        Answerer(bundle, FakeEncoder()).answer_all(["is heat good?"])


def test_what_one_line_denies_the_next_may_not(
    default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_patterns(messages: Sequence[str]) -> list[Urgent | None]:
        return [check_patterns(message) for message in messages]

    monkeypatch.setattr("qa.answerer.check_urgent", by_patterns)
    answerer = Answerer(default_bundle, FakeEncoder())
    assert not answerer.answer("fever? no chest pain since this morning, heavy").urgent
    assert answerer.answer("fever? no\r\n\nchest pain since this morning, heavy").urgent


@pytest.mark.parametrize("others", [[], [URGENT]])
def test_a_question_that_cannot_be_searched_with_is_an_error(
    default_bundle: Bundle, others: list[str]
) -> None:
    with pytest.raises(RuntimeError):
        Answerer(default_bundle, FailingEncoder()).answer_all(["is heat good?", *others])


def test_many_questions_are_answered_in_their_order(default_bundle: Bundle) -> None:
    questions = ["", "Is heat good for back spasms?", "?!", "How should I sleep with back spasms?"]
    answers = Answerer(default_bundle, FakeEncoder(), confidence=surely).answer_all(questions)
    assert [answer.question for answer in answers] == questions
    assert [answer.status.value for answer in answers] == ["not_covered", "answered"] * 2


def test_red_flags_are_found_on_the_same_core_as_on_another(default_bundle: Bundle) -> None:
    answerer = Answerer(default_bundle, FakeEncoder(), confidence=surely)
    questions = [URGENT, "Is heat good for back spasms?"]
    answers = answerer.answer_all(questions, beside=False)
    assert [answer.status for answer in answers] == [Status.URGENT, Status.ANSWERED]
    assert answers == answerer.answer_all(questions)


def test_top_k_is_how_many_hits_are_listed(default_bundle: Bundle) -> None:
    answerer = Answerer(default_bundle, FakeEncoder(), confidence=never)
    assert len(answerer.answer("heat", top_k=1).hits) == 1
    assert len(answerer.answer("heat", top_k=99).hits) == 16


def test_an_answer_whose_source_changed_is_refused(default_bundle: Bundle) -> None:
    changed = replace(
        default_bundle,
        passages=tuple(replace(p, source_sha256="0" * 64) for p in default_bundle.passages),
    )
    with pytest.raises(BundleError, match="no longer matches"):
        answer_with(changed, "Is heat good for back spasms?", sure=True)
