"""The server: the API, the page, and what protects both."""

import asyncio
import errno
import json
import logging
import socket
import sys
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs

import brotli
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import request_response
from starlette.types import ASGIApp

from corpus.errors import MedfaqError
from ui.batching import Batcher, BusyError
from ui.compressed import CompressedFiles, frontend_folder, frontend_script
from ui.faq import Faq, chosen
from ui.guard import (
    BodyLimit,
    OpenPathsOnly,
    ResponseHeaders,
    SafeErrors,
    error_response,
    failure_response,
)
from ui.late import LateApp
from ui.page import answer_part, document
from ui.settings import Settings
from ui.turn import take_turn

_FAVICON = Path(__file__).with_name("favicon.svg")
_EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104
_HIGHEST_PORT = 65_535
_ASK = "/gradio_api/run/ask"
_HOW_TO_ASK = 'send {"question": "…"} as JSON'


class ServeError(MedfaqError):
    """The address cannot be served at."""


class RequestError(MedfaqError):
    """A request is not what the API takes."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def create_app(
    faqs: Sequence[Faq],
    settings: Settings | None = None,
    *,
    host: str = "127.0.0.1",
    cache: Path | None = None,
) -> FastAPI:
    """Return the application: the page at `/`, the API below `/api/`.

    `host` is the name or address it is served at; requests for other names are refused, so that
    a foreign page cannot reach it by giving its own name this machine's address. `cache` is a
    folder to keep compressed files in.

    Gradio takes seconds to import. That begins when the application starts, and everything that
    does not need it is answered meanwhile.
    """
    settings = settings or Settings()
    gradio = LateApp(
        "Gradio", lambda: load_gradio(faqs, settings), {_ASK: _asked_early(faqs, settings)}
    )

    app = FastAPI(
        title="medfaq",
        lifespan=lambda _: gradio.loading(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[
            Middleware(ResponseHeaders),
            Middleware(SafeErrors),
            Middleware(TrustedHostMiddleware, allowed_hosts=_allowed_hosts(host)),
            Middleware(OpenPathsOnly),
            Middleware(CORSMiddleware, allow_origins=()),
            Middleware(BodyLimit),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
        ],
    )

    @app.get("/favicon.ico")
    @app.get("/favicon.svg")
    async def favicon() -> FileResponse:
        return FileResponse(_FAVICON, media_type="image/svg+xml")

    # Mounted before Gradio, which would take every request that no route above it takes whole.
    _add_page(app, faqs, settings, gradio)
    app.mount("/api", _api(faqs))
    if cache is not None and (folder := frontend_folder()):
        app.mount(
            "/assets", CompressedFiles(folder / "assets", cache / f"gradio-{version('gradio')}")
        )
    app.mount("/", gradio)
    return app


def load_gradio(faqs: Sequence[Faq], settings: Settings) -> FastAPI:
    """Import Gradio and return its part of the page; takes seconds."""
    from ui.web import gradio_app

    return asyncio.run(gradio_app(faqs, settings))


def _asked_early(faqs: Sequence[Faq], settings: Settings) -> ASGIApp:
    """Return what answers the page's script as Gradio would, while that is not there."""

    async def answer(request: Request) -> Response:
        try:
            (asked,) = json.loads(await request.body())["data"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return error_response(HTTPStatus.UNPROCESSABLE_ENTITY, "This is no question.")
        part = await run_in_threadpool(answer_part, faqs, settings, asked)
        return Response(json.dumps({"data": [part]}), media_type="application/json")

    return request_response(answer)


def _add_page(app: FastAPI, faqs: Sequence[Faq], settings: Settings, gradio: LateApp) -> None:
    script = frontend_script()

    def frontend() -> str:
        return "" if gradio.hopeless else script

    # Without a question the page is the same for all.
    @cache
    def plain(faq: Faq, frontend: str) -> bytes:
        return document(faq, faqs, settings, frontend=frontend).encode()

    def answered(faq: Faq, question: str) -> HTMLResponse:
        turn = take_turn(faq, question)
        return HTMLResponse(document(faq, faqs, settings, frontend=frontend(), turn=turn))

    @app.get("/")
    async def show(request: Request) -> Response:
        faq = chosen(faqs, request.query_params.get("faq"))
        if question := request.query_params.get("q", "").strip():
            return await run_in_threadpool(answered, faq, question)
        return await _compressed(request, plain(faq, frontend()), "text/html")

    @app.post("/")
    async def ask_without_a_script(request: Request) -> Response:
        sent = parse_qs((await request.body()).decode(errors="replace"))
        faq = chosen(faqs, request.query_params.get("faq"))
        question = (sent.get("choice") or sent.get("question") or [""])[0].strip()
        if not question:
            return HTMLResponse(plain(faq, frontend()))
        return await run_in_threadpool(answered, faq, question)


@cache
def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=11))


async def _compressed(request: Request, data: bytes, kind: str) -> Response:
    """Return what is the same for every visit, compressed once and as well as can be."""
    if "br" not in request.headers.get("accept-encoding", ""):
        return Response(data, media_type=kind)
    headers = {"Content-Encoding": "br", "Vary": "Accept-Encoding"}
    return Response(await run_in_threadpool(_brotli, data), media_type=kind, headers=headers)


def _api(faqs: Sequence[Faq]) -> FastAPI:
    api = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={
            HTTPException: _http_error,
            RequestError: _request_error,
            BusyError: _busy,
            Exception: _failure,
        },
    )

    batchers = {faq.key: Batcher(faq.answerer) for faq in faqs}

    @api.post("/ask")
    async def ask(request: Request) -> Response:
        question, key = _question_in(await request.body())
        if key and key not in batchers:
            raise RequestError(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"No such FAQ; choose of {', '.join(batchers)}."
            )
        answer = await batchers[key or faqs[0].key].answer(question)
        # ASCII, because a question may hold half of a surrogate pair, which UTF-8 cannot carry.
        return Response(json.dumps(answer.to_json()), media_type="application/json")

    @api.get("/questions")
    async def questions(request: Request) -> Response:
        faq = chosen(faqs, request.query_params.get("faq"))
        return await _compressed(request, faq.searchable_questions, "application/json")

    @api.get("/health")
    async def health() -> JSONResponse:
        return JSONResponse({"status": "ok", "entries": sum(len(faq.passages) for faq in faqs)})

    return api


def serve(
    faqs: Sequence[Faq],
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    settings: Settings | None = None,
    cache: Path | None = None,
) -> None:
    """Serve until interrupted; port 0 takes any free one. Say the address once it listens.

    Raises:
        ServeError: the address cannot be listened at.
    """
    with _listen(host, port) as listener:
        config = uvicorn.Config(
            create_app(faqs, settings, host=host, cache=cache),
            # uvicorn's own log would hold tracebacks, and they what a person typed.
            access_log=False,
            log_level=logging.CRITICAL,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        try:
            _Server(config, _address(host, listener)).run(sockets=[listener])
        except KeyboardInterrupt:
            return


class _Server(uvicorn.Server):
    """Says where it is once it listens."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            sys.stdout.write(f"medfaq is ready: {self._address}\n")
            sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    where = f"{_bracketed(host)}:{port}"
    if not 0 <= port <= _HIGHEST_PORT:
        raise ServeError(f"{where}: no such port; choose one from 0 to {_HIGHEST_PORT}")
    try:
        host.encode("idna")  # so that a name that cannot be one is said before a socket is open
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, backlog=2048, dualstack_ipv6=both)
    except (OSError, UnicodeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        if number == errno.EADDRINUSE:
            reason = "the port is in use; choose another with --port"
        elif number == errno.EACCES:
            reason = "the port needs more rights; choose one above 1023 with --port"
        else:
            reason = "not an address of this machine; choose another with --host"
        raise ServeError(f"{where}: {reason}") from error


def _address(host: str, listener: socket.socket) -> str:
    shown = "127.0.0.1" if host in _EVERY_ADDRESS else _bracketed(host)
    return f"http://{shown}:{listener.getsockname()[1]}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _allowed_hosts(host: str) -> list[str]:
    if host in _EVERY_ADDRESS:  # whoever serves to the network is known there by any name
        return ["*"]
    return ["localhost", "127.0.0.1", "[::1]", _bracketed(host)]


def _question_in(body: bytes) -> tuple[str, str | None]:
    """Return the question of a request, and the key of the FAQ it is put to, where it names one."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, f"Not JSON; {_HOW_TO_ASK}.") from error
    question = request.get("question") if isinstance(request, dict) else None
    if not isinstance(question, str):
        raise RequestError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"No question as text in it; {_HOW_TO_ASK}."
        )
    key = request.get("faq")
    return question, key if key is None else str(key)


async def _failure(_request: Request, _error: Exception) -> Response:
    return failure_response()


async def _request_error(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, RequestError) else HTTPStatus.BAD_REQUEST
    return error_response(status, str(error))


async def _busy(_: Request, error: Exception) -> Response:
    response = error_response(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    response.headers["Retry-After"] = "2"
    return response


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    return error_response(status, f"{HTTPStatus(status).phrase}.")
