"""How sure medfaq is that the top hit answers, and how sure is sure enough to show it.

The probability comes from two logistic regressions that a person can read: their coefficients
stand in `confidence.toml`, made by `training/confidence.py`. Where the owner has given
examples of what the FAQ does not cover, what was learned from them matters most; where not, the
score of the top hit, and how much of the question its entry covers word by word.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
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
    """Coefficients of a logistic regression: its intercept, and one for each evidence by name."""

    intercept: float
    weights: Mapping[str, float]

    def probability(self, evidence: Mapping[str, float]) -> float:
        """Return the probability for the values of the evidence."""
        total = sum(weight * evidence[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-(self.intercept + total)))


def evidence(found: Found) -> dict[str, float]:
    """Return by name what is known of the first hit, of which there must be one."""
    first = found.hits[0]
    # Without an answer there is only the entry's question, which a paraphrase need not share.
    covers = first.signals.forward if first.passage.answer else first.score
    known = {"score": first.score, "lead": found.lead, "covers": covers}
    return known if found.covered is None else {**known, "covered": found.covered}


def probability(found: Found) -> float:
    """Return the probability that the first hit answers; 0 where there is none."""
    if not found.hits:
        return 0.0
    kind = "without_examples" if found.covered is None else "with_examples"
    return _models()[kind].probability(evidence(found))


@cache
def _models() -> dict[str, Logistic]:
    with COEFFICIENTS.open("rb") as stream:
        return {
            name: Logistic(values.pop("intercept"), values)
            for name, values in tomllib.load(stream).items()
        }
