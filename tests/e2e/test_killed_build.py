"""A build with the real model, killed at any moment, leaves a bundle that answers."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.bundle import load_bundle
from index.encoder import Encoder
from qa.answerer import Answerer

pytestmark = pytest.mark.e2e

MOMENTS = 20
ENTRIES = 150


def write_faq(file: Path, answer: str) -> None:
    file.write_text("".join(f"Is remedy {n} good?\n{answer} {n}.\n" for n in range(ENTRIES)))


def test_the_old_bundle_answers_whenever_a_build_is_killed(tmp_path: Path, model: Encoder) -> None:
    faq, out = tmp_path / "faq.txt", tmp_path / "bundle"
    command = [Path(sys.executable).with_name("medfaq"), "index", faq, "--out", out]
    write_faq(faq, "Old")
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    duration = time.monotonic() - started
    write_faq(faq, "New")
    moments = random.Random(20)
    for _ in range(MOMENTS):
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as build:
            # The second half of the time is where the build itself is at work.
            time.sleep(moments.uniform(0.4, 1.0) * duration)
            build.send_signal(signal.SIGKILL)
        answer = Answerer(load_bundle(out, model), model).answer("Is remedy 7 good?")
        assert answer.passage is not None
        assert answer.passage.answer in ("Old 7.", "New 7.")
        if answer.passage.answer == "New 7.":
            # This build was done before its moment came: the next one works the other way.
            write_faq(faq, "Old")
            subprocess.run(command, check=True, capture_output=True)
            write_faq(faq, "New")
    assert subprocess.run(command, check=True, capture_output=True).returncode == 0
    assert len(list(out.glob("data-*"))) == 1
