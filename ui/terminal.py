"""Answers and progress as a person reads them on a terminal."""

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from index.encoder import Progress
from qa.answer import Answer


def answer_text(answer: Answer) -> str:
    """Return an answer as plain text; characters that steer a terminal are left out."""
    parts = []
    if answer.urgent:
        parts += ["THIS MAY NEED URGENT CARE", "", answer.urgent.notice, ""]
        parts += [f"Based on: {answer.urgent.source}", ""] if answer.urgent.source else []
        others, heading = answer.hits[:0], ""
    elif answer.passage:
        passage, source = answer.passage, answer.passage.source
        parts += [passage.question, "", passage.answer, ""]
        parts.append(f"Source: {source.file}, lines {source.first_line} to {source.last_line}")
        parts += [f"        {source.url}"] if source.url else []
        parts += [f"Confidence: {answer.confidence:.0%}", ""]
        others = answer.hits[1:4]
        heading = "Related questions:"
    else:
        parts += [answer.not_covered or "", ""]
        others = answer.hits[:3]
        heading = "Closest questions in the FAQ:"
    if others:
        parts += [heading, *(f"  - {hit.passage.question}" for hit in others), ""]
    parts.append(answer.disclaimer)
    return harmless("\n".join(parts))


def harmless(text: str) -> str:
    """Return a text without the characters that steer a terminal."""
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
    )


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """Show how far long work has come, on standard error: a bar on a terminal, else a line."""
    if not sys.stderr.isatty():
        announced = False

        def note(done: int, total: int) -> None:
            nonlocal announced
            if not announced:
                print(f"{what}: {total} texts …", file=sys.stderr, flush=True)
                announced = True
            if done == total:
                print(f"{what}: done", file=sys.stderr, flush=True)

        yield note
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
