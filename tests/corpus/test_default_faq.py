"""The default FAQ: its 16 passages exactly, as they stand in the file."""

import hashlib
import json
from pathlib import Path

import pytest

from corpus.passage import Corpus, Passage
from corpus.read import DEFAULT_FAQ, read_corpus
from tests.verbatim import tokens, without_list_ellipses

GOLDEN = json.loads((Path(__file__).parent / "default_faq.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus([DEFAULT_FAQ])


def test_the_file_ships_byte_for_byte() -> None:
    assert hashlib.sha256(DEFAULT_FAQ.read_bytes()).hexdigest() == (
        "7d920dd3c5cbc3915fb5de10fda324659582118a08d7c9013bc673037c1dcffe"
    )


def test_there_are_16_passages(corpus: Corpus) -> None:
    assert len(corpus.passages) == len(GOLDEN) == 16


@pytest.mark.parametrize("number", range(16))
def test_each_passage_is_the_golden_one(corpus: Corpus, number: int) -> None:
    passage = corpus.passages[number]
    assert {
        "question": passage.question,
        "lines": [passage.source.first_line, passage.source.last_line],
        "answer": passage.answer,
        "key_phrases": [passage.answer[start:end] for start, end in passage.key_phrases],
    } == GOLDEN[number]


def test_every_answer_is_verbatim(corpus: Corpus) -> None:
    for passage in corpus.passages:
        assert tokens(passage.answer) == tokens(_source_answer(corpus, passage))


def test_every_line_of_the_file_belongs_to_one_passage(corpus: Corpus) -> None:
    covered = [
        line
        for passage in corpus.passages
        for line in range(passage.source.first_line, passage.source.last_line + 1)
    ]
    assert covered == list(range(1, len(corpus.files[DEFAULT_FAQ.name].lines) + 1))


def test_only_the_opening_has_no_question_of_its_own(corpus: Corpus) -> None:
    assert corpus.unasked == {corpus.passages[0].id}


def _source_answer(corpus: Corpus, passage: Passage) -> str:
    source = passage.source
    lines = corpus.files[source.file].lines[source.first_line - 1 : source.last_line]
    return "\n".join(without_list_ellipses(lines[passage.id not in corpus.unasked :]))
