"""Plots of how well medfaq knows when not to answer, as SVG; their text stays text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from corpus.errors import QuestionError
from qa.selective import Bin, Point

_SIZE = 320
_LEFT, _TOP = 64, 48
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2b33}.title{font-size:15px;font-weight:600}"
    ".grid{stroke:#d5dde1}.even{stroke:#5c6f79;stroke-dasharray:5 4;fill:none}"
    ".line{stroke:#0b6e69;stroke-width:2.5;fill:none}.mark{fill:#0b6e69}"
)

Place = tuple[float, float]
"""Across and up, each a share of the plot's side."""

_SHARES = {tenth / 10: f"{tenth / 10:.0%}" for tenth in range(0, 11, 2)}


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows; `ticks` says what is written where, as shares of the plot's side."""

    name: str
    ticks: Mapping[float, str] = field(default_factory=lambda: _SHARES)


def write_plots(folder: Path, points: Sequence[Point], bins: Sequence[Bin]) -> list[Path]:
    """Write `risk-coverage.svg` and `reliability.svg` into a folder, and return their paths.

    Raises:
        QuestionError: they cannot be written.
    """
    plots = {
        "risk-coverage.svg": risk_coverage_svg(points),
        "reliability.svg": reliability_svg(bins),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, plot in plots.items():
            (folder / name).write_text(plot, encoding="utf-8")
    except OSError as error:
        raise QuestionError(f"{folder}: cannot be written ({error.strerror})") from error
    return [folder / name for name in plots]


def risk_coverage_svg(points: Sequence[Point]) -> str:
    """Plot the share of answers that are wrong over the share of questions answered."""
    return svg(
        "Risk and coverage",
        "How much of what is shown is wrong, the more questions are answered. "
        + _table(points[:: max(len(points) // 10, 1)]),
        (Axis("Questions answered"), Axis("Wrong answers")),
        line([(point.coverage, point.risk) for point in points]),
    )


def reliability_svg(bins: Sequence[Bin]) -> str:
    """Plot how often medfaq is right over how sure it is; the diagonal would be perfect."""
    places = [(each.confidence, each.right) for each in bins]
    described = "; ".join(
        f"at {each.confidence:.0%} confidence {each.right:.0%} right of {each.count}"
        for each in bins
    )
    marks = "".join(
        f'<circle class="mark" cx="{_across(x):.1f}" cy="{_down(y):.1f}" r="4">'
        f"<title>{each.count} questions</title></circle>"
        for each, (x, y) in zip(bins, places, strict=True)
    )
    return svg(
        "Reliability",
        f"How often medfaq is right, the surer it is: {described}.",
        (Axis("Confidence"), Axis("Right")),
        line([(0, 0), (1, 1)], "even") + line(places) + marks,
    )


def _table(points: Sequence[Point]) -> str:
    return "; ".join(f"{point.coverage:.0%} answered, {point.risk:.1%} wrong" for point in points)


def svg(title: str, description: str, axes: tuple[Axis, Axis], drawn: str) -> str:
    """Return a plot; `drawn` is what stands in it, `description` says the same in words."""
    across, up = axes
    end = _LEFT + _SIZE
    grid = "".join(_tick_across(*tick) for tick in across.ticks.items())
    grid += "".join(_tick_up(*tick) for tick in up.ticks.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {end + 32} {_TOP + _SIZE + 64}"'
        ' role="img" aria-labelledby="title about" lang="en">\n'
        f'<title id="title">{escape(title)}</title>\n'
        f'<desc id="about">{escape(description)}</desc>\n'
        f'<style>{_STYLE}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text class="title" x="{_LEFT}" y="28">{escape(title)}</text>\n{grid}\n'
        f'<text x="{_LEFT + _SIZE / 2}" y="{_TOP + _SIZE + 48}" text-anchor="middle">'
        f"{escape(across.name)}</text>\n"
        f'<text transform="translate(18 {_TOP + _SIZE / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(up.name)}</text>\n{drawn}\n</svg>\n"
    )


def _tick_across(share: float, label: str) -> str:
    x = _across(share)
    return (
        f'<path class="grid" d="M{x:.1f} {_down(0)}V{_down(1)}"/>'
        f'<text x="{x:.1f}" y="{_down(0) + 20}" text-anchor="middle">{escape(label)}</text>'
    )


def _tick_up(share: float, label: str) -> str:
    y = _down(share)
    return (
        f'<path class="grid" d="M{_across(0)} {y:.1f}H{_across(1)}"/>'
        f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>'
    )


def line(places: Sequence[Place], kind: str = "line") -> str:
    """Return a line through places; `kind` is its class in the style."""
    corners = " ".join(f"{_across(x):.1f},{_down(y):.1f}" for x, y in places)
    return f'<polyline class="{kind}" points="{corners}"/>'


def label(place: Place, text: str) -> str:
    """Return text that ends at a place, a little above it."""
    x, y = place
    return (
        f'<text x="{_across(x):.1f}" y="{_down(y) - 6:.1f}" text-anchor="end">{escape(text)}</text>'
    )


def _across(share: float) -> float:
    return _LEFT + share * _SIZE


def _down(share: float) -> float:
    return _TOP + (1 - share) * _SIZE
