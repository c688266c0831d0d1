"""Plain text as scraped from a page: question lines, each followed by its answer.

A phrase that was bold on the page stands alone on its own line in the middle of a sentence.
The sentence is joined again and the phrase kept as a key phrase, the owner's own emphasis.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.passage import Entry, SourceText, Span

_LIST_ITEM = re.compile(r"\s*(?:[-*•]|\d+[.)])\s+\S")
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)\s*$")
_CLOSES_SENTENCE = re.compile(r"(?:[.!?:;…]|\.\.\.)[\"'”’)\]]*$")
# Not with the point of a number: "Take" and ".5 mg" are two words.
_OPENS_WITH_PUNCTUATION = re.compile(r"[.,](?!\d)|[;:!?)\]”’…%]")
_QUESTION = re.compile(r"[\"'“‘(¿]?\w.*\?[\"'”’)]*$")
_POINT = re.compile(r"(\w*)([.!?])\s+(\w)")
_ABBREVIATIONS = {"approx", "dr", "e", "etc", "g", "i", "mr", "mrs", "ms", "nr", "prof", "st", "vs"}
_DEFINITION = re.compile(
    r"(?P<article>An?|The)\s+(?P<term>[\w -]{2,60}?)[\s“\"']+(?P<verb>is|are)\b"
)
_OPENING_LENGTH = 80
_WRAP_WIDTHS = range(55, 101)


def read_plain(text: SourceText) -> list[Entry]:
    """Split a text into its entries; text before the first question becomes one of its own.

    A question with another directly below it has an empty answer.
    """
    starts = [number for number, line in enumerate(text.lines) if is_question(line)]
    entries = []
    if opening := _trimmed(text.lines, 0, starts[0] if starts else len(text.lines)):
        answer, phrases = join_lines(text.lines[opening.start : opening.stop])
        question = opening_question(answer)
        entries.append(
            Entry(question, answer, opening.start + 1, opening.stop, phrases, asked=False)
        )
    for start, stop in pairwise([*starts, len(text.lines)]):
        question = text.lines[start].strip()
        body = _trimmed(text.lines, start + 1, stop)
        answer, phrases = join_lines(text.lines[body.start : body.stop])
        last = body.stop if body else start + 1
        entries.append(Entry(question, answer, start + 1, last, phrases))
    return entries


def is_question(line: str) -> bool:
    """Tell whether a line is one question and nothing else, so that it opens an entry.

    >>> is_question("Is heat good for back spasms?")
    True
    >>> is_question("Can I see Dr. Smith if my temp. is high?")
    True
    >>> is_question("How Long Do Back Spasms Last? Most episodes last for a few days.")
    False
    """
    stripped = line.strip()
    return (
        _QUESTION.match(stripped) is not None
        and not stripped[0].islower()
        and not _LIST_ITEM.match(stripped)
        and not any(_ends_sentence(*match.groups()) for match in _POINT.finditer(stripped))
    )


def _ends_sentence(word: str, point: str, following: str) -> bool:
    abbreviated = word.casefold() in _ABBREVIATIONS or following.islower()
    return point != "." or not abbreviated


def opening_question(answer: str) -> str:
    """Return a question for a text that has none: what it defines, or else how it begins.

    >>> opening_question("A back spasm “is the involuntary contraction of a muscle”.")
    'What is a back spasm?'
    """
    if match := _DEFINITION.match(answer):
        article, term, verb = match["article"].lower(), match["term"].strip(), match["verb"]
        return f"What {verb} {article} {term}?"
    first = " ".join(re.split(r"(?<=[.!?])\s", answer, maxsplit=1)[0].split())
    if len(first) <= _OPENING_LENGTH:
        return first
    return first[:_OPENING_LENGTH].rsplit(" ", 1)[0] + " …"


def join_lines(lines: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """Join the lines of one answer; return it with the spans of its key phrases.

    Only line breaks and the ellipses that a page cut its list items off with are dropped: the
    sequence of words and punctuation stays the same.
    """
    text = ""
    phrases: list[Span] = []
    blank_before = False
    for block in _blocks(lines):
        if not block:
            blank_before = True
            continue
        if text:
            text += "\n\n" if blank_before else _gap(text, block[0])
        blank_before = False
        emphasised = _emphasised(block)
        for position, line in enumerate(block):
            piece = line.strip()
            if _LIST_ITEM.match(line):
                piece = _ELLIPSIS.sub("", piece)
            if position and not _OPENS_WITH_PUNCTUATION.match(piece):
                text += " "
            if position in emphasised:
                phrases.append((len(text), len(text) + len(piece)))
            text += piece
    return text, tuple(phrases)


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the runs of lines that one sentence runs through; an empty one for blank lines."""
    block: list[str] = []
    for line in lines:
        joins = (
            block
            and line.strip()
            and not _LIST_ITEM.match(line)
            and not _is_heading(block, line)
            and (
                not _CLOSES_SENTENCE.search(block[-1].rstrip())
                or _OPENS_WITH_PUNCTUATION.match(line.strip())
            )
        )
        if not joins and block:
            yield block
            block = []
        if line.strip():
            block.append(line)
        else:
            yield []
    if block:
        yield block


def _gap(text: str, line: str) -> str:
    """Return what separates two blocks: a space inside a paragraph, else a line break."""
    last_line = text.rsplit("\n", 1)[-1]
    runs_on = _CLOSES_SENTENCE.search(last_line) and not last_line.endswith(":")
    if runs_on and not _LIST_ITEM.match(line) and not _LIST_ITEM.match(last_line):
        return " "
    return "\n"


def _is_heading(block: Sequence[str], following: str) -> bool:
    """Tell whether a block is one title-cased line with a new sentence below it."""
    words = re.findall(r"\w[\w'’-]*", block[-1])
    return (
        len(block) == 1
        and len(words) > 1
        and all(word[0].isupper() or word[0].isdigit() for word in words if len(word) > 3)
        and words[0][0].isupper()
        and not _LIST_ITEM.match(block[-1])
        and following.strip()[0].isupper()
    )


def _emphasised(block: Sequence[str]) -> frozenset[int]:
    """Return which lines of a broken sentence stand alone because they were emphasised.

    A page breaks a line only where its emphasis begins and ends, so plain and emphasised lines
    take turns; the one that closes the sentence is plain.
    """
    if len(block) < 2 or _LIST_ITEM.match(block[0]) or _is_hard_wrapped(block):
        return frozenset()
    closes = _CLOSES_SENTENCE.search(block[-1].rstrip()) is not None
    return frozenset(range(len(block) - (2 if closes else 1), -1, -2))


def _is_hard_wrapped(block: Sequence[str]) -> bool:
    """Tell whether an author broke these lines to a width, as in a text file or an e-mail."""
    return all(len(line.rstrip()) in _WRAP_WIDTHS for line in block[:-1]) and not any(
        _OPENS_WITH_PUNCTUATION.match(line.strip()) for line in block
    )


def _trimmed(lines: Sequence[str], start: int, stop: int) -> range:
    """Return the line indexes from `start` to `stop` without blank lines at either end."""
    while start < stop and not lines[start].strip():
        start += 1
    while stop > start and not lines[stop - 1].strip():
        stop -= 1
    return range(start, stop)
