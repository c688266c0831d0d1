"""Markdown: headings are questions, the blocks below them answers.

The CommonMark parser is markdown-it-py; this module turns its tokens into the text that a person
reads. Emphasis in bold is kept as key phrases.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText, Span
from corpus.readers.plain import opening_question

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = "---"
_SETTING = re.compile(r"[\w-]+\s*:")
_HEADING = re.compile(r"#{1,6}\s")
_SENTENCE = re.compile(r"[.!:;][\"'”’)]*$")
_BREAKS = {"softbreak": " ", "hardbreak": "\n"}


def read_markdown(text: SourceText) -> list[Entry]:
    """Read one entry from each heading that has text of its own below it.

    A heading with only smaller headings below it is the title of a part; one with nothing at all
    has an empty answer. Text above the first becomes an entry without a question of its own.

    Raises:
        CorpusError: a line of dashes makes a heading of what looks like text; names the line.
    """
    # Here, since a question to the default FAQ, which is plain text, must not wait for it.
    from markdown_it import MarkdownIt

    start = _after_front_matter(text.lines)
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(text.lines[start:]))
    heads = [
        position
        for position, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]
    entries = []
    bounds = [None, *heads]
    for head, stop in zip(bounds, [*heads, len(tokens)], strict=True):
        body = tokens[0 if head is None else head + 3 : stop]
        answer, phrases = _Prose(text.lines[start:]).write(body)
        last = max((token.map[1] for token in body if token.map), default=0)
        while last and not text.lines[start + last - 1].strip():
            last -= 1
        if head is None:
            if answer:
                first = min(token.map[0] for token in body if token.map)
                question = opening_question(answer)
                entries.append(
                    Entry(question, answer, start + first + 1, start + last, phrases, asked=False)
                )
            continue
        line = start + (tokens[head].map or [0])[0] + 1
        question, _ = _Prose(text.lines[start:]).write(tokens[head : head + 3])
        titles_part = stop < len(tokens) and _depth(tokens[stop]) > _depth(tokens[head])
        if tokens[head].markup == "-" and (not answer or _SENTENCE.search(question)):
            raise CorpusError(
                f"{text.name}:{line}: the dashes directly below make a heading of this text; put "
                "a blank line between them, or write the heading as ## …"
            )
        if answer or not titles_part:
            entries.append(Entry(question, answer, line, start + last if last else line, phrases))
    return entries


def _depth(heading: "Token") -> int:
    return int(heading.tag[1:])


def _after_front_matter(lines: Sequence[str]) -> int:
    """Return the index of the first line below a leading `---` block of page settings.

    Entries may stand between such lines, too: they begin with a heading or a text, not a setting.
    """
    if lines and lines[0].strip() == _FRONT_MATTER:
        for number, line in enumerate(lines[1:], start=1):
            if line.strip() == _FRONT_MATTER:
                return number + 1
            if _HEADING.match(line) or (number == 1 and not _SETTING.match(line)):
                break
    return 0


class _Prose:
    """Write block tokens as plain text, noting where bold text stands."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._text = ""
        self._phrases: list[Span] = []
        self._lists: list[int | None] = []
        self._marker = ""

    def write(self, tokens: Sequence["Token"]) -> tuple[str, tuple[Span, ...]]:
        table = False
        for token in tokens:
            if table:
                table = token.type != "table_close"
            elif token.type == "inline":
                self._block("")
                self._inline(token.children or [])
            elif token.type in ("fence", "code_block"):
                self._block(token.content.rstrip("\n"))
            elif token.type in ("html_block", "table_open"):
                self._block(self._raw(token))
                table = token.type == "table_open"
            else:
                self._list(token)
        return self._text, tuple(self._phrases)

    def _raw(self, token: "Token") -> str:
        first, last = token.map or (0, 0)
        return "\n".join(self._lines[first:last]).strip("\n")

    def _list(self, token: "Token") -> None:
        if token.type == "bullet_list_open":
            self._lists.append(None)
        elif token.type == "ordered_list_open":
            start = token.attrGet("start")
            self._lists.append(1 if start is None else int(start))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            number = self._lists[-1]
            indent = "  " * (len(self._lists) - 1)
            self._marker = indent + ("- " if number is None else f"{number}{token.markup} ")
            if number is not None:
                self._lists[-1] = number + 1

    def _block(self, text: str) -> None:
        if self._text:
            self._text += "\n" if self._lists else "\n\n"
        self._text += self._marker + text
        self._marker = ""

    def _inline(self, children: Sequence["Token"]) -> None:
        opened: list[tuple[int, str | int | float | None]] = []
        for child in children:
            if child.type.endswith("_open"):
                opened.append((len(self._text), child.attrGet("href")))
            elif child.type == "strong_close":
                self._phrases.append((opened.pop()[0], len(self._text)))
            elif child.type == "link_close":
                start, address = opened.pop()
                shown = self._text[start:]
                # The address is part of what the owner wrote, so a person must see it.
                if str(address).removeprefix("mailto:") != shown:
                    self._text += f" ({address})"
            elif child.type.endswith("_close"):
                opened.pop()
            else:
                self._text += _BREAKS.get(child.type, child.content)
