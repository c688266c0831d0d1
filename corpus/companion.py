"""The owner's knowledge of how people ask: `NAME.phrasings.toml` beside `NAME.txt`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import CorpusError
from corpus.passage import SourceText, has_words, same_question

SUFFIX = ".phrasings.toml"


@dataclass(frozen=True, slots=True)
class Companion:
    """Alternates by the form of the entry's question that `same_question` gives."""

    name: str
    alternates: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, str]
    """The questions as the owner wrote them, each with where: `file:line`."""
    not_covered: tuple[str, ...]


def companion_path(faq: Path) -> Path:
    """Return where the companion of a FAQ file stands, whether or not it exists."""
    return faq.with_name(faq.stem + SUFFIX)


def parse_companion(text: SourceText) -> Companion:
    """Read a companion file.

    Raises:
        CorpusError: not TOML, or not of the form above; names file and, where known, line.
    """
    try:
        tables = tomllib.loads("\n".join(text.lines))
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{text.name}: not TOML: {error}") from error
    except RecursionError as error:
        raise CorpusError(f"{text.name}: not TOML: too many brackets in each other") from error
    if unknown := sorted(set(tables) - {"entry", "not_covered"}):
        raise CorpusError(
            f"{text.name}: unknown table {unknown[0]!r}; use [[entry]] and [not_covered]"
        )
    entries = tables.get("entry", [])
    if not isinstance(entries, list):
        raise CorpusError(f"{text.name}: 'entry' is not an array of tables; write [[entry]]")
    alternates: dict[str, tuple[str, ...]] = {}
    questions: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"{text.name}: entry {number}"
        question = entry.get("question") if isinstance(entry, dict) else None
        if not isinstance(question, str):
            raise CorpusError(f"{where}: no 'question'; name the entry it belongs to")
        if unknown := sorted(set(entry) - {"question", "alternates"}):
            raise CorpusError(f"{where}: unknown field {unknown[0]!r}")
        where = f"{text.name}:{_line_of(question, text)}"
        key = same_question(question)
        if key in questions:
            raise CorpusError(f"{where}: {question!r} stands twice; join its alternates")
        questions[key] = f"{where}: {question!r}"
        alternates[key] = _texts(entry.get("alternates", []), f"{where}: 'alternates'")
    not_covered = tables.get("not_covered", {})
    if not isinstance(not_covered, dict) or set(not_covered) - {"examples"}:
        raise CorpusError(f"{text.name}: [not_covered] takes one field, 'examples'")
    examples = _texts(not_covered.get("examples", []), f"{text.name}: 'examples'")
    return Companion(text.name, alternates, questions, examples)


def _texts(value: object, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CorpusError(f'{what} is not a list of texts; write it as ["…", "…"]')
    for item in value:
        if not has_words(item):
            raise CorpusError(f"{what} has an item without a word, {item!r}; delete it")
    return tuple(dict.fromkeys(item.strip() for item in value))


def _line_of(question: str, text: SourceText) -> int:
    return next((n for n, line in enumerate(text.lines, start=1) if question in line), 1)
