"""An application that is loaded beside the server; here one that a test holds back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from ui.late import LateApp


class Held:
    """Loads an application once it is told to; knows whether that was started and stopped."""

    def __init__(self, error: Exception | None = None) -> None:
        self.go_on = threading.Event()
        self.happened: list[str] = []
        self._error = error

    def load(self) -> FastAPI:
        assert self.go_on.wait(30)
        if self._error:
            raise self._error
        app = FastAPI(lifespan=self._lifespan)
        for path in ("/early", "/late"):
            app.add_api_route(path, lambda: PlainTextResponse("late"))
        return app

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        self.happened.append("started")
        yield
        self.happened.append("stopped")


Talk = Callable[[httpx.AsyncClient], Awaitable[None]]


def run(held: Held, talk: Talk) -> LateApp:
    """Talk to an application that is being loaded, and stop it."""

    async def both() -> LateApp:
        late = LateApp("It", held.load, {"/early": PlainTextResponse("early")})
        transport = httpx.ASGITransport(late)
        async with (
            late.loading(),
            httpx.AsyncClient(transport=transport, base_url="http://x") as client,
        ):
            try:
                await talk(client)
            finally:
                held.go_on.set()
        return late

    return asyncio.run(both())


def test_a_path_with_something_to_answer_meanwhile_does_not_wait() -> None:
    async def talk(client: httpx.AsyncClient) -> None:
        assert (await client.get("/early")).text == "early"

    run(Held(), talk)


def test_what_is_asked_early_waits_and_is_answered() -> None:
    held = Held()

    async def talk(client: httpx.AsyncClient) -> None:
        asked = asyncio.create_task(client.get("/late"))
        assert (await client.get("/early")).text == "early"
        assert not asked.done()
        held.go_on.set()
        assert (await asked).text == "late"
        assert (await client.get("/early")).text == "late"

    assert not run(held, talk).hopeless


def test_it_is_started_before_it_answers_and_stopped_in_the_end() -> None:
    held = Held()

    async def talk(client: httpx.AsyncClient) -> None:
        held.go_on.set()
        await client.get("/late")
        assert held.happened == ["started"]

    run(held, talk)
    assert held.happened == ["started", "stopped"]


def test_where_it_cannot_be_loaded_one_line_says_so_and_nobody_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = Held(ImportError("no\nsuch module"))

    async def talk(client: httpx.AsyncClient) -> None:
        held.go_on.set()
        assert (await client.get("/late")).status_code == 404
        assert (await client.get("/early")).text == "early"

    assert run(held, talk).hopeless
    assert caplog.messages == [
        "It cannot be loaded, so the page does without (ImportError: no such module)"
    ]
