"""`medfaq serve` in a process of its own, from its start to Ctrl-C."""

import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_START_SECONDS = 300  # the first start builds the bundle of the default FAQ


@contextmanager
def running(
    medfaq: Path, *arguments: str | Path, environment: Mapping[str, str], folder: Path
) -> Iterator[str]:
    """Serve in `folder` at a free port; yield the address. Errors go to `errors.txt` there."""
    errors_file = folder / "errors.txt"
    with errors_file.open("wb") as errors:
        process = subprocess.Popen(
            [medfaq, "serve", "--port", "0", *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield _ready_url(process, errors_file)
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
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
