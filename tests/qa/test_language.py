import pytest

from corpus.read import DEFAULT_FAQ, read_corpus
from qa.language import foreign_text, is_english, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Que faire contre le mal de dos ?", "fr"),
        ("Wie lange dauert es, bis ich wieder arbeiten kann?", "de"),
        ("how long does it take", None),
        ("wat is it", None),
        ("si", None),
        ("kal cricket match kitne baje hai bhai", None),
        ("12345 ?!", None),
        ("", None),
        ("背中 is Japanese for back, is that where a spasm is", None),
    ],
)
def test_a_language_is_named_only_on_strong_evidence(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_the_default_faq_is_english() -> None:
    passages = read_corpus([DEFAULT_FAQ]).passages
    assert is_english([f"{passage.question} {passage.answer}" for passage in passages])


@pytest.mark.parametrize(
    "texts",
    [
        ["Que faire contre le mal de dos ? Le repos et la chaleur aident."],
        ["Is heat good? Yes, it is.", "Est-ce que la chaleur est bonne pour le dos ?"],
        ["背中が痛い"],
        ["zzz"],
        [],
    ],
)
def test_a_faq_that_may_not_be_english_is_not_called_so(texts: list[str]) -> None:
    assert not is_english(texts)


def test_the_reply_is_in_the_messages_language_and_in_english() -> None:
    text = foreign_text("que faire contre le mal de dos")
    assert text
    assert text.startswith("Cette FAQ est en anglais")
    assert "This FAQ is in English" in text
    assert "numéro d’urgence" in text
    assert "emergency number" in text
