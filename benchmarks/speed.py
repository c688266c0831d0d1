"""Measure speed beside the usual FAQ bot, in turns in one run: python benchmarks/speed.py.

The usual bot is some forty lines of sentence-transformers and FAISS: one vector for each question,
exact search. Times are CPU times of this process, which say more on a busy machine than the clock.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sets import QuestionSet, other_sets, own_set
from index.build import build_bundle
from index.bundle import load_bundle
from index.encoder import default_folder, load_encoder
from index.views import views_of
from qa.answerer import Answerer

Ask = Callable[[str], object]


def main(
    only: Annotated[
        str, typer.Option(help="The set, by a part of its name.")
    ] = "default FAQ (dev)",
    questions: Annotated[int, typer.Option(help="How many of its questions are asked.")] = 100,
    texts: Annotated[int, typer.Option(help="How many of its texts are embedded.")] = 500,
) -> None:
    """Print milliseconds for a question, and texts a second, as JSON."""
    chosen = next(
        each for each in (own_set("dev", companion=True), *other_sets()) if only in each.name
    )
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        build_bundle(chosen.corpus, Path(folder), encoder)
        answerer = Answerer(load_bundle(Path(folder), encoder), encoder)
        usual, embed = _usual_bot(chosen)
        times = _in_turns({"medfaq": answerer.answer, "usual bot": usual}, chosen.texts[:questions])
        embedded = [view.text for view in views_of(chosen.corpus.passages)][:texts]
        rates = {"medfaq": _rate(encoder.read, embedded), "usual bot": _rate(embed, embedded)}
    print(
        json.dumps({"set": chosen.name, "ms a question": times, "texts a second": rates}, indent=1)
    )


def _usual_bot(chosen: QuestionSet) -> tuple[Ask, Callable[[list[str]], object]]:
    import faiss
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(default_folder()), device="cpu")
    vectors = model.encode([passage.question for passage in chosen.corpus.passages])
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return (lambda question: index.search(model.encode([question]), 5)), model.encode


def _in_turns(asks: dict[str, Ask], questions: list[str]) -> dict[str, dict[str, float]]:
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for question in questions:
        for name, ask in asks.items():
            started = time.process_time()
            ask(question)
            taken[name].append(1e3 * (time.process_time() - started))
    return {
        name: {
            "p50": round(statistics.median(each), 2),
            "p95": round(statistics.quantiles(each, n=20)[-1], 2),
        }
        for name, each in taken.items()
    }


def _rate(embed: Callable[[list[str]], object], texts: list[str]) -> float:
    started = time.process_time()
    embed(texts)
    return round(len(texts) / (time.process_time() - started), 1)


if __name__ == "__main__":
    typer.run(main)
