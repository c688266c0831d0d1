"""How good it is to answer some questions and not others: selective prediction.

The terms are those of El-Yaniv and Wiener (2010): coverage is the share of questions answered,
risk the share of these answers that is wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

BINS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sure medfaq is of a question's first hit, and whether that one answers it.

    `open` is False where it would not be shown however sure: a red flag stands in its place, or
    there is nothing to show.
    """

    confidence: float
    right: bool
    open: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold brings, as shares: of questions answered, of these answers wrong."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Outcomes of like confidence: how many, how sure on average, and how often right."""

    low: float
    count: int
    confidence: float
    right: float


def risk_coverage(outcomes: Sequence[Outcome], thresholds: Iterable[float]) -> list[Point]:
    """Return coverage and risk at each threshold; where nothing is shown nothing is wrong."""
    points = []
    for threshold in thresholds:
        shown = [each for each in outcomes if each.open and each.confidence >= threshold]
        wrong = sum(not each.right for each in shown)
        points.append(
            Point(threshold, len(shown) / max(len(outcomes), 1), wrong / max(len(shown), 1))
        )
    return points


def curve(outcomes: Sequence[Outcome]) -> list[Point]:
    """Return coverage and risk at every confidence that occurs, from the highest on."""
    return risk_coverage(outcomes, sorted({o.confidence for o in outcomes if o.open}, reverse=True))


def auroc(answerable: Sequence[float], others: Sequence[float]) -> float:
    """Return how well confidence tells the two apart: 1 always, 0.5 not at all."""
    from sklearn.metrics import roc_auc_score

    labels = [1] * len(answerable) + [0] * len(others)
    return float(roc_auc_score(labels, [*answerable, *others]))


def reliability(outcomes: Iterable[Outcome]) -> list[Bin]:
    """Return the bins of equal width that hold outcomes, in order: a reliability diagram."""

    def number(outcome: Outcome) -> int:
        return min(int(outcome.confidence * BINS), BINS - 1)

    bins = []
    for place, group in groupby(sorted(outcomes, key=number), key=number):
        each = list(group)
        bins.append(
            Bin(
                low=place / BINS,
                count=len(each),
                confidence=sum(outcome.confidence for outcome in each) / len(each),
                right=sum(outcome.right for outcome in each) / len(each),
            )
        )
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error over bins of equal width (Naeini et al., 2015)."""
    count = sum(each.count for each in bins)
    return sum(abs(each.right - each.confidence) * each.count for each in bins) / max(count, 1)
