"""What the page shows for a question: pure functions from data to escaped text.

Everything that a person typed or that stands in a FAQ is escaped here, once, and nowhere used as
a template. The text inside `.mf-answer` is the answer character for character, list markers
included, so that what a browser shows can be compared with what the owner wrote.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from corpus.passage import Passage, Source, SourceText, Span
from qa.answer import Answer
from qa.disclaimer import DISCLAIMER
from qa.hit import Hit
from qa.urgent import Urgent
from ui.settings import Settings
from ui.turn import Turn

_CONTEXT_LINES = 8
_OTHERS = 4
_BANDS = ((0.85, "close_match", 4), (0.7, "likely_match", 3), (0.0, "possible_match", 2))
"""From which confidence on a match is called what, and how much of the bar is full."""

_BULLET = re.compile(r"\s*[-*•]\s+(?=\S)")
_NUMBER = re.compile(r"\s*(\d{1,9})[.)]\s+(?=\S)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ICONS = {
    "urgent": '<path d="M12 3 2 21h20L12 3z"/><path d="M12 10v5m0 2.5v.5"/>',
    "not_covered": '<circle cx="12" cy="12" r="9.5"/><path d="M7.5 12h9"/>',
    "trouble": '<path d="M4 12a8 8 0 1 1 2.5 5.8M4 19v-5h5"/>',
}


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What is set off in an answer, as spans of it: the owner's phrases, the sentence found."""

    phrases: Sequence[Span] = ()
    sentence: Span | None = None


def turn_html(turn: Turn, settings: Settings, *, key: str, several: bool = False) -> str:
    """Render a question with what became of it, and its source where it has one.

    `key` tells its parts apart from those of other turns; `several` says that there are other
    FAQs, so that the source has to name its own.
    """
    answer, strings = turn.answer, settings.strings
    source = related = ""
    if answer is None:
        card = trouble_card(settings)
    elif answer.urgent:
        # Nothing else may draw the eye from what to do now.
        card = _urgent_card(answer.urgent, settings)
    elif answer.passage is None:
        card = _not_covered_card(answer, settings)
        related = _others_html(strings["closest"], answer.hits)
    else:
        faq = turn.faq.title if several else None
        card = _answer_card(answer, settings, key, faq)
        source = source_card(
            answer.passage, turn.faq.source_text(answer.passage), settings, key=key, faq=faq
        )
        others = [hit for hit in answer.hits if hit.passage.id != answer.passage.id]
        related = _others_html(strings["related"], others)
    return (
        f'<section class="mf-turn" data-key="{key}">{question_html(turn.question)}'
        f"{card}{source}{related}</section>"
    )


def question_html(question: str) -> str:
    """Render what the person asked."""
    return f'<p class="mf-asked" dir="auto" tabindex="-1">{_text(question)}</p>'


def trouble_card(settings: Settings) -> str:
    """Render that no answer could be worked out, without saying anything of the cause."""
    strings = settings.strings
    again = f"<p>{_button('mf-again', strings['try_again'])}</p>"
    return _card(
        "trouble", _verdict("trouble", settings) + _reason(strings["trouble_means"]) + again
    )


def answer_html(passage: Passage, sentence: Span | None = None) -> str:
    """Render an answer: lists as lists, its line breaks kept, its key phrases strong."""
    text, emphasis = passage.answer, Emphasis(passage.key_phrases, sentence)
    html, end = "", 0
    for tag, lines in _blocks(text):
        # What stands between two blocks is line breaks; HTML shows none of them there.
        html += text[end : lines[0][0]]
        end = lines[-1][1]
        if tag == "p":
            shown = "<br>\n".join(_emphasised(text, span, emphasis) for span in lines)
            html += f'<p dir="auto">{shown}</p>'
        else:
            items = "\n".join(_item(text, span, emphasis) for span in lines)
            html += f"<{tag}>{items}</{tag}>"
    return html + text[end:]


def source_card(
    passage: Passage, text: SourceText, settings: Settings, *, key: str, faq: str | None = None
) -> str:
    """Render the lines that an answer comes from, marked, with a few lines around them."""
    source, strings = passage.source, settings.strings
    first = max(source.first_line - _CONTEXT_LINES, 1)
    last = min(source.last_line + _CONTEXT_LINES, len(text.lines))
    lines = "".join(
        _source_line(number, text.lines[number - 1], source) for number in range(first, last + 1)
    )
    stands = "\n".join(text.lines[source.first_line : source.last_line])
    raw = f'<p class="mf-fact">{_text(strings["source_raw"])}</p>'
    return (
        f'<section class="mf-source" id="source-{key}" aria-labelledby="source-{key}-title">'
        f'<h3 id="source-{key}-title" tabindex="-1">{_text(strings["source"])}</h3>'
        f"{_about(source, settings, faq)}"
        f'<div class="mf-scroll" tabindex="0" role="group" aria-labelledby="source-{key}-title">'
        f'<ol class="mf-lines" start="{first}">{lines}</ol></div>'
        f"{'' if stands == passage.answer else raw}"
        f"<p>{_button('mf-close', strings['close_source'])}</p></section>"
    )


def disclaimer_html() -> str:
    """Render the fixed medical disclaimer."""
    return f'<p class="mf-disclaimer" lang="en">{_text(DISCLAIMER)}</p>'


def questions_html(label: str, questions: Sequence[str]) -> str:
    """Render questions to click; each is a button of the form that asks."""
    buttons = "".join(
        f'<li><button form="mf-ask" name="choice" value="{_text(question)}" dir="auto">'
        f"{_text(question)}</button></li>"
        for question in questions
    )
    return f"<p>{_text(label)}</p><ul>{buttons}</ul>"


def _others_html(label: str, hits: Sequence[Hit]) -> str:
    if not hits:
        return ""
    questions = [hit.passage.question for hit in hits[:_OTHERS]]
    return f'<div class="mf-questions">{questions_html(label, questions)}</div>'


def _answer_card(answer: Answer, settings: Settings, key: str, faq: str | None) -> str:
    assert answer.passage is not None  # noqa: S101 - for the type checker
    passage, strings = answer.passage, settings.strings
    sentence = next((h.sentence for h in answer.hits if h.passage.id == passage.id), None)
    place = _place(passage.source, settings, faq)
    citation = "\n".join([passage.question, place_text(passage.source, settings, faq), DISCLAIMER])
    return _card(
        "answered",
        f'<p class="mf-kicker">{_text(strings["answer_to"])}</p>'
        f'<h2 class="mf-question" dir="auto">{_text(passage.question)}</h2>'
        f'<div class="mf-answer">{answer_html(passage, sentence)}</div>'
        f"{_how_sure(answer.confidence, settings, marked=sentence is not None)}"
        f'<p class="mf-from">{_text(strings["word_for_word"])} '
        f'<a class="mf-open" href="#source-{key}">{place}</a></p>'
        f'<p class="mf-tools" data-citation="{_text(citation)}">'
        f"{_button('mf-copy', strings['copy'])}{_button('mf-link', strings['copy_link'])}</p>",
    )


def _urgent_card(urgent: Urgent, settings: Settings) -> str:
    strings = settings.strings
    source = (
        f'<p class="mf-from">{_text(strings["based_on"])} '
        f'<span lang="en">{_text(urgent.source)}</span></p>'
        if urgent.source
        else ""
    )
    return _card(
        "urgent",
        _verdict("urgent", settings)
        + _call(settings)
        + _reason(strings["urgent_means"])
        + f'<p class="mf-reason" lang="en">{_text(urgent.notice)}</p>{source}',
    )


def _call(settings: Settings) -> str:
    """Render whom to call: the owner's number, or else the local one."""
    strings, text = settings.strings, settings.emergency_text
    if settings.number is None:
        return f'<p class="mf-call"><strong>{_text(text or strings["call_local"])}</strong></p>'
    digits = re.sub(r"[^+0-9]", "", settings.number)
    said = _text(strings["call"].format(number=settings.number))
    more = f"<span>{_text(text)}</span>" if text else ""
    return f'<p class="mf-call"><a href="tel:{digits}">{said}</a>{more}</p>'


def _not_covered_card(answer: Answer, settings: Settings) -> str:
    # Without a hit nothing was looked up: the question is empty, too long, or has no words.
    name = "not_covered" if answer.hits else "unreadable"
    # What the API says is English; other languages have their own words for it.
    reason = answer.not_covered if settings.language == "en" else None
    return _card(
        "not-covered",
        _verdict(name, settings) + _reason(reason or settings.strings[f"{name}_means"]),
    )


def _verdict(name: str, settings: Settings) -> str:
    """Render what became of a question, with a sign of its own beside it."""
    icon = _ICONS.get(name, _ICONS["not_covered"])
    return (
        f'<h2 class="mf-verdict"><svg viewBox="0 0 24 24" aria-hidden="true">{icon}</svg>'
        f"{_text(settings.strings[name])}</h2>"
    )


def _reason(text: str) -> str:
    return f'<p class="mf-reason">{_text(text)}</p>' if text else ""


def _button(name: str, label: str) -> str:
    return f'<button type="button" class="{name} mf-quiet">{_text(label)}</button>'


def _card(kind: str, body: str) -> str:
    return f'<article class="mf-card mf-{kind}">{body}{disclaimer_html()}</article>'


def _how_sure(confidence: float, settings: Settings, *, marked: bool) -> str:
    """Say in words how sure it is that the entry answers the question; the number on demand."""
    strings = settings.strings
    band, full = next((band, full) for least, band, full in _BANDS if confidence >= least)
    means = strings["sureness_means" if marked else "sureness_means_short"]
    bar = "".join(f"<i{' class=mf-full' if n < full else ''}></i>" for n in range(4))
    return (
        f'<p class="mf-match"><span class="mf-bar" aria-hidden="true">{bar}</span>'
        f"<strong>{_text(strings[band])}</strong> {_text(strings[f'{band}_means'])}</p>"
        f'<details class="mf-sureness"><summary>{_text(strings["sureness"])}</summary>'
        f"<p>{_text(means.format(percent=round(100 * confidence)))}</p></details>"
    )


def _lines_of(source: Source, settings: Settings) -> str:
    name = "line" if source.first_line == source.last_line else "lines"
    return settings.strings[name].format(first=source.first_line, last=source.last_line)


def _place(source: Source, settings: Settings, faq: str | None) -> str:
    named = f"<bdi>{_text(faq)}</bdi>, " if faq else ""
    return (
        f'{named}<bdi class="mf-file">{_text(source.file)}</bdi>, '
        f"{_text(_lines_of(source, settings))}"
    )


def place_text(source: Source, settings: Settings, faq: str | None = None) -> str:
    """Return where an entry stands, with all that is known of it, as plain text."""
    reviewed = source.reviewed_on and settings.strings["reviewed"].format(date=source.reviewed_on)
    parts = [faq, source.title, source.file, _lines_of(source, settings), reviewed, source.url]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _about(source: Source, settings: Settings, faq: str | None) -> str:
    facts = f'<p class="mf-fact">{_place(source, settings, faq)}</p>'
    if source.title and source.title != faq:
        facts += f'<p class="mf-fact" dir="auto">{_text(source.title)}</p>'
    if source.url:
        facts += f'<p class="mf-fact">{_link(source.url)}</p>'
    if source.reviewed_on:
        reviewed = settings.strings["reviewed"].format(date=source.reviewed_on)
        facts += f'<p class="mf-fact">{_text(reviewed)}</p>'
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


def _item(text: str, span: Span, emphasis: Emphasis) -> str:
    """Render a list item; its marker stays in the text, and style shows a bullet instead."""
    start, end = span
    line = text[start:end]
    marker = _BULLET.match(line) or _NUMBER.match(line)
    body = start + marker.end() if marker else start
    value = f' value="{int(number[1])}"' if (number := _NUMBER.match(line)) else ""
    return (
        f'<li dir="auto"{value}><span class="mf-marker" aria-hidden="true">'
        f"{_text(text[start:body])}</span>{_emphasised(text, (body, end), emphasis)}</li>"
    )


def _emphasised(text: str, span: Span, emphasis: Emphasis) -> str:
    """Render a part of a text; what is set off in it may reach beyond it."""
    start, end = span
    first, last = emphasis.sentence or (end, end)
    first = min(max(first, start), end)
    last = min(max(last, first), end)
    before, sentence, after = (
        _strong(text, part, emphasis.phrases)
        for part in ((start, first), (first, last), (last, end))
    )
    return before + (f"<mark>{sentence}</mark>" if sentence else "") + after


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
