import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.selective import (
    Bin,
    Outcome,
    Point,
    auroc,
    calibration_error,
    curve,
    reliability,
    risk_coverage,
)

outcomes = st.lists(st.builds(Outcome, st.floats(0, 1), st.booleans(), st.booleans()), max_size=30)

ASKED = [
    Outcome(0.9, right=True),
    Outcome(0.8, right=False),
    Outcome(0.8, right=True, open=False),
    Outcome(0.2, right=False),
]


def test_coverage_counts_all_questions_and_risk_those_answered() -> None:
    assert risk_coverage(ASKED, [0.95, 0.9, 0.5]) == [
        Point(0.95, 0, 0),
        Point(0.9, 0.25, 0),
        Point(0.5, 0.5, 0.5),
    ]


@given(outcomes)
def test_the_curve_covers_more_the_lower_the_threshold(asked: list[Outcome]) -> None:
    points = curve(asked)
    assert [p.threshold for p in points] == sorted({o.confidence for o in asked if o.open})[::-1]
    assert [p.coverage for p in points] == sorted(p.coverage for p in points)
    assert all(0 <= p.risk <= 1 for p in points)


@given(outcomes)
def test_the_bins_hold_every_outcome_once(asked: list[Outcome]) -> None:
    bins = reliability(asked)
    assert sum(each.count for each in bins) == len(asked)
    assert [each.low for each in bins] == sorted({each.low for each in bins})
    assert 0 <= calibration_error(bins) <= 1


def test_the_calibration_error_is_the_mean_gap_between_sure_and_right() -> None:
    bins = [Bin(0.9, 3, 0.95, 1.0), Bin(0.1, 1, 0.15, 0.35)]
    assert calibration_error(bins) == pytest.approx((3 * 0.05 + 0.2) / 4)
    assert calibration_error([]) == 0


def test_confidence_that_tells_apart_has_an_auroc_of_1() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.7]) == 1
    assert auroc([0.5, 0.1], [0.5, 0.1]) == 0.5
