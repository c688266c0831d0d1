"""What a text is about, as far as `topics.toml` knows: medicines, activities, people, and so on."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

TOPICS_FILE = Path(__file__).with_name("topics.toml")

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"['’`]")

_SHORT = 4
_ALIKE = 0.75
"""How alike two words are (difflib's ratio) of which one may be the other with a slip."""

Phrase = tuple[str, ...]
"""Words that stand side by side, in the singular."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a question can be about; two names of the same thing are one topic.

    `group` is the name of what it is a kind of, as penicillin is of antibiotics, if anything.
    """

    name: str
    kind: str
    group: str | None = None

    def is_among(self, topics: Set["Topic"]) -> bool:
        """Tell whether topics have this one, what it is a kind of, or a kind of it."""
        return self in topics or any(
            self.name == other.group or self.group == other.name for other in topics
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A topic where a text names it, and how."""

    topic: Topic
    words: str

    @property
    def name(self) -> str:
        """The topic's name, or the words it goes by in the text where they are others."""
        same = _beginnings(self.topic.name) & _beginnings(self.words)
        return self.topic.name if same else self.words


def mentions(text: str) -> list[Mention]:
    """Return the topics that a text names, each once, in order; of two names the longer.

    >>> [(m.topic.name, m.words) for m in mentions("Can I swim after taking Advil?")]
    [('swimming', 'swim'), ('ibuprofen', 'advil')]
    """
    words = _WORD.findall(_APOSTROPHE.sub("", text.casefold()))
    found: dict[Topic, Mention] = {}
    at = 0
    forms = _singular(words)
    while at < len(forms):
        phrase, topic = next(_at(forms, at), ((forms[at],), None))
        if topic:
            found.setdefault(topic, Mention(topic, " ".join(words[at : at + len(phrase)])))
        at += len(phrase)
    return list(found.values())


def with_main_names(text: str, kind: str) -> str:
    """Return a text in which each topic of a kind goes by its main name.

    >>> with_main_names("Can I take Advil?", "medicines")
    'Can I take ibuprofen?'
    """
    for mention in mentions(text):
        if mention.topic.kind == kind:
            words = r"[\W_]+".join(map(re.escape, mention.words.split()))
            name = re.compile(rf"\b{words}\b", re.IGNORECASE)
            text = name.sub(mention.topic.name, text)
    return text


def topics_of(text: str) -> frozenset[Topic]:
    """Return the topics that a text names."""
    return frozenset(mention.topic for mention in mentions(text))


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, in lower case."""
    return frozenset(_WORD.findall(text.casefold()))


def may_be_a_slip(word: str, others: Iterable[str]) -> bool:
    """Tell whether a word that is not one of `others` may be one of them with a slip of the keys.

    >>> may_be_a_slip("swiming", {"swimming"})
    True
    """
    if len(word) <= _SHORT:
        return False
    near = [each for each in others if each[0] == word[0] and abs(len(each) - len(word)) < 2]
    return bool(get_close_matches(word, near, n=1, cutoff=_ALIKE))


def _at(forms: list[str], at: int) -> Iterator[tuple[Phrase, Topic]]:
    for phrase, topic in _names().get(forms[at], ()):
        if tuple(forms[at : at + len(phrase)]) == phrase:
            yield phrase, topic


@cache
def _names() -> Mapping[str, list[tuple[Phrase, Topic]]]:
    """Return every name by its first stem, longer ones first."""
    with TOPICS_FILE.open("rb") as stream:
        kinds = tomllib.load(stream)
    names: defaultdict[str, list[tuple[Phrase, Topic]]] = defaultdict(list)
    for kind, groups in kinds.items():
        for group in groups:
            same, _, wider = group.partition(" < ")
            shown, *others = same.split(", ")
            topic = Topic(shown, kind, wider or None)
            for name in (shown, *others):
                phrase = tuple(_singular(_WORD.findall(_APOSTROPHE.sub("", name))))
                names[phrase[0]].append((phrase, topic))
    for each in names.values():
        each.sort(key=lambda name: -len(name[0]))
    return names


def _beginnings(name: str) -> set[str]:
    """Return the beginnings of words, by which forms of one word are alike."""
    return {word[:_SHORT] for word in _WORD.findall(name.casefold())}


def _singular(words: Iterable[str]) -> list[str]:
    """Return words without the s of a plural; forms would take an operator for an operation."""
    return [w[:-1] if len(w) >= _SHORT and w[-1] == "s" != w[-2] else w for w in words]
