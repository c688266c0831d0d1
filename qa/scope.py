"""What a FAQ is about, to say plainly what it is not about."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property

from corpus.passage import Passage
from qa.language import is_english
from qa.replies import reply_to
from qa.topics import Mention, Topic, mentions, topics_of

NOT_COVERED = (
    "This FAQ does not seem to cover that question, so there is no answer to show. "
    "Please ask a health professional, or look at the closest questions it does cover."
)

_WORD = re.compile(r"[^\W_]+")
_MOST_NAMED = 2
_SHORT = 4
_ALIKE = 0.75
"""How alike two words are (difflib's ratio) of which one may be the other with a slip."""


class Scope:
    """The topics and words of a FAQ; worked out when first needed."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Look at every question, alternate and answer of `passages`."""
        self._texts = [
            " \n".join((passage.question, *passage.alternates, passage.answer))
            for passage in passages
        ]

    def why_not(self, question: str) -> str:
        """Say why there is no answer to a cleaned question that has none, in words for a patient.

        A greeting and the like gets a fixed reply; otherwise what the FAQ does not mention is
        named, where that is certain.
        """
        if reply := reply_to(question, self._words, english=self._english):
            return reply
        named = [_named(mention) for mention in self.missing(question)[:_MOST_NAMED]]
        if not named:
            return NOT_COVERED
        return f"Nothing here mentions {' or '.join(named)}. {NOT_COVERED}"

    def missing(self, question: str) -> list[Mention]:
        """Return the topics of a question that no entry has.

        A word that may be a slip of the keys for one of the FAQ's names nothing.
        """
        return [
            mention
            for mention in mentions(question)
            if mention.topic not in self._topics and not self._may_be_a_slip(mention.words)
        ]

    def _may_be_a_slip(self, words: str) -> bool:
        return len(words) > _SHORT and bool(
            get_close_matches(words, self._words, n=1, cutoff=_ALIKE)
        )

    @cached_property
    def _topics(self) -> frozenset[Topic]:
        return frozenset().union(*map(topics_of, self._texts))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for text in self._texts for word in _WORD.findall(text.casefold()))

    @cached_property
    def _english(self) -> bool:
        return is_english(self._texts)


def _named(mention: Mention) -> str:
    """Return a topic's name, or the words it goes by in the question where they are others."""
    name, used = mention.topic.name, mention.words
    return name if _beginnings(name) & _beginnings(used) else used


def _beginnings(name: str) -> set[str]:
    """Return the beginnings of words, by which forms of one word are alike."""
    return {word[:_SHORT] for word in _WORD.findall(name.casefold())}
