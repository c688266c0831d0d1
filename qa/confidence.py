"""How sure medfaq is that the top hit answers, and how sure is sure enough to show it.

The probability comes from two logistic regressions that a person can read: their coefficients
stand in `confidence.toml`, made by `benchmarks/fit_confidence.py`. Where the owner has given
examples of what the FAQ does not cover, it matters most whether the question lies nearer to the
FAQ's own questions or to these; where not, there is only the score of the top hit.
"""

import math
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.retriever import Found

COEFFICIENTS = Path(__file__).with_name("confidence.toml")

THRESHOLD = 0.55

Confidence = Callable[[Found], float]
"""What a search found -> the probability that its first hit answers, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Coefficients of a logistic regression; `gap` is 0 in the one without examples."""

    intercept: float
    score: float
    gap: float = 0.0

    def probability(self, score: float, gap: float) -> float:
        """Return the probability for a top hit's score and the lead over the examples."""
        return 1 / (1 + math.exp(-(self.intercept + self.score * score + self.gap * gap)))


def probability(found: Found) -> float:
    """Return the probability that the first hit answers; 0 where there is none."""
    if not found.hits:
        return 0.0
    models = _models()
    score = found.hits[0].score
    if found.examples is None:
        return models["without_examples"].probability(score, 0.0)
    return models["with_examples"].probability(score, found.asks - found.examples)


@cache
def _models() -> dict[str, Logistic]:
    with COEFFICIENTS.open("rb") as stream:
        return {name: Logistic(**values) for name, values in tomllib.load(stream).items()}
