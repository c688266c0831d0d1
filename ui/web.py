"""Gradio's part of the page: the event that asks, and the component that holds the page."""

import os
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from ui.faq import Faq
from ui.page import answer_part
from ui.settings import Settings

# Gradio reads these while it is imported. Without them it looks for a newer version and reports
# its use to its makers, and recomputes statistics about its events after each of them.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000"
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
from gradio.events import api


async def gradio_app(faqs: Sequence[Faq], settings: Settings) -> FastAPI:
    """Return all of Gradio that the page needs, as an application.

    A coroutine, since without a running event loop Gradio makes some that it never closes.
    """
    # No site may read what it says; Gradio leaves that to an application with this middleware.
    app = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=())])
    _mount(app, _blocks(faqs, settings))
    return app


def _blocks(faqs: Sequence[Faq], settings: Settings) -> gr.Blocks:
    """Build the Blocks that the page asks, and that take it over once they are loaded.

    The document that the server sends can be used at once; loading Gradio takes longer. So its
    component comes empty and the living page moves into it.
    """

    # One input, since Gradio writes those it gets to the log where there are too few of them.
    def ask(asked: dict[str, str]) -> str:
        return answer_part(faqs, settings, asked)

    page = gr.Blocks(analytics_enabled=False, fill_width=True)
    with page:
        gr.HTML(js_on_load="window.medfaq?.takeOver(element)", apply_default_css=False)
        # Without the queue an answer is two to three times as fast, and one request.
        api(ask, api_name="ask", queue=False, api_visibility="undocumented")
    return page


def _mount(app: FastAPI, page: gr.Blocks) -> None:
    """Mount the Blocks in `app`, with all of Gradio that they do not need turned off."""
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=gr.themes.Base(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )
