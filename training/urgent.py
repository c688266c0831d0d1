"""Make qa/likeness.npz: what messages that need urgent care are like, and what only sounds so.

    python -m training.urgent

Prints first how it does on messages of another writer, learned from one writer alone.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import typer

from corpus.read import DEFAULT_FAQ, read_corpus
from index.coverage import kernel
from index.encoder import Vectors, load_encoder
from qa.likeness import ALARM, LIKENESS_FILE, NOTICED, Likeness
from qa.urgent import find_urgent
from training.data import FAQS, URGENT, read_faqs, rows_of

OTHER_WRITER = URGENT.with_name("urgent_held_out.jsonl")
LANDMARKS = 1_500
RIDGE = 0.1
EVERY = 4
"""Of the messages to our training FAQs and the default FAQ's phrasings, every fourth is learned
from as needing no urgent care, unless a pattern says otherwise."""

Labelled = list[tuple[str, str]]
"""Messages and their signs; the sign of one that needs no urgent care is empty."""


def main() -> None:
    """Fit on both writers, after a look at how well one foretells the other."""
    encoder = load_encoder()
    ordinary = [(text, "") for text in _ordinary() if find_urgent(text) is None][::EVERY]
    ordinary += [(entry.question, "") for faq in read_faqs(FAQS) for entry in faq.entries]
    one, other = read(URGENT), read(OTHER_WRITER)
    trial = learn([*one, *ordinary], encoder.encode([text for text, _ in [*one, *ordinary]]))
    like = trial.of(encoder.encode([text for text, _ in other])).sum(axis=1) >= ALARM
    known = np.array([find_urgent(text) is not None for text, _ in other])
    urgent = np.array([bool(sign) for _, sign in other])
    for name, found in (("patterns", known), ("likeness", like), ("both", known | like)):
        print(f"{name}: recall {found[urgent].mean():.3f}, false {found[~urgent].mean():.3f}")
    everything = [*one, *other, *ordinary]
    made = learn(everything, encoder.encode([text for text, _ in everything]))
    np.savez_compressed(
        LIKENESS_FILE,
        model=np.array(encoder.sha256),
        signs=np.array(made.signs),
        landmarks=made.landmarks.astype(np.float16),
        weights=made.weights.astype(np.float32),
    )


def _ordinary() -> Iterator[str]:
    for faq in read_faqs(FAQS):
        for entry in faq.entries:
            yield from entry.asks
    corpus = read_corpus([DEFAULT_FAQ])
    for passage in corpus.passages:
        yield from passage.alternates
    yield from corpus.not_covered


def read(file: Path) -> Labelled:
    """Read a file of `text`, `sign` and `urgent`."""
    return [(row["text"], row["sign"] if row["urgent"] else "") for row in rows_of(file)]


def learn(labelled: Labelled, vectors: Vectors) -> Likeness:
    """Fit the weights of landmarks taken evenly from the messages."""
    signs = tuple(sorted(NOTICED))
    wanted = np.array([[float(sign == each) for each in signs] for _, sign in labelled])
    chance = np.random.default_rng(0)
    taken = chance.permutation(len(labelled))[:LANDMARKS]
    landmarks = vectors[taken].astype(np.float16).astype(np.float32)
    features = kernel(vectors, landmarks).astype(np.float64)
    among = kernel(landmarks, landmarks).astype(np.float64)
    weights = np.linalg.solve(
        features.T @ features + RIDGE * among + 1e-6 * np.eye(len(taken)), features.T @ wanted
    )
    return Likeness(signs, landmarks, weights.astype(np.float32))


if __name__ == "__main__":
    typer.run(main)
