"""What the project promises about itself."""

import re
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("package", ["corpus", "index", "qa", "ui"])
def test_no_other_distribution_owns_our_package_names(package: str) -> None:
    assert set(packages_distributions().get(package, ["medfaq"])) == {"medfaq"}


def test_the_project_cannot_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in distribution("medfaq").metadata.get_all("Classifier", [])


def test_every_requirement_has_an_exact_version() -> None:
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text(), re.M))
    for requirement in distribution("medfaq").requires or []:
        name = re.split(r"[<>=;\[ ]", requirement)[0]
        assert re.sub(r"[-_.]+", "-", name).lower() in pinned, requirement
