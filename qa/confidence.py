"""How sure medfaq is that the top hit answers, and how sure is sure enough to show it.

The probability comes from logistic regressions that a person can read: their coefficients stand in
`confidence.toml`, made by `training/confidence.py`. Where the owner has given examples of what the
FAQ does not cover, what was learned from them matters most. Where not, it is what a model makes of
question and entry read together, the score of the top hit, and how much of the question its entry
covers word by word; an entry without an answer gives that model too little to read. That model
takes most of the time of an answer, so there is a regression without it, too.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.answers import answers
from qa.hit import Found

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
        total = sum(self.weights[name] * value for name, value in evidence.items())
        return 1 / (1 + math.exp(-(self.intercept + total)))


def evidence(found: Found, *, reads: bool = True) -> tuple[str, dict[str, float]]:
    """Return which regression holds for the first hit, and by name what it goes by.

    There must be a hit. Without `reads`, question and entry are not read together.
    """
    first = found.hits[0]
    if found.covered is not None:
        return "with_examples", found.covered._asdict()
    if not first.passage.answer:
        return "without_answers", {"score": first.signals.score}
    seen = {"score": first.signals.score, "covers": first.signals.forward}
    if not reads:
        return "unread", seen
    judged = first.answers
    if judged is None:
        judged = float(answers([(found.question, first.passage)])[0])
    return "without_examples", seen | {"answers": judged}


def probability(found: Found, *, reads: bool = True) -> float:
    """Return the probability that the first hit answers; 0 where there is none."""
    if not found.hits:
        return 0.0
    kind, known = evidence(found, reads=reads)
    return _models()[kind].probability(known)


@cache
def _models() -> dict[str, Logistic]:
    with COEFFICIENTS.open("rb") as stream:
        return {
            name: Logistic(values.pop("intercept"), values)
            for name, values in tomllib.load(stream).items()
        }
