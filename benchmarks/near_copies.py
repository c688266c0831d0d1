"""Check that the default FAQ's companion holds no near copy of a question we measure with.

    python benchmarks/near_copies.py

Prints how many phrasings and examples come too near to a question, and exits 1 if any does.
"""

import re
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sets import own_set
from index.encoder import load_encoder

SIMILAR = 0.92
"""The cosine from which two texts count as near copies."""

SHARED_WORDS = 0.75
"""The share of all their words that they have in common, likewise."""


def main() -> int:
    """Compare every phrasing and example with every question of both splits."""
    encoder = load_encoder()
    sets = [own_set(split, companion=True) for split in ("dev", "test")]
    questions = [
        text
        for each in sets
        for texts in (each.texts, *each.unanswerable.values())
        for text in texts
    ]
    corpus = sets[0].corpus
    phrasings = [
        *(alternate for passage in corpus.passages for alternate in passage.alternates),
        *corpus.not_covered,
    ]
    similar = encoder.encode(phrasings) @ encoder.encode(questions).T >= SIMILAR
    shared = np.array([[_overlap(one, other) for other in questions] for one in phrasings])
    near = similar | (shared >= SHARED_WORDS)
    for row, column in zip(*np.nonzero(near), strict=True):
        print(f"near copies: {phrasings[row]!r} and {questions[column]!r}")
    print(f"{len(phrasings)} phrasings, {len(questions)} questions, {near.sum()} near copies")
    return int(near.any())


def _overlap(one: str, other: str) -> float:
    ours, theirs = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(ours & theirs) / max(len(ours | theirs), 1)


if __name__ == "__main__":
    sys.exit(main())
