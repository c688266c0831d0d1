"""Whether a message is in another language than an English FAQ, and what to say then.

A message is called foreign only on strong evidence: most of its letters are of another script, or
it holds several common words of a language that are none in English, and hardly an English one.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

LANGUAGES_FILE = Path(__file__).with_name("languages.toml")

_WORD = re.compile(r"[^\W\d_]{2,}")
_LEAST_WORDS = 2
_LEAST_SHARE = 0.3
_ENGLISH_SHARE = 0.15
# Letters that Persian, Urdu or Ukrainian has and Arabic or Russian has not.
_OTHER_LETTERS = re.compile("[پچژگکیٹڈڑےںіїєґ]")
_JAPANESE = ("HIRAGANA", "KATAKANA")
_STOP_WORDS = {
    "fr": "STOPWORDS_FRENCH",
    "es": "STOPWORDS_SPANISH",
    "de": "STOPWORDS_GERMAN",
    "it": "STOPWORDS_ITALIAN",
    "pt": "STOPWORDS_PORTUGUESE",
    "nl": "STOPWORDS_DUTCH",
    "tr": "STOPWORDS_TURKISH",
}


@dataclass(frozen=True, slots=True)
class _Languages:
    english: str
    latin: Mapping[str, AbstractSet[str]]
    texts: Mapping[str, str]
    """What to say, by language of the Latin script or by script."""


def language_of(text: str) -> str | None:
    """Return the language of the Latin script, or the other script, that a text is surely in."""
    script = _script(text)
    if script not in (None, "LATIN"):
        return script
    words = [word.casefold() for word in _WORD.findall(text)]
    english = sum(word in _english() for word in words)
    best: str | None = None
    most = 0
    for language, common in _languages().latin.items():
        found = [word for word in words if word in common]
        distinct = len(set(found))
        enough = distinct >= _LEAST_WORDS and len(found) >= _LEAST_SHARE * len(words)
        if enough and len(found) > max(most, 2 * english):
            best, most = language, len(found)
    return best


def is_english(texts: Iterable[str]) -> bool:
    """Tell whether texts are English, every one as far as it can be told."""
    words: Counter[bool] = Counter()
    for text in texts:
        if language_of(text) is not None:
            return False
        words.update(word.casefold() in _english() for word in _WORD.findall(text))
    return words[True] >= _ENGLISH_SHARE * max(words.total(), 1)


def foreign_text(message: str) -> str | None:
    """Return what to say to a message that is surely not English, or None where it may be.

    It is said in the message's language, where that is known, and in English.
    """
    language = language_of(message)
    if language is None:
        return None
    known = _languages()
    own = None if _OTHER_LETTERS.search(message) else known.texts.get(language)
    return f"{own} {known.english}" if own else known.english


def _script(text: str) -> str | None:
    """Return the script of most letters; kana make any text Japanese."""
    scripts = Counter(
        unicodedata.name(char, "").partition(" ")[0] for char in text if char.isalpha()
    )
    if not scripts:
        return None
    if any(scripts[each] for each in _JAPANESE):
        scripts = Counter(
            {"HIRAGANA": scripts.total() - scripts["LATIN"], "LATIN": scripts["LATIN"]}
        )
    script, count = scripts.most_common(1)[0]
    return script if 2 * count > scripts.total() else None


@cache
def _english() -> frozenset[str]:
    return frozenset(_stop_words()["STOPWORDS_EN_PLUS"])


@cache
def _stop_words() -> Mapping[str, Sequence[str]]:
    """Return the lists of bm25s by name, without importing all of it and scipy besides."""
    bm25s = find_spec("bm25s")
    if bm25s is None or bm25s.origin is None:
        raise ModuleNotFoundError("bm25s is missing; install medfaq again", name="bm25s")
    return run_path(str(Path(bm25s.origin).with_name("stopwords.py")))


@cache
def _languages() -> _Languages:
    common = _stop_words()
    with LANGUAGES_FILE.open("rb") as stream:
        data = tomllib.load(stream)
    known = data["latin"]
    unsure = frozenset(data["also_english"].split())
    return _Languages(
        english=data["english"],
        latin={
            language: {*common[_STOP_WORDS[language]], *each["words"].split()} - _english() - unsure
            for language, each in known.items()
        },
        texts={**{code: each["text"] for code, each in known.items()}, **data["scripts"]},
    )
