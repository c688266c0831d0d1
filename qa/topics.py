"""What a text is about, as far as `topics.toml` knows: medicines, activities, people, and so on."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import Stemmer

TOPICS_FILE = Path(__file__).with_name("topics.toml")

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"['’`]")

Phrase = tuple[str, ...]
"""Stems of words that stand side by side."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a question can be about; two names of the same thing are one topic."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A topic where a text names it, and how."""

    topic: Topic
    words: str


def mentions(text: str) -> list[Mention]:
    """Return the topics that a text names, each once, in order; of two names the longer.

    >>> [(m.topic.name, m.words) for m in mentions("Can I swim after taking Advil?")]
    [('swimming', 'swim'), ('ibuprofen', 'advil')]
    """
    words = _WORD.findall(_APOSTROPHE.sub("", text.casefold()))
    found: dict[Topic, Mention] = {}
    at = 0
    stems = _stemmed(words)
    while at < len(stems):
        phrase, topic = next(_at(stems, at), ((stems[at],), None))
        if topic:
            found.setdefault(topic, Mention(topic, " ".join(words[at : at + len(phrase)])))
        at += len(phrase)
    return list(found.values())


def topics_of(text: str) -> frozenset[Topic]:
    """Return the topics that a text names."""
    return frozenset(mention.topic for mention in mentions(text))


def _at(stems: list[str], at: int) -> Iterator[tuple[Phrase, Topic]]:
    for phrase, topic in _names().get(stems[at], ()):
        if tuple(stems[at : at + len(phrase)]) == phrase:
            yield phrase, topic


@cache
def _names() -> Mapping[str, list[tuple[Phrase, Topic]]]:
    """Return every name by its first stem, longer ones first."""
    with TOPICS_FILE.open("rb") as stream:
        kinds = tomllib.load(stream)
    names: defaultdict[str, list[tuple[Phrase, Topic]]] = defaultdict(list)
    for kind, groups in kinds.items():
        for group in groups:
            shown, *others = group.split(", ")
            topic = Topic(shown, kind)
            for name in (shown, *others):
                phrase = tuple(_stemmed(_WORD.findall(_APOSTROPHE.sub("", name))))
                names[phrase[0]].append((phrase, topic))
    for each in names.values():
        each.sort(key=lambda name: -len(name[0]))
    return names


def _stemmed(words: list[str]) -> list[str]:
    return list(Stemmer.Stemmer("english").stemWords(words))
