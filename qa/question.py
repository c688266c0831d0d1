"""What a person typed, made fit to search with."""

import unicodedata

from corpus.passage import has_words

MAX_CHARACTERS = 4_000

EMPTY = "There is no question here yet. Please type one in your own words."
WORDLESS = "I could not find a word in this. Please ask in words, for example: how should I sleep?"
TOO_LONG = (
    f"This is longer than {MAX_CHARACTERS:,} characters, more than I can read. "
    "Please ask again in a few sentences."
)


def clean_question(text: str) -> str:
    r"""Return a question without control characters, and with single spaces.

    >>> clean_question("is\x00 heat\n good?")
    'is heat good?'
    """
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs") else char
        for char in unicodedata.normalize("NFC", text)
    )
    return " ".join(kept.split())


def clean_message(text: str) -> str:
    r"""Return a message cleaned line by line: what one line denies, the next may not.

    >>> clean_message("fever? no\r\n\n chest  pain")
    'fever? no\nchest pain'
    """
    return "\n".join(filter(None, map(clean_question, text.splitlines())))


def problem_with(question: str) -> str | None:
    """Return why a cleaned question cannot be searched with, in words for a patient, or None."""
    if not question:
        return EMPTY
    if len(question) > MAX_CHARACTERS:
        return TOO_LONG
    if not has_words(question):
        return WORDLESS
    return None
