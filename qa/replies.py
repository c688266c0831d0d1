"""Fixed replies to messages that are no question to a FAQ: greetings, thanks, gibberish, and so on.

They are given only where the FAQ has no answer, so none can stand in the place of one.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.vocabulary import known_words
from qa.language import foreign_text

REPLIES_FILE = Path(__file__).with_name("replies.toml")

_MOST_WORDS = 14
"""A longer message is never only a greeting."""

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"['’`]")
_REPEATED = re.compile(r"(.)\1{2,}")
_LEAST_UNKNOWN = 3
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_HARD = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}|(.)\1{2,}")
_NEVER = re.compile(r"(?!)")
_LATIN = re.compile(r"[\x00-\x7f]*")


@dataclass(frozen=True, slots=True)
class _Replies:
    """`texts` by kind, those first that win; `whole` and `parts` are their phrases."""

    texts: Mapping[str, str]
    whole: Mapping[str, re.Pattern[str]]
    parts: Mapping[str, re.Pattern[str]]
    everything: re.Pattern[str]
    gibberish: str


def reply_to(
    message: str, faq_words: frozenset[str], *, english: bool, tokenizer: Path | None = None
) -> str | None:
    """Return the fixed reply to a message for which the FAQ has no answer, or None.

    Args:
        message: a cleaned message with a word in it.
        faq_words: the words of the FAQ, in lower case; what holds one is no gibberish.
        english: whether the FAQ is English, so that other languages are of no use.
        tokenizer: the file with the vocabulary of the model that the FAQ is searched with.
    """
    replies = _replies()
    words = _WORD.findall(_APOSTROPHE.sub("", message.casefold()))
    said = " ".join(_REPEATED.sub(r"\1", word) for word in words) + " "
    if len(words) <= _MOST_WORDS and replies.everything.fullmatch(said):
        return next(
            text for kind, text in replies.texts.items() if replies.whole[kind].search(said)
        )
    if english and (foreign := foreign_text(message)):
        return foreign
    for kind, pattern in replies.parts.items():
        if pattern.search(said):
            return replies.texts[kind]
    gibberish = _is_gibberish(message, words, faq_words, tokenizer)
    return replies.gibberish if gibberish else None


def _is_gibberish(
    message: str, words: Sequence[str], faq_words: frozenset[str], tokenizer: Path | None
) -> bool:
    """Tell whether no word is known, and they are several or cannot be pronounced."""
    if not _LATIN.fullmatch(message) or any(char.isdigit() for char in message):
        return False
    real = [word for word in words if len(word) > 2]
    if not real or any(word in faq_words for word in real):
        return False
    known = known_words(tokenizer)
    if not known or any(word in known for word in real):
        return False
    return len(real) >= _LEAST_UNKNOWN or all(map(_cannot_be_said, real))


def _cannot_be_said(word: str) -> bool:
    """Tell whether a word is typed along a row of keys, or has too few vowels to be one."""
    return bool(_HARD.search(word)) or any(word in row or word in row[::-1] for row in _KEYS)


@cache
def _replies() -> _Replies:
    with REPLIES_FILE.open("rb") as stream:
        data = tomllib.load(stream)
    whole = {each["kind"]: _any_of(each.get("whole", ())) for each in data["reply"]}
    filler = _word(data["filler"])
    phrases = "|".join([filler, *(_phrase(p) for e in data["reply"] for p in e.get("whole", ()))])
    return _Replies(
        texts={each["kind"]: each["text"] for each in data["reply"]},
        whole={**whole, "filler": re.compile("")},
        parts={each["kind"]: _any_of(each["parts"]) for each in data["reply"] if "parts" in each},
        everything=re.compile(f"(?:{phrases})+"),
        gibberish=data["gibberish"]["text"],
    )


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(_phrase, phrases)) + ")") if phrases else _NEVER


def _phrase(text: str) -> str:
    return "".join(map(_word, text.split()))


def _word(text: str) -> str:
    """Return a pattern for one word of a phrase and the space behind it."""
    if text == "#":
        return r"\d+ "
    words = text.removesuffix("?")
    return f"(?:(?:{words}) )" + ("?" if text.endswith("?") else "")
