"""The texts of the page, in the languages of `strings.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_CATALOGUE = Path(__file__).with_name("strings.toml")

Strings = Mapping[str, str]
"""Name of a text -> the text in one language."""


def languages() -> list[str]:
    """Return the languages there are, as BCP 47 tags."""
    return list(_catalogue())


def strings(language: str) -> Strings:
    """Return the texts of one language."""
    return _catalogue()[language]


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    with _CATALOGUE.open("rb") as stream:
        return tomllib.load(stream)
