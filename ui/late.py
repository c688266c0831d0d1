"""An application that takes long to load: it loads beside the server, and requests wait for it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guard import error_response

_log = logging.getLogger(__name__)


class LateApp:
    """Stands for an application until that is loaded, and for good where it cannot be."""

    def __init__(self, name: str, load: Callable[[], FastAPI], meanwhile: Mapping[str, ASGIApp]):
        """Take what loads it, in a thread of its own.

        `meanwhile` are the paths that need not wait, with what answers at them while the
        application is not there. A person knows it by `name`.
        """
        self._name = name
        self._load = load
        self._meanwhile = meanwhile
        self._app: FastAPI | None = None
        self._settled = asyncio.Event()

    @property
    def hopeless(self) -> bool:
        """Whether it could not be loaded, so that nothing is to be had from it."""
        return self._settled.is_set() and self._app is None

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[None]:
        """Load it meanwhile, start it up, and shut it down in the end."""
        end = asyncio.Event()
        running = asyncio.create_task(self._run(end))
        yield
        end.set()
        await running

    async def _run(self, end: asyncio.Event) -> None:
        try:
            app = await asyncio.to_thread(self._load)
            async with app.router.lifespan_context(app):
                self._app = app
                self._settled.set()
                await end.wait()
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())
            _log.warning("%s cannot be loaded, so the page does without (%s)", self._name, why)
        finally:
            self._settled.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once there is something to answer it with."""
        app = self._app or self._meanwhile.get(scope["path"])
        if app is None:
            await self._settled.wait()
            app = self._app or error_response(HTTPStatus.NOT_FOUND, "There is nothing here.")
        await app(scope, receive, send)
