from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from index.encoder import Encoder
from index.vocabulary import known_words


def tokenizer(folder: Path, model: models.Model) -> Path:
    Tokenizer(model).save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


def test_pieces_of_words_are_left_out(tmp_path: Path) -> None:
    vocabulary = {"[UNK]": 0, "heat": 1, "##ing": 2, "at": 3, "3rd": 4, "Rest": 5}
    words = known_words(tokenizer(tmp_path, models.WordPiece(vocabulary, unk_token="[UNK]")))
    assert words == {"heat", "rest"}


@pytest.mark.parametrize("mark", ["▁", "Ġ"])
def test_where_the_beginnings_of_words_are_marked_only_these_count(
    tmp_path: Path, mark: str
) -> None:
    vocabulary = {f"{mark}heat": 0, "ing": 1, f"{mark}Rest": 2}
    assert known_words(tokenizer(tmp_path, models.BPE(vocabulary, []))) == {"heat", "rest"}


def test_without_a_tokenizer_they_are_the_default_models(tmp_path: Path) -> None:
    assert "heat" in known_words(tmp_path / "tokenizer.json")


@pytest.mark.model
def test_a_bundle_of_the_default_model_knows_the_same_words(tmp_path: Path, model: Encoder) -> None:
    model.save(tmp_path / "encoder")
    assert known_words(tmp_path / "encoder" / "tokenizer.json") == known_words(None)
