"""The page as one document: it can be read and asked with before any script has run."""

import json
import secrets
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from qa.question import MAX_CHARACTERS
from ui.card import disclaimer_html, question_html, questions_html, trouble_card, turn_html
from ui.faq import Faq, chosen
from ui.settings import Settings
from ui.turn import Turn, take_turn

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
_SAID_BY_SCRIPT = ("suggested_one", "suggested", "copied", "copied_link", "copy_failed", "printed")


def turn_part(turn: Turn, settings: Settings, *, several: bool = False) -> str:
    """Render a turn under a key that no other turn has."""
    return turn_html(turn, settings, key=secrets.token_hex(4), several=several)


def answer_part(faqs: Sequence[Faq], settings: Settings, asked: object) -> str:
    """Answer what the page's script sends, `{"question": …, "faq": …}`, or anything else."""
    sent = asked if isinstance(asked, dict) else {}
    turn = take_turn(chosen(faqs, sent.get("faq")), str(sent.get("question", "")))
    return turn_part(turn, settings, several=len(faqs) > 1)


def document(
    faq: Faq,
    faqs: Sequence[Faq],
    settings: Settings,
    *,
    frontend: str = "",
    turn: Turn | None = None,
) -> str:
    """Return the page of one of the FAQs, with a turn on it where one was asked for.

    `frontend` is the address of the script that the page hands itself over to once it is idle.
    """
    strings = settings.strings
    title = escape(settings.name or strings["name"])
    colours = (
        f":root{{--mf-accent-light:{settings.accent};--mf-accent-dark:{settings.accent_dark}}}"
    )
    said = json.dumps({name: strings[name] for name in _SAID_BY_SCRIPT})
    questions = f"api/questions?{urlencode({'faq': faq.key, 'version': faq.version})}"
    data = {"faq": faq.key, "said": said, "questions": questions, "frontend": frontend}
    return (
        f'<!doctype html><html lang="{settings.language}"><head><meta charset="utf-8">'
        f"<title>{title}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        '<link rel="icon" href="favicon.svg" type="image/svg+xml">'
        f"<style>{colours}{_STYLE}</style></head><body><main>"
        f'<div id="medfaq" class="{"mf-talking" if turn else "mf-start"}"'
        f' lang="{settings.language}"'
        + "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
        + f">{_header(faq, faqs, settings)}"
        f'<div id="mf-talk" role="log" aria-label="{escape(strings["conversation"])}">'
        f"{turn_part(turn, settings, several=len(faqs) > 1) if turn else ''}</div>"
        f"{_form(settings)}"
        f'<section id="mf-examples" class="mf-questions">'
        f"{questions_html(strings['examples'], faq.examples())}</section>"
        f"{_templates(settings)}</div></main><script>{_SCRIPT}</script></body></html>"
    )


def _header(faq: Faq, faqs: Sequence[Faq], settings: Settings) -> str:
    strings = settings.strings
    logo = f'<img class="mf-logo" src="{settings.logo}" alt="">' if settings.logo else ""
    return (
        f"<header>{logo}<div><h1>{escape(settings.name or strings['name'])}</h1>"
        f'<p class="mf-intro">{escape(strings["intro"])}</p></div>'
        f"{_counts(faq, settings) if len(faqs) == 1 else _chooser(faq, faqs, settings)}</header>"
    )


def _counts(faq: Faq, settings: Settings) -> str:
    return f'<p class="mf-counts">{_entries(faq, settings)}</p>'


def _chooser(faq: Faq, faqs: Sequence[Faq], settings: Settings) -> str:
    links = "".join(
        f'<li><a href="?faq={escape(each.key)}"'
        f"{' aria-current=page' if each is faq else ''}>{_entries(each, settings)}</a></li>"
        for each in faqs
    )
    label = escape(settings.strings["choose_faq"])
    return f'<nav class="mf-faqs" aria-label="{label}"><ul>{links}</ul></nav>'


def _entries(faq: Faq, settings: Settings) -> str:
    count = len(faq.passages)
    text = settings.strings["entries_one" if count == 1 else "entries"]
    return f"<bdi>{escape(faq.title)}</bdi> <small>{escape(text.format(count=count))}</small>"


def _form(settings: Settings) -> str:
    strings = settings.strings
    own = strings["disclaimer"]
    translated = f'<p class="mf-disclaimer">{escape(own)}</p>' if own else disclaimer_html()
    return (
        # Sent as it stands where there is no script; in its body, never in the address.
        '<form id="mf-ask" method="post" autocomplete="off">'
        f'<label for="mf-field">{escape(strings["field"])}</label>'
        '<div class="mf-row"><div class="mf-entry">'
        f'<textarea id="mf-field" name="question" rows="1" maxlength="{MAX_CHARACTERS}"'
        f' placeholder="{escape(strings["placeholder"])}" autofocus dir="auto"'
        ' enterkeyhint="send" aria-autocomplete="list" aria-controls="mf-suggestions"></textarea>'
        f'<ul id="mf-suggestions" role="listbox" aria-label="{escape(strings["suggestions"])}"'
        " hidden></ul></div>"
        f'<button type="submit">{escape(strings["ask"])}</button></div>'
        '<p id="mf-status" class="mf-unseen" role="status"></p>'
        f'<div id="mf-footer">{translated}</div></form>'
    )


def _templates(settings: Settings) -> str:
    """Render what the script shows while an answer is on its way, and where none comes."""
    waiting = escape(settings.strings["waiting"])
    return (
        f'<template id="mf-waiting"><section class="mf-turn">{question_html("")}'
        f'<p class="mf-waiting"><span></span>{waiting}</p></section></template>'
        f'<template id="mf-trouble"><section class="mf-turn">{question_html("")}'
        f"{trouble_card(settings)}</section></template>"
    )
