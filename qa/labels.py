"""Files of questions and of which entries answer them, in BEIR's format.

Questions are JSONL with `_id` and `text`; qrels are tab-separated `query-id`, `corpus-id` and
`score` below a header line, where a score from 1 means that the entry answers.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus.errors import QuestionError
from corpus.readers.json_line import json_of

_SCORE = re.compile(r"-?\d+")

Qrels = dict[str, dict[str, int]]
"""Question id -> entry id -> grade."""


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


def read_unanswerable(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Read questions that the FAQ does not answer, by their kind: the name of their file.

    Raises:
        QuestionError: names file and line.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        kinds[path.stem] += [text for _, text in read_questions(path)]
    return {kind: texts for kind, texts in kinds.items() if texts}


def check_questions(path: Path) -> None:
    """Read a whole file of questions, so that a bad line is named before any answer.

    Raises:
        QuestionError: names file and line.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise QuestionError(f"{path}: can be read only once; save the questions in a file first")
    for _ in read_questions(path):
        pass


def read_qrels(path: Path) -> Qrels:
    """Read which entries answer which question.

    Raises:
        QuestionError: names file and line.
    """
    qrels: Qrels = defaultdict(dict)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for number, row in enumerate(csv.reader(stream, delimiter="\t"), start=1):
                if not row or (number == 1 and row[0] == "query-id"):
                    continue
                if len(row) != 3 or not _SCORE.fullmatch(row[2].strip()):
                    raise QuestionError(
                        f"{path}:{number}: not query-id, corpus-id and a whole score, "
                        "separated by tabs"
                    )
                qrels[row[0]][row[1]] = int(row[2])
    except UnicodeDecodeError as error:
        raise QuestionError(f"{path}: not UTF-8; save the file as UTF-8") from error
    except (OSError, csv.Error) as error:
        raise QuestionError(f"{path}: cannot be read ({error}); check the path") from error
    return dict(qrels)


def _question(line: str, where: str) -> tuple[Any, str]:
    record = json_of(line, where, QuestionError)
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise QuestionError(f'{where}: no \'text\'; write {{"_id": "…", "text": "…"}}')
    if not isinstance(record.get("_id"), str | int):
        raise QuestionError(f'{where}: no \'_id\'; write {{"_id": "…", "text": "…"}}')
    return record["_id"], record["text"]
