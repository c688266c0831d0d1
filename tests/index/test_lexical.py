from pathlib import Path

import numpy as np
import pytest

from index.lexical import LexicalIndex, words_of

TEXTS = ["Is heat good? Heat pads help.", "Is walking good?", "Ice, ice and more ice."]


def test_words_are_stemmed_and_stop_words_left_out() -> None:
    assert words_of("Is the walking GOOD for spasms?") == ["walk", "good", "spasm"]


def test_the_text_that_shares_a_rare_word_scores_best() -> None:
    scores = LexicalIndex.of(TEXTS).scores("heating")
    assert scores.argmax() == 0
    assert scores[1] == scores[2] == 0


@pytest.mark.parametrize("question", ["", "the of and", "swimming", "???", "背中"])
def test_a_question_without_a_known_word_scores_nothing(question: str) -> None:
    assert not LexicalIndex.of(TEXTS).scores(question).any()


def test_an_index_read_back_scores_the_same(tmp_path: Path) -> None:
    index = LexicalIndex.of(TEXTS)
    index.save(tmp_path / "words")
    again = LexicalIndex.load(tmp_path / "words", len(TEXTS))
    assert np.array_equal(index.scores("good ice"), again.scores("good ice"))


def test_texts_without_any_word_can_be_indexed(tmp_path: Path) -> None:
    index = LexicalIndex.of(["the", "…"])
    index.save(tmp_path / "words")
    assert LexicalIndex.load(tmp_path / "words", 2).scores("heat").tolist() == [0, 0]
