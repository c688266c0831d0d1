"""What a FAQ is about, to say plainly what it is not about."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from corpus.passage import Passage
from qa.language import is_english
from qa.mismatch import mismatches, subject_of
from qa.replies import reply_to
from qa.topics import Mention, Topic, may_be_a_slip, mentions, topics_of, words_of

NOT_COVERED = (
    "This FAQ does not seem to cover that question, so there is no answer to show. "
    "Please ask a health professional, or look at the closest questions it does cover."
)

_MOST_NAMED = 2


class Scope:
    """The topics and words of a FAQ; worked out when first needed."""

    def __init__(self, passages: Sequence[Passage], tokenizer: Path | None = None) -> None:
        """Look at every question, alternate and answer of `passages`.

        `tokenizer` is the file with the vocabulary of the model that they are searched with.
        """
        self._passages = passages
        self._tokenizer = tokenizer

    def why_not(self, question: str, closest: Passage) -> str:
        """Say why there is no answer to a cleaned question that has none, in words for a patient.

        A greeting and the like gets a fixed reply. Otherwise what the FAQ, or at least the
        closest entry, does not mention is named, where that is certain.
        """
        reply = reply_to(question, self._words, english=self._english, tokenizer=self._tokenizer)
        if reply:
            return reply
        if missing := self.missing(question)[:_MOST_NAMED]:
            topic = missing[0].topic
            if topic.kind == "people":
                said = f"The FAQ does not say whether this holds for {topic.name}."
            else:
                said = f"Nothing here mentions {_joined(missing)}."
        elif others := self.mismatches(question, closest)[:_MOST_NAMED]:
            said = f"The closest entry does not mention {_joined(others)}."
        else:
            return NOT_COVERED
        return f"{said} {NOT_COVERED}"

    def mismatches(self, question: str, closest: Passage) -> list[Mention]:
        """Return what a question is about and the entry found for it is not."""
        return mismatches(question, closest, self._subject)

    def missing(self, question: str) -> list[Mention]:
        """Return the topics of a question that no entry has.

        A word that may be a slip of the keys for one of the FAQ's names nothing.
        """
        return [
            mention
            for mention in mentions(question)
            if not mention.topic.is_among(self._topics)
            and not may_be_a_slip(mention.words, self._words_shown)
        ]

    @cached_property
    def _texts(self) -> list[str]:
        """What a reader of the FAQ finds in it: alternates are never shown."""
        return [f"{passage.question} \n{passage.answer}" for passage in self._passages]

    @cached_property
    def _topics(self) -> frozenset[Topic]:
        return frozenset().union(*map(topics_of, self._texts))

    @cached_property
    def _words_shown(self) -> frozenset[str]:
        return frozenset().union(*map(words_of, self._texts))

    @cached_property
    def _words(self) -> frozenset[str]:
        alternates = (text for passage in self._passages for text in passage.alternates)
        return self._words_shown | words_of(" ".join(alternates))

    @cached_property
    def _subject(self) -> frozenset[Topic]:
        return subject_of(self._passages)

    @cached_property
    def _english(self) -> bool:
        return is_english(self._texts)


def _joined(found: Sequence[Mention]) -> str:
    return " or ".join(mention.name for mention in found)
