"""CSV and TSV: one entry a row below a header of field names.

Several alternates stand in one cell, separated by `|` or by line breaks.
"""

import csv
import io
import re

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText
from corpus.readers.record import FIELDS, entry_from_record

_LARGEST_CELL = 1 << 24


def read_table(text: SourceText) -> list[Entry]:
    """Read one entry from each row; the delimiter is the header's own (comma, semicolon, tab).

    Raises:
        CorpusError: no header, a row of another length, or a missing field; names the line.
    """
    csv.field_size_limit(_LARGEST_CELL)
    lines = io.StringIO("\n".join(text.lines), newline="")
    rows = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    entries = []
    header: list[str] | None = None
    last_line = 0
    try:
        for row in rows:
            first_line, last_line = last_line + 1, rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if header is None:
                header = _header(row, text.name, first_line)
                continue
            if len(row) != len(header):
                raise CorpusError(
                    f"{text.name}:{first_line}: {len(row)} cells under {len(header)} column names; "
                    "put a cell that holds the delimiter in double quotes"
                )
            record: dict[str, object] = dict(zip(header, row, strict=True))
            if "alternates" in record:
                record["alternates"] = re.split(r"[|\n]", str(record["alternates"]))
            entries.append(
                entry_from_record(
                    record, file=text.name, first_line=first_line, last_line=last_line
                )
            )
    except csv.Error as error:
        raise CorpusError(
            f"{text.name}:{rows.line_num}: not a proper table row ({error}); fix its quotes"
        ) from error
    return entries


def _delimiter(text: SourceText) -> str:
    header = next((line for line in text.lines if line.strip()), "")
    return max(",;\t", key=header.count)


def _header(row: list[str], name: str, line: int) -> list[str]:
    header = [cell.strip().lower() for cell in row]
    if not {"question", "title"} & set(header):
        raise CorpusError(
            f"{name}:{line}: no 'question' column; name the columns in the first row, "
            f"from {', '.join(sorted(FIELDS))}"
        )
    if len(set(header)) != len(header):
        raise CorpusError(f"{name}:{line}: a column name stands twice; rename one")
    return header
