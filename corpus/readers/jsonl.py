"""JSONL: one entry a line, in medfaq's own field names or in BEIR's."""

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText
from corpus.readers.json_line import json_of
from corpus.readers.record import entry_from_record


def read_jsonl(text: SourceText) -> list[Entry]:
    """Read one entry from each line that is not blank.

    Raises:
        CorpusError: a line is not a JSON object or lacks a field; names the line.
    """
    entries = []
    for number, line in enumerate(text.lines, start=1):
        if not line.strip():
            continue
        record = json_of(line, f"{text.name}:{number}", CorpusError)
        if not isinstance(record, dict):
            raise CorpusError(f"{text.name}:{number}: not a JSON object; write it as {{…}}")
        entries.append(
            entry_from_record(record, file=text.name, first_line=number, last_line=number)
        )
    return entries
