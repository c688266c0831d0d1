"""Files of questions in, a line of JSON for each out."""

import contextlib
import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from corpus.errors import QuestionError
from qa.answerer import Answerer
from qa.labels import read_questions

_BATCH = 64


def answer_file(answerer: Answerer, questions: Path, output: Path | None, *, top_k: int) -> None:
    """Answer each line of a JSONL file of `_id` and `text`, in order.

    The file is read line by line, so memory does not grow with it. An output file appears only
    when it is whole.

    Raises:
        QuestionError: a file cannot be read or written, or a line is not a question.
    """
    with _output(output) as stream:
        records = read_questions(questions)
        while batch := list(itertools.islice(records, _BATCH)):
            answers = answerer.answer_all([text for _, text in batch], top_k=top_k)
            for (query_id, _), answer in zip(batch, answers, strict=True):
                record = {"_id": query_id, **answer.to_json()}
                stream.write(json.dumps(record) + "\n")
            stream.flush()


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    if path.exists() and not path.is_file():
        yield from _straight(path)
        return
    path = path.resolve()  # what a link names is replaced, and not the link
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("x", encoding="utf-8") as stream:
            yield stream
        new.replace(path)
    except OSError as error:
        raise QuestionError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        new.unlink(missing_ok=True)


def _straight(path: Path) -> Iterator[TextIO]:
    """Write to what is no file, such as /dev/null or a pipe, and must not be replaced by one."""
    try:
        with path.open("w", encoding="utf-8") as stream:
            yield stream
    except OSError as error:
        raise QuestionError(f"{path}: cannot be written ({error.strerror})") from error
