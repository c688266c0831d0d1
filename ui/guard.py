"""What stands between the network and the application: limits, closed doors, headers.

Plain ASGI, so that streams pass through untouched.
"""

import json
import logging
import re
import traceback
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.disclaimer import DISCLAIMER

BODY_LIMIT = 64 * 1024

# Gradio's script compiles expressions and its page carries inline scripts and styles.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# As they are sent: they go with every response, so each is written out once.
_SECURITY_HEADERS = [
    (name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()
]
_KEPT = b"cache-control"
_OURS = {_KEPT, *dict(_SECURITY_HEADERS)}
_PRIVATE = "no-store"
_CACHE_CONTROL = (
    # Their addresses carry a hash of their content, so a browser need never ask for them again.
    (
        re.compile(r"/assets/[^/]+-[\w-]{8}\.\w+|/api/questions"),
        "public, max-age=31536000, immutable",
    ),
    (re.compile(r"/assets/.*|/static/.*|/theme\.css|/favicon\..*"), "public, max-age=3600"),
)
# All that the page asks for. Gradio has many more paths: uploads, files, monitoring, a proxy.
_OPEN_PATHS = re.compile(
    r"/|/api/.*|/favicon\.(?:ico|svg)|/robots\.txt|/theme\.css|/config|/assets/[\w.-]+"
    r"|/gradio_api/(?:info|startup-events|heartbeat/[\w-]+|run/ask)"
)

_log = logging.getLogger(__name__)


def error_response(status: int, error: str) -> Response:
    """Return an error that a program can read and a person can understand."""
    body = json.dumps({"error": error, "disclaimer": DISCLAIMER})
    return Response(body, status, media_type="application/json")


def failure_response() -> Response:
    """Return what a person sees where the application failed: nothing of the cause."""
    return error_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side. Please try again in a moment.",
    )


class SafeErrors:
    """Answer with one sentence where the application fails; log nothing that was sent."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("%s in %s:%s", type(error).__name__, where.filename, where.lineno)
            if scope["type"] == "http" and not started:
                await failure_response()(scope, receive, send)


class ResponseHeaders:
    """Set the security headers and say how long a response may be kept."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = _cache_control(message["status"], scope["path"]).encode()
                message["headers"] = [
                    *(each for each in message.get("headers", ()) if each[0] not in _OURS),
                    *_SECURITY_HEADERS,
                    (_KEPT, kept),
                ]
            await send(message)

        await self._app(scope, receive, with_headers)


def _cache_control(status: int, path: str) -> str:
    """Say how long a response may be kept: not at all, where it may hold what a person asked."""
    if status != HTTPStatus.OK:
        return _PRIVATE
    return next((kept for paths, kept in _CACHE_CONTROL if paths.fullmatch(path)), _PRIVATE)


class OpenPathsOnly:
    """Answer 404 for every path that neither the page nor the API needs."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["type"] == "http" and not _OPEN_PATHS.fullmatch(scope["path"]):
            response = error_response(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class BodyLimit:
    """Refuse bodies over `BODY_LIMIT` bytes, whether or not they say their length."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        body = None
        if not declared.isdecimal() or int(declared) <= BODY_LIMIT:
            body = await _read_body(receive)
        if body is None:
            response = error_response(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"This is more than {BODY_LIMIT // 1024} KB. Please ask in a few sentences.",
            )
            await response(scope, receive, send)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)


async def _read_body(receive: Receive) -> bytes | None:
    """Return the body of a request, or None once it is over the limit."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":  # the client went away
            return body
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return body
