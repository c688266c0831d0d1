"""An entry given as named fields, as JSONL and tables give it."""

from collections.abc import Mapping

from corpus.errors import CorpusError
from corpus.passage import Entry

_BEIR_NAMES = {"id": "_id", "question": "title", "answer": "text"}
FIELDS = frozenset(
    {"id", "question", "answer", "alternates", "source", "url", "title", "reviewed_on"}
    | set(_BEIR_NAMES.values())
)


def entry_from_record(
    record: Mapping[str, object], *, file: str, first_line: int, last_line: int
) -> Entry:
    """Read an entry from a record in medfaq's own field names or in BEIR's.

    BEIR's names (Thakur et al., 2021, https://arxiv.org/abs/2104.08663) are `_id`, `title` for
    the question, `text` for the answer, and `metadata` with `source` and `url`.

    Raises:
        CorpusError: a field is missing or of the wrong kind; names file and line.
    """
    where = f"{file}:{first_line}"
    beir = "question" not in record and "title" in record
    names = _BEIR_NAMES if beir else {name: name for name in _BEIR_NAMES}
    details = record
    if beir:
        metadata = record.get("metadata") or {}
        if not isinstance(metadata, Mapping):
            raise CorpusError(f"{where}: 'metadata' is not an object; write it as {{…}}")
        details = {**metadata, **record}
    question = _text(record, names["question"], where)
    if question is None:
        raise CorpusError(f"{where}: no 'question' (or BEIR's 'title'); add the field")
    return Entry(
        question=question,
        answer=_text(record, names["answer"], where) or "",
        first_line=first_line,
        last_line=last_line,
        id=_identifier(record, names["id"], where),
        alternates=_alternates(record, where),
        url=_text(details, "url", where),
        title=_text(details, "source", where),
        reviewed_on=_text(details, "reviewed_on", where),
    )


def _text(record: Mapping[str, object], name: str, where: str) -> str | None:
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise CorpusError(f"{where}: {name!r} is not text; put it in quotes")
    return _whole(value, name, where).strip() or None


def _whole(text: str, name: str, where: str) -> str:
    """Return a text, unless it holds half a character, as JSON's escapes can write it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CorpusError(f"{where}: {name!r} holds half a character (\\ud83d); mend it") from None
    return text


def _identifier(record: Mapping[str, object], name: str, where: str) -> str | None:
    value = record.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(record, name, where)


def _alternates(record: Mapping[str, object], where: str) -> tuple[str, ...]:
    value = record.get("alternates")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CorpusError(f'{where}: \'alternates\' is not a list of texts; write ["…", "…"]')
    return tuple(_whole(item, "alternates", where).strip() for item in value if item.strip())
