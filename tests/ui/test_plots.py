from pathlib import Path
from xml.etree import ElementTree

import pytest

from corpus.errors import QuestionError
from qa.selective import Bin, Point
from ui.plots import reliability_svg, risk_coverage_svg, write_plots

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [Point(0.9, 0.25, 0), Point(0.5, 0.5, 0.5)]
BINS = [Bin(0.1, 3, 0.15, 0.2), Bin(0.9, 7, 0.95, 1.0)]


@pytest.mark.parametrize("plot", [risk_coverage_svg(POINTS), reliability_svg(BINS)])
def test_a_plot_can_be_read_without_seeing_it(plot: str) -> None:
    root = ElementTree.fromstring(plot)
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}*[@id='{name}']") for name in root.get("aria-labelledby", "").split()]
    assert [each.tag for each in named if each is not None] == [f"{SVG}title", f"{SVG}desc"]
    assert all(each is not None and each.text for each in named)
    assert len(root.findall(f".//{SVG}text")) > 4


def test_the_description_of_a_plot_holds_its_numbers() -> None:
    assert "25% answered, 0.0% wrong; 50% answered, 50.0% wrong" in risk_coverage_svg(POINTS)
    assert "at 95% confidence 100% right of 7" in reliability_svg(BINS)


def test_every_point_is_drawn_inside_the_plot() -> None:
    root = ElementTree.fromstring(risk_coverage_svg(POINTS))
    (line,) = root.findall(f"{SVG}polyline")
    corners = [tuple(map(float, each.split(","))) for each in line.get("points", "").split()]
    assert len(corners) == len(POINTS)
    assert corners[0][0] < corners[1][0]
    assert corners[0][1] > corners[1][1]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(QuestionError, match="file: cannot be written"):
        write_plots(tmp_path / "file", POINTS, BINS)
