"""Answers as HTML: pure functions from data to escaped text.

Everything that a person typed or that stands in a FAQ is escaped here, once, and nowhere used as
a template. The text inside `.mf-answer` is the answer character for character, list markers
included, so that what a browser shows can be compared with what the owner wrote.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import urlsplit

from corpus.passage import Passage, Source, SourceText, Span
from qa.answer import Answer
from qa.disclaimer import DISCLAIMER
from qa.urgent import Urgent

SOURCE_ANCHOR = "source"
TROUBLE = (
    "Something went wrong on our side, so there is no answer to show. "
    "Please try again in a moment, or ask a health professional."
)

_CONTEXT_LINES = 2
_BULLET = re.compile(r"\s*[-*•]\s+(?=\S)")
_NUMBER = re.compile(r"\s*(\d{1,9})[.)]\s+(?=\S)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def question_card(question: str) -> str:
    """Render what the person asked."""
    return f'<p class="mf-asked" dir="auto">{_text(question)}</p>'


def answer_card(answer: Answer, *, latest: bool = True) -> str:
    """Render what became of a question.

    Only the latest card links to the source card, which shows the source of that one alone.
    """
    if answer.urgent:
        return _urgent_card(answer.urgent)
    if answer.passage is None:
        return _not_covered_card(answer)
    passage = answer.passage
    return _card(
        "answered",
        '<p class="mf-kicker">The FAQ’s answer to</p>'
        f'<h2 class="mf-question" dir="auto">{_text(passage.question)}</h2>'
        f'<div class="mf-answer">{answer_html(passage)}</div>'
        f'<p class="mf-match">{_how_sure(answer.confidence)}</p>'
        f'<p class="mf-from">Word for word from {_place(passage.source, link=latest)}</p>',
    )


def trouble_card() -> str:
    """Render that no answer could be worked out, without saying anything of the cause."""
    return _card(
        "trouble",
        f'<h2 class="mf-verdict">No answer right now</h2><p class="mf-reason">{_text(TROUBLE)}</p>',
    )


def disclaimer_html() -> str:
    """Render the fixed medical disclaimer."""
    return f'<p class="mf-disclaimer" lang="en" role="note">{_text(DISCLAIMER)}</p>'


def answer_html(passage: Passage) -> str:
    """Render an answer: lists as lists, its line breaks kept, its key phrases strong."""
    text, phrases = passage.answer, passage.key_phrases
    html, end = "", 0
    for tag, lines in _blocks(text):
        # What stands between two blocks is line breaks; HTML shows none of them there.
        html += text[end : lines[0][0]]
        end = lines[-1][1]
        if tag == "p":
            shown = "<br>\n".join(_strong(text, span, phrases) for span in lines)
            html += f'<p dir="auto">{shown}</p>'
        else:
            items = "\n".join(_item(text, span, phrases) for span in lines)
            html += f"<{tag}>{items}</{tag}>"
    return html + text[end:]


def source_card(passage: Passage, text: SourceText) -> str:
    """Render the lines that an answer comes from, marked, with a few lines around them."""
    source = passage.source
    first = max(source.first_line - _CONTEXT_LINES, 1)
    last = min(source.last_line + _CONTEXT_LINES, len(text.lines))
    return (
        f'<section class="mf-source" id="{SOURCE_ANCHOR}" lang="en" tabindex="0"'
        f' aria-labelledby="{SOURCE_ANCHOR}-title">'
        f'<h2 class="mf-source-title" id="{SOURCE_ANCHOR}-title">Where this answer comes from</h2>'
        f"{_about(source)}"
        f'<ol class="mf-lines" start="{first}">'
        + "".join(
            _source_line(number, text.lines[number - 1], source)
            for number in range(first, last + 1)
        )
        + "</ol></section>"
    )


def _urgent_card(urgent: Urgent) -> str:
    source = f'<p class="mf-from">Based on: {_text(urgent.source)}</p>' if urgent.source else ""
    return _card(
        "urgent",
        '<h2 class="mf-verdict">This may need urgent care</h2>'
        f'<p class="mf-reason">{_text(urgent.notice)}</p>{source}',
    )


def _not_covered_card(answer: Answer) -> str:
    # Without a hit nothing was looked up: the question is empty, too long, or has no words.
    verdict = "No answer in this FAQ" if answer.hits else "No answer to show"
    return _card(
        "not-covered",
        f'<h2 class="mf-verdict">{verdict}</h2>'
        f'<p class="mf-reason">{_text(answer.not_covered or TROUBLE)}</p>',
    )


def _card(kind: str, body: str) -> str:
    return f'<article class="mf-card mf-{kind}" lang="en">{body}{disclaimer_html()}</article>'


def _how_sure(confidence: float) -> str:
    """Say in words how sure it is that the entry answers the question."""
    if confidence >= 0.85:
        band, words = "Close match", "this entry matches your question well."
    elif confidence >= 0.7:
        band, words = "Likely match", "check that the FAQ’s question above is what you meant."
    else:
        band, words = "Possible match", "this may not be what you asked; read it with care."
    return f"<strong>{band}:</strong> {words}"


def _place(source: Source, *, link: bool) -> str:
    lines = (
        f"line {source.first_line}"
        if source.first_line == source.last_line
        else f"lines {source.first_line} to {source.last_line}"
    )
    place = f'<bdi class="mf-file">{_text(source.file)}</bdi>, {lines}'
    return f'<a href="#{SOURCE_ANCHOR}">{place}</a>' if link else place


def _about(source: Source) -> str:
    facts = f'<p class="mf-place">{_place(source, link=False)}</p>'
    if source.title:
        facts += f'<p class="mf-fact" dir="auto">{_text(source.title)}</p>'
    if source.url:
        facts += f'<p class="mf-fact">{_link(source.url)}</p>'
    if source.reviewed_on:
        facts += f'<p class="mf-fact">Last reviewed: <bdi>{_text(source.reviewed_on)}</bdi></p>'
    return facts


def _link(url: str) -> str:
    """Link a web address; show any other, such as `javascript:`, as text."""
    shown = f"<bdi>{_text(url)}</bdi>"
    try:
        web = urlsplit(url).scheme in ("http", "https")
    except ValueError:
        web = False
    if not web:
        return shown
    return f'<a href="{_text(url)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _source_line(number: int, line: str, source: Source) -> str:
    shown = _text(line)
    if source.first_line <= number <= source.last_line:
        shown = f"<mark>{shown}</mark>"
    return f'<li value="{number}"><span dir="auto">{shown}</span></li>'


def _blocks(text: str) -> Iterator[tuple[str, list[Span]]]:
    """Yield runs of lines that belong together, each with its tag; blank lines part them."""
    tag, run = "", list[Span]()
    for start, end in _lines(text):
        line = text[start:end]
        kind = "ul" if _BULLET.match(line) else "ol" if _NUMBER.match(line) else "p"
        if run and (kind != tag or not line.strip()):
            yield tag, run
            run = []
        if line.strip():
            tag = kind
            run.append((start, end))
    if run:
        yield tag, run


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _item(text: str, span: Span, phrases: Sequence[Span]) -> str:
    """Render a list item; its marker stays in the text, and style shows a bullet instead."""
    start, end = span
    line = text[start:end]
    marker = _BULLET.match(line) or _NUMBER.match(line)
    body = start + marker.end() if marker else start
    value = f' value="{int(number[1])}"' if (number := _NUMBER.match(line)) else ""
    return (
        f'<li dir="auto"{value}><span class="mf-marker" aria-hidden="true">'
        f"{_text(text[start:body])}</span>{_strong(text, (body, end), phrases)}</li>"
    )


def _strong(text: str, span: Span, phrases: Sequence[Span]) -> str:
    """Render a part of a text with the phrases in it strong; a phrase may reach beyond it."""
    at, end = span
    html = ""
    for phrase_start, phrase_end in sorted(phrases):
        start, stop = max(phrase_start, at), min(phrase_end, end)
        if start < stop:
            html += f"{_text(text[at:start])}<strong>{_text(text[start:stop])}</strong>"
            at = stop
    return html + _text(text[at:end])


def _text(text: str) -> str:
    """Escape a text; half of a surrogate pair, which UTF-8 cannot carry, becomes U+FFFD."""
    return escape(_SURROGATE.sub("\ufffd", text), quote=True)
