"""What verbatim means: the same words and punctuation in the same order."""

import re
from collections.abc import Sequence


def tokens(text: str) -> list[str]:
    """Return the words and the single punctuation marks of a text."""
    return re.findall(r"\w+|[^\w\s]", text)


def without_list_ellipses(lines: Sequence[str]) -> list[str]:
    """Drop the ellipsis that a page cut a list item off with."""
    return [re.sub(r"\s*…$", "", line) if line.startswith("- ") else line for line in lines]
