"""Files of questions in, a line of JSON for each out."""

import contextlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from corpus.errors import QuestionError
from qa.answerer import Answerer

_BATCH = 64


def answer_file(answerer: Answerer, questions: Path, output: Path | None, *, top_k: int) -> int:
    """Answer each line of a JSONL file of `_id` and `text`, in order; return how many.

    The file is read line by line, so memory does not grow with it. An output file appears only
    when it is whole.

    Raises:
        QuestionError: a file cannot be read or written, or a line is not a question.
    """
    count = 0
    with _output(output) as stream:
        records = read_questions(questions)
        while batch := list(itertools.islice(records, _BATCH)):
            answers = answerer.answer_all([text for _, text in batch], top_k=top_k)
            for (query_id, _), answer in zip(batch, answers, strict=True):
                record = {"_id": query_id, **answer.to_json()}
                stream.write(json.dumps(record) + "\n")
            stream.flush()
            count += len(batch)
    return count


def check_questions(path: Path) -> None:
    """Read a whole file of questions, so that a bad line is named before any answer.

    Raises:
        QuestionError: names file and line.
    """
    for _ in read_questions(path):
        pass


def read_questions(path: Path) -> Iterator[tuple[Any, str]]:
    """Yield `_id` and `text` of each line that is not blank.

    Raises:
        QuestionError: names file and line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield _question(line, f"{path}:{number}")
    except UnicodeDecodeError as error:
        raise QuestionError(f"{path}: not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise QuestionError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def _question(line: str, where: str) -> tuple[Any, str]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"{where}: not JSON ({error}); fix the line") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise QuestionError(f'{where}: no \'text\'; write {{"_id": "…", "text": "…"}}')
    if not isinstance(record.get("_id"), str | int):
        raise QuestionError(f'{where}: no \'_id\'; write {{"_id": "…", "text": "…"}}')
    return record["_id"], record["text"]


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise QuestionError(f"{path}: cannot be written ({error.strerror})") from error
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            yield stream
        new.replace(path)
    except OSError as error:
        raise QuestionError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        new.unlink(missing_ok=True)
