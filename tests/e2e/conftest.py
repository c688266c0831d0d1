"""The installed command, serving, and a real browser that looks at it."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.e2e.browser import FLAGS, find_chromium

_WATCH = Path(__file__).parent / "network_watch"
_START_SECONDS = 300  # the first start builds the bundle of the default FAQ
_VIEWPORTS = {"desktop": (1280, 800), "phone": (390, 844)}


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, the outside addresses that it went to, and what it wrote as errors."""

    url: str
    outside: Path
    errors: Path


@dataclass(slots=True)
class Visit:
    """The page, open in the browser, and what it has asked the network for."""

    page: Page
    requests: list[str] = field(default_factory=list)

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Your question")

    def ask(self, question: str) -> Locator:
        """Type a question, press Enter and return the new card."""
        cards = self.page.locator(".mf-card")
        before = cards.count()
        self.field.fill(question)
        self.field.press("Enter")
        cards.nth(before).wait_for()
        return cards.nth(before)


def watched_environment(log: Path, home: Path) -> dict[str, str]:
    """Return an environment in which a Python process notes its outside connections."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "NETWORK_WATCH": str(log),
        "PYTHONPATH": str(_WATCH),
    }


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("home")) as served:
        yield served


@contextmanager
def serving(home: Path) -> Iterator[Served]:
    """Run the installed command in a home of its own, from its first start to Ctrl-C."""
    log, errors_file = home / "outside.txt", home / "errors.txt"
    log.touch()
    with errors_file.open("wb") as errors:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "medfaq", "serve", "--port", "0"],
            cwd=home,
            env=watched_environment(log, home),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield Served(_ready_url(process, errors_file), log, errors_file)
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    # Ctrl-C is how it is meant to end, even while a page is still open.
    assert (process.returncode, output) == (0, "")


def _ready_url(process: "subprocess.Popen[str]", errors: Path) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline()
            if match := re.match(r"medfaq is ready: (http://\S+)", line):
                return match[1]
            if not line:
                break
    pytest.fail(f"the server did not start: {errors.read_text()}", pytrace=False)


# While it is open Playwright keeps an event loop running, which other tests cannot share.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=_VIEWPORTS)
def visit(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Visit]:
    width, height = _VIEWPORTS[request.param]
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        visit = Visit(context.new_page())
        context.on("request", lambda sent: visit.requests.append(sent.url))
        visit.page.goto(served.url)
        visit.field.wait_for()
        yield visit
