"""What an owner should look at before publishing."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Corpus, Passage, same_question

Similarities = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts -> their pairwise similarity, at most 1: shape (texts, texts)."""

LONG_ANSWER_WORDS = 300
NEAR_DUPLICATE = 0.9

_CUT_OFF = re.compile(r"(?:…|\.\.\.)\s*$")
_ASKS = re.compile(r"\s*(?:\d+[.)])?\W*\w[^.?!]*\?\W*")
_ENDS = re.compile(r"[.!?]\W*$")
_BARE_ITEM = re.compile(
    r"^[^\S\n]*(?:[-*•]|\d+[.)])[^\S\n]+(\S+(?:[^\S\n]+\S+){0,2})[^\S\n]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at, and where."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the finding as compilers write theirs."""
        return f"{self.file}:{self.line}: {self.message}"


def lint(corpus: Corpus, similarities: Similarities) -> list[Finding]:
    """Return the findings of all checks, in the order of the files."""
    findings = [
        Finding(passage.source.file, line, message)
        for passage in corpus.passages
        for line, message in _passage_findings(passage, corpus)
    ]
    findings += _duplicates(corpus.passages)
    findings += _near_duplicates(corpus.passages, similarities)
    return sorted(findings, key=lambda finding: (finding.file, finding.line))


def _passage_findings(passage: Passage, corpus: Corpus) -> Iterator[tuple[int, str]]:
    source = passage.source
    if passage.id in corpus.unasked:
        yield (
            source.first_line,
            f"no question in the source; medfaq asks {passage.question!r} for it",
        )
    if not passage.answer:
        yield source.first_line, "the answer is empty"
    lines = corpus.files[source.file].lines[source.first_line - 1 : source.last_line]
    cut_off = [
        number
        for number, line in enumerate(lines, start=source.first_line)
        if _CUT_OFF.search(line)
    ]
    if cut_off:
        numbers = ", ".join(map(str, cut_off))
        yield cut_off[0], f"cut off with an ellipsis at line {numbers}; complete the text"
    for number, line in _questions_within(lines):
        yield (
            source.first_line + number,
            f"{line[:60]!r} reads like a question of its own, and is a part of the answer to "
            f"{passage.question[:60]!r}; should it be an entry?",
        )
    if items := [item.strip() for item in _BARE_ITEM.findall(passage.answer)]:
        yield (
            source.first_line,
            f"list items without an explanation ({' '.join(items)}); is each of them right?",
        )
    words = len(passage.answer.split())
    if words > LONG_ANSWER_WORDS:
        yield source.first_line, f"the answer has {words} words; split it into several entries"


def _questions_within(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each line but the first that is one question, and begins a paragraph."""
    for number, (before, line) in enumerate(pairwise(lines), start=1):
        if _ASKS.fullmatch(line) and (not before.strip() or _ENDS.search(before)):
            yield number, line.strip()


def _duplicates(passages: Sequence[Passage]) -> Iterator[Finding]:
    asked: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        for question in dict.fromkeys(map(same_question, (passage.question, *passage.alternates))):
            asked[question].append(passage)
    for same in asked.values():
        for other in same[1:]:
            yield Finding(
                other.source.file,
                other.source.first_line,
                f"the same question as at {_where(same[0])}; join the entries",
            )


def _near_duplicates(passages: Sequence[Passage], similarities: Similarities) -> Iterator[Finding]:
    matrix = similarities([passage.question for passage in passages])
    for first, second in zip(*np.nonzero(np.triu(matrix >= NEAR_DUPLICATE, k=1)), strict=True):
        one, other = passages[first], passages[second]
        if same_question(one.question) != same_question(other.question):
            yield Finding(
                other.source.file,
                other.source.first_line,
                f"{other.question!r} is much like {one.question!r} at {_where(one)} "
                f"(similarity {matrix[first, second]:.2f}); should they be one entry?",
            )


def _where(passage: Passage) -> str:
    return f"{passage.source.file}:{passage.source.first_line}"
