"""What a FAQ file becomes: passages that know where they stand in it."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corpus.errors import CorpusError

Span = tuple[int, int]
"""Start and end of a piece of text, in characters, end exclusive."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage stands in the owner's file.

    Lines are 1-based and inclusive and cover the whole entry, its question line included.
    """

    file: str
    first_line: int
    last_line: int
    url: str | None = None
    title: str | None = None
    reviewed_on: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One vetted FAQ entry.

    `answer` is what a person reads; `key_phrases` are the owner's own emphasis, as spans of it.
    `source_sha256` is the hash of the lines that `source` names.
    """

    id: str
    question: str
    alternates: tuple[str, ...]
    answer: str
    key_phrases: tuple[Span, ...]
    source: Source
    source_sha256: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """An owner's file as it was read: its bytes, and its lines without their ends."""

    name: str
    data: bytes
    lines: tuple[str, ...]

    @classmethod
    def decoded(cls, name: str, data: bytes) -> "SourceText":
        """Return the text of a file with this content, in UTF-8.

        Raises:
            CorpusError: it is not UTF-8 or not text; names the line.
        """
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise CorpusError(f"{name}:{line}: not UTF-8; save the file as UTF-8") from error
        # Not str.splitlines: it also breaks at characters that no editor counts as a line end.
        lines = re.split(r"\r\n|\n|\r", text)
        if lines[-1] == "":
            lines.pop()
        for row, content in enumerate(lines, start=1):
            if "\0" in content:
                raise CorpusError(f"{name}:{row}: holds a NUL character; is this a text file?")
        return cls(name, data, tuple(lines))

    def sha256(self, first_line: int, last_line: int) -> str:
        """Return the hash of lines `first_line` to `last_line`, 1-based and inclusive."""
        text = "\n".join(self.lines[first_line - 1 : last_line])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reader finds in a file, before it gets its id and its hash."""

    question: str
    answer: str
    first_line: int
    last_line: int
    key_phrases: tuple[Span, ...] = ()
    id: str | None = None
    alternates: tuple[str, ...] = ()
    url: str | None = None
    title: str | None = None
    reviewed_on: str | None = None
    asked: bool = True
    """False when the file has no question for this entry and the reader made one up."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All passages of an owner's files, the files themselves, and what they do not cover."""

    passages: tuple[Passage, ...]
    files: Mapping[str, SourceText]
    not_covered: tuple[str, ...] = ()
    unasked: frozenset[str] = field(default_factory=frozenset)
    """Ids of the passages whose question is not in the file."""


def has_words(text: str) -> bool:
    """Tell whether any character is a letter or a digit, of any script."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


def same_question(text: str) -> str:
    """Return the form under which two spellings of a question count as the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def derived_ids(entries: Sequence[Entry]) -> list[str]:
    """Return an id for each entry that does not depend on its place or on other entries.

    An entry keeps the id its owner gave. Any other is named after its question; only where
    several entries ask the same question does the answer take part, so that correcting an
    answer keeps the id. Entries that are the same throughout are told apart by a number.
    """
    asked = Counter(same_question(entry.question) for entry in entries if entry.id is None)
    seen: Counter[str] = Counter()
    ids = []
    for entry in entries:
        question = same_question(entry.question)
        slug = re.sub(r"[^a-z0-9]+", "-", question).strip("-")[:48].strip("-")
        parts = [slug, _digest(question)] if slug else [_digest(question)]
        if asked[question] > 1:
            seen[digest := _digest(question, entry.answer)] += 1
            parts.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
        ids.append(entry.id if entry.id is not None else "-".join(parts))
    return ids
