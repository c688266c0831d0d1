"""Plots of how well medfaq knows when not to answer, as SVG; their text stays text."""

from collections.abc import Sequence
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
    return _svg(
        "Risk and coverage",
        "How much of what is shown is wrong, the more questions are answered. "
        + _table(points[:: max(len(points) // 10, 1)]),
        ("Questions answered", "Wrong answers"),
        _line([(point.coverage, point.risk) for point in points]),
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
    return _svg(
        "Reliability",
        f"How often medfaq is right, the surer it is: {described}.",
        ("Confidence", "Right"),
        _line([(0, 0), (1, 1)], "even") + _line(places) + marks,
    )


def _table(points: Sequence[Point]) -> str:
    return "; ".join(f"{point.coverage:.0%} answered, {point.risk:.1%} wrong" for point in points)


def _svg(title: str, description: str, axes: tuple[str, str], drawn: str) -> str:
    across, up = axes
    end = _LEFT + _SIZE
    grid = "".join(_tick(tenth / 10) for tenth in range(0, 11, 2))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {end + 32} {_TOP + _SIZE + 64}"'
        ' role="img" aria-labelledby="title about" lang="en">\n'
        f'<title id="title">{escape(title)}</title>\n'
        f'<desc id="about">{escape(description)}</desc>\n'
        f'<style>{_STYLE}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text class="title" x="{_LEFT}" y="28">{escape(title)}</text>\n{grid}\n'
        f'<text x="{_LEFT + _SIZE / 2}" y="{_TOP + _SIZE + 48}" text-anchor="middle">'
        f"{escape(across)}</text>\n"
        f'<text transform="translate(18 {_TOP + _SIZE / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(up)}</text>\n{drawn}\n</svg>\n"
    )


def _tick(share: float) -> str:
    x, y = _across(share), _down(share)
    return (
        f'<path class="grid" d="M{x:.1f} {_down(0)}V{_down(1)}M{_across(0)} {y:.1f}H{_across(1)}"/>'
        f'<text x="{x:.1f}" y="{_down(0) + 20}" text-anchor="middle">{share:.0%}</text>'
        f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>'
    )


def _line(places: Sequence[Place], kind: str = "line") -> str:
    corners = " ".join(f"{_across(x):.1f},{_down(y):.1f}" for x, y in places)
    return f'<polyline class="{kind}" points="{corners}"/>'


def _across(share: float) -> float:
    return _LEFT + share * _SIZE


def _down(share: float) -> float:
    return _TOP + (1 - share) * _SIZE
