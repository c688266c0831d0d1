from pathlib import Path

import bm25s
import numpy as np
import pytest
import Stemmer

from index.lexical import LexicalIndex, words_of

TEXTS = ["Is heat good? Heat pads help.", "Is walking good?", "Ice, ice and more ice."]


def test_words_are_stemmed_and_stop_words_left_out() -> None:
    assert words_of("Is the walking GOOD for spasms?") == ["walk", "good", "spasm"]


def test_the_text_that_shares_a_rare_word_scores_best() -> None:
    scores = LexicalIndex.of(TEXTS).scores("heating")
    assert scores.argmax() == 0
    assert scores[1] == scores[2] == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the",
        "Is the walking GOOD for spasms?",
        "x-ray, don't; café ÜBUNG 背中が痛い 20mg a_b i i\u0307",
        "What a PAIN: walked, walks, walking\nnot at all",
    ],
)
def test_words_are_those_of_bm25s(text: str) -> None:
    stemmer = Stemmer.Stemmer("english")
    found = bm25s.tokenize(
        [text], stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
    )
    assert words_of(text) == found[0]


def test_scores_are_those_of_bm25s() -> None:
    ranker = bm25s.BM25()
    ranker.index([words_of(text) for text in TEXTS], show_progress=False)
    words = words_of("is ice or heat or heat good for walking")
    assert np.array_equal(
        LexicalIndex.of(TEXTS).scores("is ice or heat or heat good for walking"),
        ranker.get_scores([word for word in words if word in ranker.vocab_dict]),
    )


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
