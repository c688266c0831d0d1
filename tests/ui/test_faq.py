"""How a FAQ is named and what the page suggests from it."""

import json
from types import SimpleNamespace
from typing import cast

from corpus.passage import Passage, Source
from index.bundle import Bundle
from qa.answerer import Answerer
from tests.fakes import FakeEncoder
from ui.faq import Faq, named_faqs


def answerer(*titles: str | None) -> Answerer:
    passages = [
        Passage(
            str(n), "Ça va?", ("Va-t-il mieux", "ça ira"), "x", (), Source("f", 1, 2, title=t), ""
        )
        for n, t in enumerate(titles)
    ]
    return cast("Answerer", SimpleNamespace(bundle=SimpleNamespace(passages=passages)))


def test_a_faq_is_called_by_the_title_that_its_entries_share() -> None:
    assert named_faqs([("folder", answerer("Backs", "Backs"))])[0].title == "Backs"
    assert named_faqs([("folder", answerer("Backs", None))])[0].title == "folder"


def test_a_folder_whose_name_is_not_utf8_still_has_a_title_that_can_be_sent() -> None:
    (faq,) = named_faqs([(b"caf\xe9".decode(errors="surrogateescape"), answerer(None))])
    assert (faq.key, faq.title) == ("caf", "caf?")


def test_the_owners_title_comes_first() -> None:
    (faq,) = named_faqs([("folder", answerer("Backs"))], {"folder": "My back"})
    assert (faq.key, faq.title) == ("folder", "My back")


def test_keys_are_words_and_never_the_same() -> None:
    faqs = named_faqs(
        [("My FAQ!", answerer(None)), ("my faq", answerer(None)), ("?", answerer(None))]
    )
    assert [faq.key for faq in faqs] == ["my-faq", "my-faq-2", "faq"]


def test_examples_come_from_all_over_the_faq(default_bundle: Bundle) -> None:
    encoder = FakeEncoder()
    faq = Faq("backs", "Backs", Answerer(default_bundle, encoder))
    questions = [passage.question for passage in default_bundle.passages]
    assert faq.examples() == [questions[number] for number in (0, 3, 6, 9, 12)]


def test_an_entry_is_suggested_by_its_question_and_the_other_words_it_is_asked_with() -> None:
    faq = Faq("k", "t", answerer(None))
    assert json.loads(faq.searchable_questions) == [["Ça va?", "t il mieux ira"]]


def test_the_version_changes_with_the_questions() -> None:
    one, two = (Faq("k", "t", answerer(*titles)) for titles in ([None], [None, None]))
    assert one.version == Faq("other", "o", answerer("Backs")).version
    assert one.version != two.version
