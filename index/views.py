"""Which texts of a passage get a vector: it is found by any of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.passage import Passage, Span, has_words

_LINE = re.compile(r"^[^\S\n]*(?:(?:[-*•]|\d+[.)])\s+)?(?P<text>\S[^\n]*)", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]*[A-Z0-9])")


class ViewKind(StrEnum):
    """What a view shows of its passage."""

    QUESTION = "question"
    ALTERNATE = "alternate"
    ENTRY = "entry"
    SENTENCE = "sentence"

    @property
    def asks(self) -> bool:
        """Whether such a view is a way to ask for its passage."""
        return self in (ViewKind.QUESTION, ViewKind.ALTERNATE)

    @property
    def by_piece(self) -> bool:
        """Whether a question is matched with such a view piece by piece, too."""
        return self is not ViewKind.SENTENCE


@dataclass(frozen=True, slots=True)
class View:
    """One text of the passage at `passage`; `span` is its place in the answer, if it has one."""

    passage: int
    kind: ViewKind
    text: str
    span: Span | None = None


def views_of(passages: Sequence[Passage]) -> list[View]:
    """Return the views of all passages, those of one passage side by side.

    First stands its question, then its alternates, the whole entry, and the sentences.
    """
    return [
        view for number, passage in enumerate(passages) for view in _passage_views(number, passage)
    ]


def _passage_views(number: int, passage: Passage) -> Iterator[View]:
    yield View(number, ViewKind.QUESTION, passage.question)
    for alternate in passage.alternates:
        yield View(number, ViewKind.ALTERNATE, alternate)
    yield View(number, ViewKind.ENTRY, f"{passage.question} {passage.answer}".strip())
    for start, end in sentences(passage.answer):
        yield View(number, ViewKind.SENTENCE, passage.answer[start:end], (start, end))


def sentences(text: str) -> list[Span]:
    """Return the spans of the sentences and list items of a text, list markers left out.

    >>> [("Rest. Then walk.")[a:b] for a, b in sentences("Rest. Then walk.")]
    ['Rest.', 'Then walk.']
    """
    spans = []
    for line in _LINE.finditer(text):
        start = line.start("text")
        ends = [(end.start(), end.end()) for end in _SENTENCE_END.finditer(text, start, line.end())]
        for end, following in [*ends, (line.end(), line.end())]:
            if has_words(text[start:end]):
                spans.append((start, end))
            start = following
    return spans
