"""Markdown: headings are questions, the blocks below them answers.

The CommonMark parser is markdown-it-py; this module turns its tokens into the text that a person
reads. Emphasis in bold is kept as key phrases.
"""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText, Span
from corpus.readers.plain import opening_question

_FRONT_MATTER = "---"


def read_markdown(text: SourceText) -> list[Entry]:
    """Read one entry from each heading that has text of its own below it.

    A heading with only smaller headings below it is the title of a part. Text above the first
    heading becomes an entry without a question of its own.

    Raises:
        CorpusError: a heading has neither text nor smaller headings below it; names the line.
    """
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
                    Entry(
                        question, answer, start + first + 1, start + last, phrases, asked=False
                    )
                )
            continue
        line = start + (tokens[head].map or [0])[0] + 1
        if answer:
            question, _ = _Prose(text.lines[start:]).write(tokens[head : head + 3])
            entries.append(Entry(question, answer, line, start + last, phrases))
        elif stop == len(tokens) or _depth(tokens[stop]) <= _depth(tokens[head]):
            raise CorpusError(
                f"{text.name}:{line}: the heading has no answer below it; "
                "add the answer or delete the heading"
            )
    return entries


def _depth(heading: Token) -> int:
    return int(heading.tag[1:])


def _after_front_matter(lines: Sequence[str]) -> int:
    """Return the index of the first line below a leading `---` block of page settings."""
    if lines and lines[0].strip() == _FRONT_MATTER:
        for number, line in enumerate(lines[1:], start=1):
            if line.strip() == _FRONT_MATTER:
                return number + 1
    return 0


class _Prose:
    """Write block tokens as plain text, noting where bold text stands."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._text = ""
        self._phrases: list[Span] = []
        self._lists: list[int | None] = []
        self._marker = ""

    def write(self, tokens: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
        skip_to = -1
        for position, token in enumerate(tokens):
            if position < skip_to:
                continue
            match token.type:
                case "inline":
                    self._block("")
                    self._inline(token.children or [])
                case "bullet_list_open":
                    self._lists.append(None)
                case "ordered_list_open":
                    self._lists.append(int(token.attrGet("start") or 1))
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._open_item()
                case "fence" | "code_block":
                    self._block(token.content.rstrip("\n"))
                case "html_block":
                    self._block(self._raw(token))
                case "table_open":
                    self._block(self._raw(token))
                    skip_to = next(
                        later
                        for later in range(position, len(tokens))
                        if tokens[later].type == "table_close"
                    )
        return self._text, tuple(self._phrases)

    def _raw(self, token: Token) -> str:
        first, last = token.map or (0, 0)
        return "\n".join(self._lines[first:last]).strip("\n")

    def _open_item(self) -> None:
        number = self._lists[-1]
        self._marker = "  " * (len(self._lists) - 1) + ("- " if number is None else f"{number}. ")
        if number is not None:
            self._lists[-1] = number + 1

    def _block(self, text: str) -> None:
        if self._text:
            self._text += "\n" if self._lists else "\n\n"
        self._text += self._marker + text
        self._marker = ""

    def _inline(self, children: Sequence[Token]) -> None:
        bold_from: list[int] = []
        link: str | None = None
        link_from = 0
        for child in children:
            match child.type:
                case "text" | "code_inline" | "html_inline":
                    self._text += child.content
                case "softbreak":
                    self._text += " "
                case "hardbreak":
                    self._text += "\n"
                case "image":
                    self._text += child.content
                case "strong_open":
                    bold_from.append(len(self._text))
                case "strong_close":
                    self._phrases.append((bold_from.pop(), len(self._text)))
                case "link_open":
                    link, link_from = str(child.attrGet("href") or ""), len(self._text)
                case "link_close":
                    if link and link not in (self._text[link_from:], "mailto:" + self._text[link_from:]):
                        self._text += f" ({link})"
