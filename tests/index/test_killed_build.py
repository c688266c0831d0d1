"""A build with the real model, killed at random moments, leaves a bundle that answers."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.read import read_corpus
from index.build import build_bundle
from index.bundle import load_bundle
from index.encoder import Encoder
from qa.answerer import Answerer

pytestmark = pytest.mark.model

MOMENTS = 20
ENTRIES = 60

# The model takes seconds to load, so it is loaded once and every build is a fork of that process.
BUILDER = """
import os, signal, sys, time
from pathlib import Path
from corpus.read import read_corpus
from index.build import build_bundle
from index.encoder import load_encoder

faq, out = Path(sys.argv[1]), Path(sys.argv[2])
encoder = load_encoder()
for line in sys.stdin:
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        build_bundle(read_corpus([faq]), out, encoder)
        os._exit(0)
    if float(line):
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    print(status, time.monotonic() - started, flush=True)
"""


def write_faq(file: Path, answer: str) -> None:
    file.write_text("".join(f"Is remedy {n} good?\n{answer} {n}.\n" for n in range(ENTRIES)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is of systems that fork")
def test_the_old_bundle_answers_whenever_a_build_is_killed(tmp_path: Path, model: Encoder) -> None:
    faq, out = tmp_path / "faq.txt", tmp_path / "bundle"
    write_faq(faq, "Old")
    build_bundle(read_corpus([faq]), out, model)
    write_faq(faq, "New")
    with subprocess.Popen(
        [sys.executable, "-c", BUILDER, faq, out],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as builder:
        assert builder.stdin
        assert builder.stdout

        def build(kill_after: float) -> tuple[int, float]:
            """Build, or be killed after so many seconds; 0 lets it end."""
            assert builder.stdin
            assert builder.stdout
            print(kill_after, file=builder.stdin, flush=True)
            status, seconds = builder.stdout.readline().split()
            return int(status), float(seconds)

        status, duration = build(kill_after=0)
        assert status == 0
        moments = random.Random(20)
        killed, before = 0, "New 7."
        for number in range(MOMENTS):
            write_faq(faq, f"Round {number}")
            status, _ = build(kill_after=moments.uniform(0.01, 0.9) * duration)
            killed += status == signal.SIGKILL
            answer = Answerer(load_bundle(out, model), model).answer("Is remedy 7 good?")
            assert answer.passage is not None
            if status == signal.SIGKILL:
                assert answer.passage.answer in (before, f"Round {number} 7.")
            before = answer.passage.answer
        assert killed >= MOMENTS // 4
        assert build(kill_after=0)[0] == 0
    assert len(list(out.glob("data-*"))) == 1
