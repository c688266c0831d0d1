"""Measure speed beside what a user would pick instead, in turns in one run.

    python benchmarks/speed.py                                  all of it, which takes an hour
    python benchmarks/speed.py --sizes 16,1000 --vectors 0      the quickest parts alone
    python benchmarks/speed.py --quick                          little, to see that it works

The bots are in `benchmarks/bots.py`, all with the same model. They are asked the same questions in
turns, so what else the machine does meets them all alike: on a busy one the ratios mean
something, the times do not. The alternatives need
`pip install -c constraints.txt -r benchmarks/requirements.txt`.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import dense, generated
from benchmarks.bots import BOTS, Ask, Entry
from benchmarks.footprint import folder_mb, installed_mb
from benchmarks.sets import ROOT
from benchmarks.speed_plot import scaling_svg
from index.encoder import default_folder, load_encoder

RESULTS = ROOT / "benchmarks" / "results"
SIZES = "16,1000,20000"
VECTORS = 1_000_000
OURS, WITHOUT_READING, USUAL = "medfaq", "medfaq --no-rerank", "usual bot"
COLD = "is heat good for my back?"

_IN_TURN = 10
_PAUSE = 0.3

Numbers = dict[str, Any]


def main(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Little of everything.")] = False,
    sizes: Annotated[str, typer.Option(help="Passages, with commas.")] = SIZES,
    vectors: Annotated[int, typer.Option(help="To search alone; 0 for none.", min=0)] = VECTORS,
    out: Annotated[Path, typer.Option(help="Where the results are written.")] = RESULTS,
) -> None:
    """Print the results as JSON, and write them with a plot."""
    asked, rounds = (5, 1) if quick else (200, 7)
    sizes, vectors = ("16,60", 2_000) if quick else (sizes, vectors)
    bots = [name for name in BOTS if _is_installed(name)]
    by_size = {
        size: _measure(size, bots, generated.questions(asked), rounds)
        for size in map(int, sizes.split(","))
    }
    results = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "not measured, not installed": [name for name in BOTS if name not in bots],
        "passages": by_size,
        "exponent of p50 with passages": {
            name: _exponent({size: found[name]["p50_ms"] for size, found in by_size.items()})
            for name in bots
        },
        "texts a second": _rates(asked * 10),
        "installed_mb": {name: installed_mb(BOTS[name].requires) for name in bots},
        "dense search alone": dense.measure(vectors) if vectors else None,
    }
    out.mkdir(exist_ok=True)
    (out / "speed.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    p50 = {name: {size: found[name]["p50_ms"] for size, found in by_size.items()} for name in bots}
    (out / "speed.svg").write_text(scaling_svg(p50), encoding="utf-8")
    print(json.dumps(results, indent=1))


def _is_installed(name: str) -> bool:
    return installed_mb(BOTS[name].requires) is not None


def _measure(size: int, bots: Sequence[str], questions: Sequence[str], rounds: int) -> Numbers:
    """Build every bot for so many passages, and ask them in turns."""
    entries, real = generated.entries(size)
    with tempfile.TemporaryDirectory() as name:
        folders = {bot: Path(name, bot.replace(" ", "-")) for bot in bots}
        found: Numbers = {bot: _built(bot, entries, folders[bot]) for bot in bots}
        for bot, measures in _cold(folders, rounds).items():
            found[bot] |= measures
        asks = {bot: BOTS[bot].load(folders[bot]) for bot in bots}
        for bot, measures in _warm(asks, questions).items():
            found[bot] |= measures
    faster = {
        ours: {
            what: round(found[USUAL][what] / found[ours][what], 2) for what in ("cold_s", "p50_ms")
        }
        for ours in (OURS, WITHOUT_READING)
        if USUAL in found
    }
    return {"of real texts": real, **found, "faster than the usual bot": faster}


def _built(bot: str, entries: Sequence[Entry], folder: Path) -> Numbers:
    folder.mkdir()
    started = time.perf_counter()
    BOTS[bot].build(entries, folder)
    return {"build_s": round(time.perf_counter() - started, 2), "folder_mb": folder_mb(folder)}


def _cold(folders: Mapping[str, Path], rounds: int) -> dict[str, Numbers]:
    """Measure fresh processes, from their start to the end of the printed answer."""
    taken: dict[str, list[float]] = {bot: [] for bot in folders}
    memory: dict[str, float] = {}
    for _ in range(rounds):
        for bot, folder in folders.items():
            seconds, memory[bot] = _run(_command(bot, folder))
            taken[bot].append(seconds)
    return {
        bot: {
            "cold_s": round(statistics.median(each), 3),
            "cold_peak_mb": round(memory[bot]),
        }
        for bot, each in taken.items()
    }


def _command(bot: str, folder: Path) -> list[str | Path]:
    if bot in (OURS, WITHOUT_READING):
        program, *options = bot.split()
        return [Path(sys.executable).parent / program, "ask", COLD, "--index", folder, *options]
    return [sys.executable, ROOT / "benchmarks" / "bots.py", bot, folder, COLD]


_TIMED = """
import resource, subprocess, sys, time
started = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def _run(command: Sequence[str | Path]) -> tuple[float, float]:
    """Return the seconds that a process took, and its peak memory in MB.

    A small process starts it: Linux counts what its parent held as a process's own peak.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    small = [sys.executable, "-I", "-S", "-c", _TIMED, *command]
    process = subprocess.run(small, stdout=subprocess.PIPE, text=True, env=environment)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed: {command}")
    seconds, kilobytes = process.stdout.split()
    return float(seconds), float(kilobytes) / 1024


def _warm(asks: Mapping[str, Ask], questions: Sequence[str]) -> dict[str, Numbers]:
    """Ask every bot ten questions, one bot after the other, then the next ten, and so on."""
    taken: dict[str, list[float]] = {bot: [] for bot in asks}
    for start in range(0, len(questions), _IN_TURN):
        for bot, ask in asks.items():
            # Threads of the bot before go on spinning for a while, and nobody runs two bots.
            time.sleep(_PAUSE)
            ask(questions[start])
            for question in questions[start : start + _IN_TURN]:
                started = time.perf_counter()
                ask(question)
                taken[bot].append(1e3 * (time.perf_counter() - started))
    return {
        bot: {
            "p50_ms": round(statistics.median(each), 2),
            "p95_ms": round(statistics.quantiles(each, n=20)[-1], 2),
        }
        for bot, each in taken.items()
    }


def _exponent(p50: Mapping[int, float]) -> float:
    """Return how latency grows with size: 0 not at all, 1 in proportion (least squares)."""
    slope, _ = np.polyfit(np.log(list(p50)), np.log(list(p50.values())), 1)
    return round(float(slope), 3)


def _rates(count: int) -> Numbers:
    """Return texts embedded a second, by medfaq and by sentence-transformers as it comes."""
    from sentence_transformers import SentenceTransformer

    entries, _ = generated.entries(count)
    texts = generated.texts(entries)[:count]
    embeds: dict[str, Callable[[list[str]], object]] = {
        OURS: load_encoder().read,
        "SentenceTransformer.encode": SentenceTransformer(
            str(default_folder()), device="cpu"
        ).encode,
    }
    taken = dict.fromkeys(embeds, 0.0)
    parts = 5
    for part in range(parts):
        for name, embed in embeds.items():
            started = time.perf_counter()
            embed(texts[part::parts])
            taken[name] += time.perf_counter() - started
    return {name: round(len(texts) / seconds, 1) for name, seconds in taken.items()}


if __name__ == "__main__":
    typer.run(main)
