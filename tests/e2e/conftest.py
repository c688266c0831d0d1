"""The installed command, serving, and a real browser that looks at it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.e2e.browser import FLAGS, find_chromium
from tests.serving import running

_WATCH = Path(__file__).parent / "network_watch"
_HOSTILE = "hostile.jsonl"
_OWN_SETTINGS = """
[page]
name = "Clinique <du Lac>"
accent = "#1a4fa0"
language = "fr"

[emergency]
number = "15"
text = "Ou le 112, partout en Europe."

[titles]
clinic = "After your operation"
"""
_CLINIC = """# After your operation

## When can I drive again?

When you can brake hard **without pain**, and not in the first two weeks.

## May I shower?

Yes, from the second day. Leave the plaster on.
"""
_HOSTILE_FAQ = json.dumps(
    {
        "question": "What about <b>x</b> & ${window.hurt=1}?",
        "answer": "x<y && ${window.hurt=1} {{7*7}} $$a_b$$ _em_ <script>window.hurt=1</script>\n"
        "- item *one*\n- \u202ertl\u202c \u2067שלום\u2069 `c`",
        "source": "Hostile <i>notes</i>",
        "url": "javascript:alert(1)",
    }
)
DESKTOP, PHONE = (1280, 800), (390, 844)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, the outside addresses that it went to, and what it wrote as errors."""

    url: str
    outside: Path
    errors: Path
    hostile: Path


@dataclass(slots=True)
class Visit:
    """The page, open in the browser, and what it has asked the network for."""

    page: Page
    requests: list[str] = field(default_factory=list)

    @property
    def field(self) -> Locator:
        return self.page.locator("#mf-field")

    @property
    def gradio(self) -> Locator:
        """The page, once Gradio holds it."""
        return self.page.locator("gradio-app #medfaq")

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
        "PYTHONPATH": os.pathsep.join([str(_WATCH), os.environ.get("PYTHONPATH", "")]),
    }


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("home")) as served:
        yield served


@pytest.fixture(scope="session")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of an owner with settings and several FAQs."""
    home = tmp_path_factory.mktemp("owner")
    arguments: list[str | Path] = ["--config", home / "medfaq.toml"]
    (home / "medfaq.toml").write_text(_OWN_SETTINGS, encoding="utf-8")
    for name, text in (("clinic.md", _CLINIC), (_HOSTILE, _HOSTILE_FAQ)):
        (home / name).write_text(text, encoding="utf-8")
        bundle = home / Path(name).stem
        medfaq = Path(sys.executable).parent / "medfaq"
        command: list[str | Path] = [medfaq, "index", home / name, "--out", bundle]
        subprocess.run(command, check=True, capture_output=True)
        arguments += ["--index", bundle]
    with serving(home, *arguments) as served:
        yield served


@contextmanager
def serving(home: Path, *arguments: str | Path) -> Iterator[Served]:
    """Run the installed command in a home of its own, from its first start to Ctrl-C."""
    log = home / "outside.txt"
    log.touch()
    environment = watched_environment(log, home)
    medfaq = Path(sys.executable).parent / "medfaq"
    with running(medfaq, *arguments, environment=environment, folder=home) as url:
        yield Served(url, log, home / "errors.txt", home / _HOSTILE)


# While it is open Playwright keeps an event loop running, which other tests cannot share.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def visit(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Visit]:
    with opened(browser, served, request.param) as visit:
        yield visit


@contextmanager
def opened(
    browser: Browser, served: Served, size: tuple[int, int], *, scheme: str = "light"
) -> Iterator[Visit]:
    """Open the page in a window of its own; nothing may go wrong in it."""
    width, height = size
    dark = scheme == "dark"
    with browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    ) as context:
        visit = Visit(context.new_page())
        failures: list[str] = []
        context.on("request", lambda sent: visit.requests.append(sent.url))
        context.on("weberror", lambda raised: failures.append(str(raised.error)))
        visit.page.goto(served.url)
        visit.field.wait_for()
        yield visit
        assert failures == []
