"""The web page: a conversation, the source beside it, and questions to click."""

import logging
import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from qa.answer import Answer
from qa.answerer import Answerer
from qa.question import MAX_CHARACTERS
from ui.card import (
    answer_card,
    disclaimer_html,
    question_card,
    source_card,
    trouble_card,
)

# Gradio reads these while it is imported. Without them it looks for a newer version and reports
# its use to its makers, and recomputes statistics about its events after each of them.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000"
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr

TITLE = "Ask the health FAQ"
_INTRO = (
    '<div lang="en" class="mf-intro"><h1>Ask the health FAQ</h1>'
    "<p>You get the entry that answers your question, word for word, with its source.</p></div>"
)
_EXAMPLES_LABEL = "For example"
_RELATED_LABEL = "Related questions"
_CLOSEST_LABEL = "Questions it does cover"
_EXAMPLES = 5
_RELATED = 4
_TURNS = 20
_STYLE = Path(__file__).with_name("style.css")
_HEAD = (
    '<meta name="color-scheme" content="light dark">'
    '<meta name="referrer" content="no-referrer">'
    '<link rel="icon" href="favicon.svg" type="image/svg+xml">'
)
# Gradio's own scrolling shows the end of a long answer; people read from the question on.
_SHOW_NEWEST = """() => {
  requestAnimationFrame(() => setTimeout(() => {
    const asked = [...document.querySelectorAll('.mf-asked')].at(-1);
    if (asked) asked.scrollIntoView({block: 'start'});
  }, 60));
}"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, or None where it could not be worked out."""

    question: str
    answer: Answer | None


def build_page(answerer: Answerer) -> gr.Blocks:
    """Build the page that asks `answerer`."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State((), time_to_live=3600)
        gr.HTML(_INTRO, elem_id="mf-header")
        with gr.Row(elem_id="mf-main"):
            with gr.Column(scale=3, min_width=300, elem_id="mf-talk"):
                chat = _conversation()
                chips = gr.Dataset(
                    components=["textbox"],
                    samples=[[question] for question in example_questions(answerer)],
                    label=_EXAMPLES_LABEL,
                    samples_per_page=_EXAMPLES + _RELATED,
                    elem_id="mf-chips",
                )
            with gr.Column(scale=2, min_width=300, visible=False, elem_id="mf-side") as side:
                source = gr.HTML()
        with gr.Column(elem_id="mf-ask"):
            field = gr.Textbox(
                label="Your question",
                placeholder="Ask in your own words",
                autofocus=True,
                max_lines=4,
                max_length=MAX_CHARACTERS,
                submit_btn="Ask",
                elem_id="mf-field",
            )
            gr.HTML(disclaimer_html(), elem_id="mf-footer")

        shown = [chat, turns, chips, side, source]

        def ask_typed(question: str, past: tuple[Turn, ...]) -> list[Any]:
            if not question.strip():
                return [gr.skip()] * (len(shown) + 1)
            return [*_show(answerer, (*past, take_turn(answerer, question))), ""]

        def ask_chip(past: tuple[Turn, ...], event: gr.SelectData) -> list[Any]:
            question = str(event.value[0])
            return _show(answerer, (*past, take_turn(answerer, question)))

        # Without the queue an answer is two to three times as fast, and one request.
        for event in (
            field.submit(
                ask_typed,
                [field, turns],
                [*shown, field],
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            ),
            chips.select(
                ask_chip,
                [turns],
                shown,
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            ),
        ):
            event.then(None, js=_SHOW_NEWEST, queue=False, api_visibility="private")
    return page


def mount_page(app: FastAPI, page: gr.Blocks) -> None:
    """Mount the page at the root of `app`, with all of Gradio that it does not need turned off."""
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=gr.themes.Base(
            primary_hue="teal",
            neutral_hue="slate",
            font=["system-ui", "sans-serif"],
            font_mono=["ui-monospace", "monospace"],
        ),
        # Gradio's own `css` rewrites selectors, and those in media queries then match nothing.
        head=f"{_HEAD}<style>{_STYLE.read_text(encoding='utf-8')}</style>",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )


def example_questions(answerer: Answerer) -> list[str]:
    """Return a few questions from all over the FAQ."""
    passages = answerer.bundle.passages
    count = min(_EXAMPLES, len(passages))
    return [passages[number * len(passages) // count].question for number in range(count)]


def take_turn(answerer: Answerer, question: str) -> Turn:
    """Answer a question; whatever goes wrong, say so plainly and log nothing that was typed."""
    try:
        return Turn(question, answerer.answer(question))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        _log.error("no answer: %s in %s:%s", type(error).__name__, where.filename, where.lineno)
        return Turn(question, None)


def messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Return a conversation as Gradio's chat messages, all of them escaped HTML."""
    latest = turns[-1] if turns else None
    shown = []
    for turn in turns:
        card = answer_card(turn.answer, latest=turn is latest) if turn.answer else trouble_card()
        shown.append({"role": "user", "content": gr.HTML(question_card(turn.question))})
        shown.append({"role": "assistant", "content": gr.HTML(card)})
    return shown


def _conversation() -> gr.Chatbot:
    return gr.Chatbot(
        label="Questions and answers",
        show_label=False,
        container=False,
        height="auto",
        min_height=0,
        autoscroll=False,
        buttons=[],
        feedback_options=None,
        layout="bubble",
        group_consecutive_messages=False,
        elem_id="mf-chat",
    )


def _show(answerer: Answerer, turns: tuple[Turn, ...]) -> list[Any]:
    """Return what the page shows after a turn: chat, turns, chips, source column, source."""
    turns = turns[-_TURNS:]
    answer = turns[-1].answer
    label, questions = _next_questions(answerer, answer)
    passage = answer.passage if answer else None
    source = source_card(passage, answerer.bundle.files[passage.source.file]) if passage else ""
    return [
        messages(turns),
        turns,
        gr.Dataset(
            samples=[[question] for question in questions], label=label, visible=bool(questions)
        ),
        gr.Column(visible=passage is not None),
        source,
    ]


def _next_questions(answerer: Answerer, answer: Answer | None) -> tuple[str, list[str]]:
    if answer is not None and answer.urgent:
        # Nothing may draw the eye from what to do now.
        return _CLOSEST_LABEL, []
    if answer is None or not answer.hits:
        return _EXAMPLES_LABEL, example_questions(answerer)
    if answer.passage is None:
        return _CLOSEST_LABEL, [hit.passage.question for hit in answer.hits[:_RELATED]]
    others = [hit.passage for hit in answer.hits if hit.passage.id != answer.passage.id]
    return _RELATED_LABEL, [passage.question for passage in others[:_RELATED]]
