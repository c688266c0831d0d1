"""Signs that need urgent care, looked for in a message before anything else is done with it.

`urgent.toml` holds the knowledge: words, patterns, contexts, notices, guidelines. This module
compiles it once, rewrites a message as plain lower-case words, finds the patterns in it, and drops
what is denied, only asked about, only supposed, or long past.
"""

import logging
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from corpus.errors import MedfaqError

log = logging.getLogger(__name__)

T = TypeVar("T")

SIGNS_FILE = Path(__file__).with_name("urgent.toml")

_AROUND = 80  # words on each side of a match that its contexts may look at
_GAPS = {"..": 3, "...": 6, "~": 8, "~~": _AROUND, "+": 10}
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+|[.!?;…\n]|[,:()–—]|(?<=\s)-(?=\s)")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"(.)\1")


class SignsError(MedfaqError):
    """The file of signs cannot be used; the message says where and what to change."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """What was noticed in a message, in plain words, and the fixed text to show for it."""

    matched: tuple[str, ...]
    notice: str
    source: str


FALLBACK = Urgent(
    matched=("the check for urgent signs failed",),
    notice=(
        "The check for urgent signs failed, so I cannot tell whether your message describes an "
        "emergency. If you have chest pain, trouble breathing, numbness between the legs, weak "
        "legs, loss of bladder or bowel control, a fever, a serious injury, or thoughts of ending "
        "your life, or if anything else feels seriously wrong, call your local emergency number "
        "or go to the nearest emergency department now."
    ),
    source="",
)
"""Shown when the check itself fails: never silence."""


@dataclass(frozen=True, slots=True)
class Element:
    """The next words of a pattern, after up to `gap` others of which none is in `stops`."""

    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    beginnings: tuple[str, ...]
    numbers: tuple[re.Pattern[str], ...]
    gap: int
    stops: frozenset[str]
    optional: bool

    def ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        """Yield where each phrase that stands at a position ends."""
        word = words[at]
        for rest in self.phrases.get(word, ()):
            if not rest or tuple(words[at + 1 : at + 1 + len(rest)]) == rest:
                yield at + 1 + len(rest)
        if (self.beginnings and word.startswith(self.beginnings)) or (
            word[0].isdigit() and any(number.fullmatch(word) for number in self.numbers)
        ):
            yield at + 1


@dataclass(frozen=True, slots=True)
class Part:
    """Elements in a row; they can only match where each set of `needs` has a word."""

    elements: tuple[Element, ...]
    needs: tuple[frozenset[str], ...]

    def spans(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield start and end of a match from every word that begins one."""
        tried: dict[tuple[int, int], int | None] = {}
        first = self.elements[0]
        for start, word in enumerate(words):
            if word not in first.phrases and not (first.beginnings or first.numbers):
                continue
            end = self._end(0, words, start, tried)
            if end is not None:
                yield start, end

    def _end(
        self, step: int, words: Sequence[str], at: int, tried: dict[tuple[int, int], int | None]
    ) -> int | None:
        """Return where the elements from `step` on end; `tried` keeps every try to one."""
        if step == len(self.elements):
            return at
        if (step, at) not in tried:
            ends = (self._end(step + 1, words, nxt, tried) for nxt in self._next(step, words, at))
            tried[step, at] = next((end for end in ends if end is not None), None)
        return tried[step, at]

    def _next(self, step: int, words: Sequence[str], at: int) -> Iterator[int]:
        element = self.elements[step]
        if element.optional:
            yield at
        for position in range(at, min(at + element.gap + 1, len(words))):
            yield from element.ends(words, position)
            if words[position] in element.stops:
                break


@dataclass(frozen=True, slots=True)
class Pattern:
    """Parts that a message has to hold all of, in any order."""

    parts: tuple[Part, ...]
    needs: tuple[frozenset[str], ...]


P = TypeVar("P", Part, Pattern)


class ByNeed(Generic[P]):
    """Patterns, of which those are found quickly that a message has the words for."""

    def __init__(self, patterns: Iterable[P]) -> None:
        """Sort the patterns by the words of which each needs one."""
        self._patterns: tuple[P, ...] = tuple(patterns)
        self._always = [at for at, each in enumerate(self._patterns) if not each.needs]
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        for at, each in enumerate(self._patterns):
            for word in min(each.needs, key=len, default=()):
                self._by_word[word].append(at)

    def possible(self, present: Set[str]) -> Iterator[P]:
        """Yield what may match where these words are present, in order."""
        found = set(self._always)
        for word in present:
            found.update(self._by_word.get(word, ()))
        for at in sorted(found):
            if not any(need.isdisjoint(present) for need in self._patterns[at].needs):
                yield self._patterns[at]


@dataclass(frozen=True, slots=True)
class Context:
    """Words around a match that take its force out, unless others give it back."""

    name: str
    patterns: ByNeed[Part]
    unless: ByNeed[Part]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign is there when all parts of one of its patterns are, and none of `unless` is."""

    name: str
    noticed: str
    notice: str
    source: str
    patterns: ByNeed[Pattern]
    unless: ByNeed[Part]
    contexts: tuple[Context, ...]
    examples: tuple[str, ...]
    not_examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """Everything `urgent.toml` says, compiled."""

    signs: tuple[Sign, ...]
    notices: Mapping[str, str]
    aliases: Mapping[str, str]
    harmless: ByNeed[Part]
    known: frozenset[str]
    spellings: Mapping[tuple[str, int], tuple[str, ...]]


def check_patterns(question: str) -> Urgent | None:
    """Return the urgent signs in a message, None without any, FALLBACK where looking fails."""
    try:
        return find_urgent(question)
    except Exception as error:
        # Not the message of the error: it may hold what a person typed.
        log.error("the check for urgent signs failed (%s)", type(error).__name__)
        return FALLBACK


def find_urgent(question: str) -> Urgent | None:
    """Return what needs urgent care in a message, or None.

    >>> find_urgent("no fever but i cant pee").matched
    ('loss of bladder or bowel control',)
    >>> find_urgent("can back spasms cause bladder problems") is None
    True
    """
    book = load_signs()
    words = _mask(normalise(question, book), book.harmless)
    present = frozenset(words)
    found = [sign for sign in book.signs if _has(sign, words, present)]
    return _urgent(found, book.notices) if found else None


@cache
def load_signs(path: Path = SIGNS_FILE) -> Signs:
    """Read and compile the file of signs, once.

    Raises:
        SignsError: names the file and the sign or list at fault.
    """
    return read_file(path, _compile)


def read_file(path: Path, compiled: Callable[[Mapping[str, Any]], T]) -> T:
    """Return what `compiled` makes of a TOML file.

    Raises:
        SignsError: names the file, and what is wrong in it.
    """
    try:
        return compiled(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SignsError(f"{path}: cannot be read ({error}); restore or correct it") from error
    except SignsError as error:
        raise SignsError(f"{path}: {error}") from error


def normalise(text: str, book: Signs) -> list[str]:
    """Return the words of a message in plain lower case and correctly spelt.

    Ends of sentences become `.`, lesser breaks `,`; the first and the last word are full stops.
    """
    words = (word for piece in _pieces(text) for word in book.aliases.get(piece, piece).split())
    return [".", *(_spell(word, book) for word in words), "."]


def _pieces(text: str) -> Iterator[str]:
    plain = re.sub(r"['’‘`´]", "", unicodedata.normalize("NFKC", text).lower())
    for piece in _TOKEN.findall(_REPEATED.sub(r"\1\1", plain)):
        if piece in ".!?;…\n":
            yield "."
        elif piece in ",:()–—-":
            yield ","
        else:
            yield piece.replace(",", ".")


@lru_cache(maxsize=8192)
def _spell(word: str, book: Signs) -> str:
    """Return the word of the vocabulary that a person most likely meant to type, or the word.

    An `s` too many ("bladder's") is dropped. From five letters on one slip is allowed, from nine on
    two, but not in the first letter. Any word of four letters or more may have two neighbouring
    letters swapped.
    """
    if len(word) < 4 or not word.isalpha() or word in book.known:
        return word
    if word[-1] == "s" != word[-2] and word[:-1] in book.known:
        return word[:-1]
    single = _DOUBLED.sub(r"\1", word)
    if len(single) > 3 and single in book.known:
        return single
    best, least = word, 3
    for first in sorted({word[0], word[1]}):
        for length in range(len(word) - 2, len(word) + 3):
            for known in book.spellings.get((first, length), ()):
                slips = _slips(word, known)
                if slips < least and slips <= _allowed(word, known):
                    best, least = known, slips
    return best


def _allowed(word: str, known: str) -> int:
    if word[0] == known[0] and len(known) >= 5:
        return 2 if len(known) >= 9 else 1
    return int(sorted(word) == sorted(known))


def _slips(left: str, right: str) -> int:
    """Return how many letters were left out, added, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        last, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _mask(words: list[str], harmless: ByNeed[Part]) -> list[str]:
    """Return the words with `_` for every word of a harmless phrase."""
    masked = words.copy()
    for part in harmless.possible(frozenset(words)):
        for start, end in part.spans(words):
            masked[start:end] = "_" * (end - start)
    return masked


def _has(sign: Sign, words: list[str], present: Set[str]) -> bool:
    def stands(part: Part) -> bool:
        return any(_in_force(words, *span, sign.contexts) for span in part.spans(words))

    return any(
        all(map(stands, pattern.parts)) for pattern in sign.patterns.possible(present)
    ) and not _any_in(sign.unless, words, present)


def _in_force(words: list[str], start: int, end: int, contexts: Iterable[Context]) -> bool:
    """Tell whether no context takes the force out of a match, which they see as `<< … >>`."""
    before, after = words[max(0, start - _AROUND) : start], words[end : end + _AROUND]
    around = [*before, "<<", *words[start:end], ">>", *after]
    present = frozenset(around)
    return not any(
        _any_in(context.patterns, around, present) and not _any_in(context.unless, around, present)
        for context in contexts
    )


def _any_in(parts: ByNeed[Part], words: Sequence[str], present: Set[str]) -> bool:
    return any(next(part.spans(words), None) for part in parts.possible(present))


def notice_for(sign: Mapping[str, Any], where: str) -> Urgent:
    """Return what to show for a sign, given its table, that no pattern has noticed.

    Raises:
        SignsError: names the sign and what is wrong in its table.
    """
    notices = load_signs().notices
    noticed, notice, source = _said(sign, where, notices)
    return _shown((f"something that sounds like {noticed}",), {notice}, source, notices)


def _urgent(found: list[Sign], notices: Mapping[str, str]) -> Urgent:
    matched = tuple(dict.fromkeys(sign.noticed for sign in found))
    sources = "; ".join(dict.fromkeys(sign.source for sign in found))
    return _shown(matched, {sign.notice for sign in found}, sources, notices)


def _shown(
    matched: tuple[str, ...], needed: Set[str], source: str, notices: Mapping[str, str]
) -> Urgent:
    texts = (text for name, text in notices.items() if name == "opening" or name in needed)
    return Urgent(matched, " ".join(texts).replace("{noticed}", "; ".join(matched)), source)


def _compile(data: Mapping[str, Any]) -> Signs:
    """Compile a parsed file of signs.

    Raises:
        SignsError: names the sign, list or table at fault.
    """
    notices = {key: _text(data["notices"], key, "[notices]") for key in _table(data, "notices")}
    aliases = {key: _text(data["aliases"], key, "[aliases]") for key in _table(data, "aliases")}
    patterns = _Patterns(_table(data, "words"), aliases)
    contexts = {
        name: Context(
            name,
            patterns.parts(table, "patterns", f"contexts.{name}"),
            patterns.parts(table, "unless", f"contexts.{name}"),
        )
        for name, table in _table(data, "contexts").items()
    }
    harmless = patterns.parts(data, "harmless", "the file")
    entries = data.get("sign")
    if not isinstance(entries, list) or not entries:
        raise SignsError("there is no [[sign]]; without one nothing is ever found")
    signs = tuple(_sign(entry, patterns, contexts, notices) for entry in entries)
    common = " ".join(_texts(data, "common_words", "the file")).split()
    known = patterns.words | set(common) | set(aliases)
    spellings = defaultdict(list)
    for word in " ".join(_texts(data, "often_misspelt", "the file")).split():
        if word not in patterns.words:
            raise SignsError(f"often_misspelt: {word!r} is in no pattern; take it out")
        spellings[word[0], len(word)].append(word)
    groups = {key: tuple(words) for key, words in spellings.items()}
    return Signs(signs, notices, aliases, harmless, frozenset(known), groups)


def _sign(
    entry: Mapping[str, Any],
    patterns: "_Patterns",
    contexts: Mapping[str, Context],
    notices: Mapping[str, str],
) -> Sign:
    name = _text(entry, "name", "a [[sign]]")
    where = f"sign {name!r}"
    noticed, notice, source = _said(entry, where, notices)
    ignored = frozenset(_texts(entry, "ignore", where))
    if unknown := ignored - set(contexts):
        raise SignsError(f"{where}: ignore names {min(unknown)!r}, which is not in [contexts]")
    wanted, examples, not_examples = (
        _texts(entry, key, where) for key in ("patterns", "examples", "not_examples")
    )
    if not (wanted and examples and not_examples):
        raise SignsError(f"{where}: needs patterns, examples and not_examples; fill them in")
    return Sign(
        name,
        noticed,
        notice,
        source,
        ByNeed(patterns.pattern(one, where) for text in wanted for one in _orders(text)),
        patterns.parts(entry, "unless", where),
        tuple(context for context in contexts.values() if context.name not in ignored),
        examples,
        not_examples,
    )


def _said(sign: Mapping[str, Any], where: str, notices: Mapping[str, str]) -> tuple[str, str, str]:
    """Return what a sign is called, its notice and its source."""
    noticed, notice, source = (_text(sign, key, where) for key in ("noticed", "notice", "source"))
    if notice not in notices:
        raise SignsError(f"{where}: notice {notice!r} is not in [notices]; add it there")
    return noticed, notice, source


def _orders(text: str) -> list[str]:
    """Return a pattern with `a + b` in both orders, each with the gap `+`."""
    first, plus, second = text.partition(" + ")
    return [text, f"{second} + {first}"] if plus else [text]


_Choices = tuple[
    Mapping[str, tuple[tuple[str, ...], ...]], tuple[str, ...], tuple[re.Pattern[str], ...]
]
"""Phrases by their first word, beginnings of words, and numbers: see `Element`."""


class _Patterns:
    """Turns the pattern language, described at the top of `urgent.toml`, into parts."""

    def __init__(self, lists: Mapping[str, Any], aliases: Mapping[str, str]) -> None:
        self.words = {word for plain in aliases.values() for word in plain.split()}
        self.aliases = aliases
        self.lists = {
            name: [self._plain(phrase) for phrase in _texts(lists, name, "[words]")]
            for name in lists
        }
        self.breaks = frozenset({".", "but", "not", "no", "never"})
        turns = frozenset(" ".join(self.lists.get("turns", ())).split())
        self.stops = {"~": self.breaks | turns, "~~": frozenset(".")}
        self._known: dict[str, _Choices] = {}

    def parts(self, table: Mapping[str, Any], key: str, where: str) -> ByNeed[Part]:
        """Compile the list of patterns that a table has under a key."""
        return ByNeed(self.part(text, where) for text in _texts(table, key, where))

    def pattern(self, text: str, where: str) -> Pattern:
        """Compile one pattern of a sign."""
        parts = tuple(self.part(part, where) for part in text.split("&"))
        return Pattern(parts, tuple(sorted((n for part in parts for n in part.needs), key=len)))

    def part(self, text: str, where: str) -> Part:
        """Compile one pattern, or what stands on one side of an `&`."""
        where = f"{where}: pattern {text.strip()!r}"
        elements: list[Element] = []
        needs: list[frozenset[str]] = []
        gap = ""
        for piece in text.split():
            if piece in _GAPS:
                gap = piece
                continue
            element = self._element(piece, gap, where)
            if not (element.optional or element.beginnings or element.numbers):
                needs.append(frozenset(element.phrases))
            elements.append(element)
            gap = ""
        if gap or not elements or elements[0].gap or elements[0].optional:
            raise SignsError(f"{where}: must begin and end with a word that is not optional")
        return Part(tuple(elements), tuple(sorted(needs, key=len)))

    def _element(self, piece: str, gap: str, where: str) -> Element:
        return Element(
            *self._choices(piece.rstrip("?"), where),
            _GAPS.get(gap, 0),
            self.stops.get(gap, self.breaks),
            piece.endswith("?"),
        )

    def _choices(self, element: str, where: str) -> _Choices:
        """Return what may stand at an element; many patterns have the same."""
        if element in self._known:
            return self._known[element]
        phrases: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        beginnings: list[str] = []
        numbers: list[re.Pattern[str]] = []
        for phrase in self._phrases(element, where):
            first, *rest = phrase.split()
            if first.endswith("*"):
                beginnings.append(first[:-1])
            elif first[0] == first[-1] == "/" and len(first) > 2:
                numbers.append(re.compile(first[1:-1]))
            else:
                phrases[first].append(tuple(rest))
        choices = (
            {first: tuple(rests) for first, rests in phrases.items()},
            tuple(beginnings),
            tuple(numbers),
        )
        self._known[element] = choices
        return choices

    def _phrases(self, element: str, where: str) -> list[str]:
        """Return the phrases that an element stands for, spelt as `normalise` spells them."""
        phrases: list[str] = []
        for word in element.split("|"):
            if word.startswith("<") and word.endswith(">") and word[1:-1].isidentifier():
                if word[1:-1] not in self.lists:
                    raise SignsError(f"{where}: {word} is not in [words]; add it there")
                phrases += self.lists[word[1:-1]]
            else:
                phrases.append(self._plain(word.replace("_", " ")))
        if not all(phrases):
            raise SignsError(f"{where}: an empty word; write a|b without spaces around |")
        self.words.update(word.rstrip("*") for phrase in phrases for word in phrase.split())
        return phrases

    def _plain(self, phrase: str) -> str:
        return " ".join(self.aliases.get(word, word) for word in phrase.split())


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict) or not value:
        raise SignsError(f"[{key}] is missing or empty; restore it")
    return value


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SignsError(f'{where}: {key!r} is not a text; write {key} = "…"')
    return value


def _texts(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise SignsError(f'{where}: {key!r} is not a list of texts; write {key} = ["…"]')
    return tuple(value)
