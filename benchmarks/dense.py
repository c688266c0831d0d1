"""How quick and how true the search among many vectors is: python benchmarks/dense.py.

Vectors beyond those of real texts come from a seeded generator (`benchmarks.generated`); the
queries are real questions, none of which is in the index. What is asked for is what medfaq's
ranking asks for: the nearest 1,000.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import faiss
import numpy as np
import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import generated
from benchmarks.sets import ROOT
from index.dense import DenseIndex
from index.encoder import Vectors, load_encoder
from training.data import FAQS, read_faqs

NEAREST = 1_000
ASKED = 500


def main(
    count: Annotated[int, typer.Option(help="How many vectors.", min=1)] = 1_000_000,
) -> None:
    """Print what was measured as JSON."""
    print(json.dumps(measure(count), indent=1))


def measure(count: int) -> dict[str, Any]:
    """Index so many vectors, and ask for the nearest in a fresh process."""
    encoder = load_encoder()
    real = encoder.encode(_texts()[:count])
    queries = encoder.encode(generated.questions(ASKED))
    vectors = generated.vectors(real, count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        index = DenseIndex.of(vectors)
        index.save(folder / "vectors.faiss")
        built = time.perf_counter() - started
        _, exact = faiss.knn(queries, vectors, 100, metric=faiss.METRIC_INNER_PRODUCT)
        np.savez(folder / "asked.npz", queries=queries, exact=exact[:, :10])
        return {
            "vectors": count,
            "of real texts": min(len(real), count),
            "build_s": round(built, 1),
            "file_mb": round((folder / "vectors.faiss").stat().st_size / 1e6),
            "recall_at_10 in the manifest": round(index.recall, 4),
            "recall_at_10 of exact search in half precision": _kept_by_halving(
                queries, vectors, exact
            ),
            "exact_p50_ms": _exact_ms(queries, vectors),
            **_asked(folder),
        }


def ask(folder: Path) -> None:
    """Print, as JSON, what asking for the nearest takes and finds."""
    asked = np.load(folder / "asked.npz")
    index = DenseIndex.load(folder / "vectors.faiss")
    for query in asked["queries"][: ASKED // 5]:
        index.search(query[None, :], NEAREST)
    taken, shares = [], []
    for query, exact in zip(asked["queries"], asked["exact"], strict=True):
        started = time.perf_counter()
        (rows,) = index.search(query[None, :], NEAREST)
        index.vectors(rows[:100])
        taken.append(1e3 * (time.perf_counter() - started))
        shares.append(len(np.intersect1d(rows[:10], exact)) / len(exact))
    print(
        json.dumps(
            {
                "recall_at_10 of real questions": round(statistics.mean(shares), 4),
                "p50_ms": round(statistics.median(taken), 2),
                "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 2),
                "resident_mb": _resident_mb(),
            }
        )
    )


def _asked(folder: Path) -> Any:
    script = "import pathlib, sys; from benchmarks.dense import ask; ask(pathlib.Path(sys.argv[1]))"
    process = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return json.loads(process.stdout)


def _texts() -> list[str]:
    """Return all real texts: those of the sets, and of the FAQs written for training."""
    ours = [entry for faq in read_faqs(FAQS) for entry in faq.entries]
    asks = [text for entry in ours for text in entry.asks]
    entries = [*generated.real_entries(), *((entry.question, entry.answer) for entry in ours)]
    return list(dict.fromkeys([*generated.texts(entries), *asks]))


def _kept_by_halving(queries: Vectors, vectors: Vectors, exact: Any) -> float:
    """Return the share of the ten nearest that half precision leaves among the ten nearest."""
    shares = []
    for query, rows in zip(queries, exact, strict=True):
        halved = vectors[rows].astype(np.float16).astype(np.float32) @ query
        best = rows[np.argsort(-halved, kind="stable")[:10]]
        shares.append(len(np.intersect1d(best, rows[:10])) / 10)
    return round(statistics.mean(shares), 4)


def _exact_ms(queries: Vectors, vectors: Vectors) -> float:
    """Return the median of comparing a question with every vector, in single precision."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    taken = []
    for query in queries[:30]:
        started = time.perf_counter()
        index.search(query[None, :], NEAREST)
        taken.append(1e3 * (time.perf_counter() - started))
    return round(statistics.median(taken), 2)


def _resident_mb() -> dict[str, int]:
    """Return the memory of this process: what it holds itself, and pages of files."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    fields = {line.split(":")[0]: line.split()[1] for line in status if line.endswith(" kB")}
    names = {"all": "VmRSS", "its own": "RssAnon", "mapped files": "RssFile"}
    return {name: round(int(fields[field]) / 1024) for name, field in names.items()}


if __name__ == "__main__":
    typer.run(main)
