"""How fast and how heavy the page is, beside a stock `gr.ChatInterface` of the same bot.

    python benchmarks/page.py [--rounds 5]

Both are served on this machine and visited in turn by the same browser, so their times can be
compared with each other; on another machine, or a busy one, only the ratios mean something.
Usable: from opening the page until Enter in its field is followed by the answer. Answer: from
Enter on a page at rest until the answer is painted. Times in ms, the median of the rounds.
"""

import json
import socket
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.serving import MEDFAQ, served
from tests.e2e.browser import FLAGS, find_chromium

RESULTS = Path(__file__).with_name("results") / "page.json"
QUESTION = "is heat good for my back?"
ANSWER = "heating pad in the area for 15-20 minutes"
PHONE: ViewportSize = {"width": 390, "height": 844}

# What Chromium's own tools call "Slow 4G".
SLOW_4G = {
    "offline": False,
    "latency": 562.5,  # ms
    "downloadThroughput": 180_000,  # bytes/s
    "uploadThroughput": 84_375,
}
SLOW_CPU = 4
REST = {False: 4_000, True: 12_000}
"""Milliseconds after which a page has loaded all it wants, on loopback and on slow 4G."""

STOCK = """
import os, sys
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
from ui.cli import _answerer

answerer = _answerer(None, rerank=True)

def reply(message, history):
    answer = answerer.answer(message)
    return answer.passage.answer if answer.passage else answer.not_covered

gr.ChatInterface(reply, title="Ask the health FAQ").launch(server_port=int(sys.argv[1]))
"""

# From the press of Enter until the frame after the one in which the answer stands there.
WATCH = """answer => {
  window.answerTime = new Promise(done => addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    const start = performance.now();
    const look = () => document.body.innerText.includes(answer)
      ? requestAnimationFrame(() => done(performance.now() - start))
      : requestAnimationFrame(look);
    look();
  }, {capture: true, once: true}));
}"""


@dataclass(frozen=True, slots=True)
class Face:
    """A page to measure: where it is, and how its field is found."""

    url: str
    field: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit took: times in ms, bytes over the wire, headers included."""

    usable: float
    answer: float
    first_bytes: int
    first_requests: int
    repeat_bytes: int
    repeat_requests: int


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def opened(browser: Browser, *, slow: bool) -> Iterator[tuple[Page, list[int]]]:
    """Yield a page with an empty cache, and a list of the bytes of each request it makes."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    session: CDPSession = context.new_cdp_session(page)
    sizes: list[int] = []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    yield page, sizes
    context.close()


def time_until_usable(browser: Browser, face: Face, *, slow: bool) -> float:
    """Ask as early as the field is there, and return when that was; the answer has to come."""
    with opened(browser, slow=slow) as (page, _):
        page.goto(face.url, wait_until="commit")
        field = page.locator(face.field)
        field.fill(QUESTION)
        at = page.evaluate("performance.now()")
        field.press("Enter")
        page.get_by_text(ANSWER).first.wait_for(timeout=20_000)
        return float(at)


def visited(browser: Browser, face: Face, *, slow: bool) -> Visit:
    """Visit a page, ask once all is quiet, and visit it again."""
    usable = time_until_usable(browser, face, slow=slow)
    with opened(browser, slow=slow) as (page, sizes):
        page.goto(face.url)
        page.wait_for_timeout(REST[slow])
        first = list(sizes)
        page.evaluate(WATCH, ANSWER)
        page.locator(face.field).fill(QUESTION)
        page.locator(face.field).press("Enter")
        answer = float(page.evaluate("answerTime"))
        sizes.clear()
        page.goto(face.url)
        page.wait_for_timeout(REST[slow])
        return Visit(usable, answer, sum(first), len(first), sum(sizes), len(sizes))


def median(visits: list[Visit]) -> dict[str, float]:
    """Return the median of each measure."""
    return {
        field.name: round(statistics.median(getattr(visit, field.name) for visit in visits))
        for field in fields(Visit)
    }


def measured(
    browser: Browser, faces: dict[str, Face], rounds: int, *, slow: bool
) -> dict[str, Any]:
    """Visit the faces in turn, so that what else the machine does meets them all alike."""
    visits: dict[str, list[Visit]] = {name: [] for name in faces}
    for _ in range(rounds):
        for name, face in faces.items():
            visits[name].append(visited(browser, face, slow=slow))
    found = {name: median(each) for name, each in visits.items()}
    times = {
        what: round(found["stock"][what] / found["medfaq"][what], 2)
        for what in ("usable", "answer")
    }
    return {**found, "times_faster": times}


def answering(url: str) -> float:
    """Return how long the bot itself takes for the question, without any page, in ms."""
    body = json.dumps({"question": QUESTION}).encode()
    times = []
    for _ in range(20):
        start = time.perf_counter()
        with urllib.request.urlopen(f"{url}/api/ask", body) as response:
            response.read()
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 1)


def main(rounds: Annotated[int, typer.Option(min=1)] = 5) -> None:
    """Measure both pages and write the results."""
    port = free_port()
    stock: list[str | Path] = [sys.executable, "-c", STOCK, str(port)]
    with (
        served([MEDFAQ, "serve", "--port", "0"]) as ours,
        served(stock, r"(http://127\.0\.0\.1:\d+)") as theirs,
        sync_playwright() as player,
    ):
        faces = {"medfaq": Face(ours.url, "#mf-field"), "stock": Face(theirs.url, "textarea")}
        browser = player.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        results = {
            "rounds": rounds,
            "browser": browser.version,
            "the bot itself": answering(ours.url),
            "loopback": measured(browser, faces, rounds, slow=False),
            "slow 4G, CPU 4 times slower": measured(browser, faces, rounds, slow=True),
        }
        browser.close()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    typer.run(main)
