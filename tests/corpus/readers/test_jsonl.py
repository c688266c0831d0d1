import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.passage import Entry, SourceText
from corpus.readers.jsonl import read_jsonl


def read(*lines: str) -> list[Entry]:
    return read_jsonl(SourceText("faq.jsonl", b"", lines))


def test_own_field_names() -> None:
    (entry,) = read(
        '{"id": "h", "question": "Is heat good?", "answer": "Yes.", "alternates": ["warm?"],'
        ' "source": "Leaflet", "url": "https://x.example", "reviewed_on": "2026-01-31"}'
    )
    assert entry == Entry(
        "Is heat good?",
        "Yes.",
        1,
        1,
        id="h",
        alternates=("warm?",),
        url="https://x.example",
        title="Leaflet",
        reviewed_on="2026-01-31",
    )


def test_beir_field_names() -> None:
    (entry,) = read(
        '{"_id": "p0", "title": "Is heat good?", "text": "Yes.", "alternates": ["warm?"],'
        ' "metadata": {"source": "Leaflet", "url": "https://x.example"}}'
    )
    assert (entry.id, entry.question, entry.answer) == ("p0", "Is heat good?", "Yes.")
    assert (entry.title, entry.url) == ("Leaflet", "https://x.example")
    assert entry.alternates == ("warm?",)


def test_blank_lines_count_as_lines() -> None:
    entries = read(
        "", '{"question": "A?", "answer": "b"}', "  ", '{"question": "C?", "answer": "d"}'
    )
    assert [entry.first_line for entry in entries] == [2, 4]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"question" "A?"}', r"not JSON \(Expecting ':' delimiter, at character 13\); fix"),
        ('{"question": ' + "9" * 5_000 + "}", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"answer": "b"}', "no 'question'"),
        ('{"question": 7, "answer": "b"}', "'question' is not text"),
        ('{"question": "A?", "answer": ["b"]}', "'answer' is not text"),
        ('{"question": "A?", "answer": "b", "alternates": "c"}', "'alternates' is not a list"),
        ('{"title": "A?", "text": "b", "metadata": "c"}', "'metadata' is not an object"),
        ('{"question": "What is \\ud83d?", "answer": "b"}', "'question' holds half a character"),
        ('{"question": "A?", "answer": "b", "alternates": ["\\ud83d"]}', "'alternates' holds half"),
        ("[" * 100_000, "nested too deeply|not JSON"),
    ],
)
def test_a_bad_line_is_named(line: str, message: str) -> None:
    with pytest.raises(CorpusError, match=rf"^faq\.jsonl:2: .*({message})"):
        read('{"question": "A?", "answer": "b"}', line)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
records = st.dictionaries(
    st.sampled_from(["id", "question", "answer", "alternates", "title", "text", "metadata", "url"]),
    json_values,
)


@given(records)
def test_any_record_is_read_or_refused_with_its_line(record: dict[str, object]) -> None:
    try:
        (entry,) = read(json.dumps(record))
    except CorpusError as error:
        assert str(error).startswith("faq.jsonl:1: ")
    else:
        assert entry.question
