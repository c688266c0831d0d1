from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.lint import LONG_ANSWER_WORDS, lint
from corpus.read import DEFAULT_FAQ, read_corpus


def nothing_alike(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.eye(len(texts), dtype=np.float32)


def findings(folder: Path, text: str) -> list[str]:
    file = folder / "faq.txt"
    file.write_text(text, encoding="utf-8")
    return [str(finding) for finding in lint(read_corpus([file]), nothing_alike)]


def test_a_clean_faq_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, "Is heat good?\nYes, it is good.\n") == []


def test_a_question_asked_twice_is_found(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "Is heat good?\nYes.\nIs Heat  good?\nNo.\n")
    assert finding == "faq.txt:3: the same question as at faq.txt:1; join the entries"


def test_the_same_entry_twice_is_found(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "Is heat good?\nYes.\nIs heat good?\nYes.\n")
    assert finding.startswith("faq.txt:3: the same question")


def test_a_cut_off_answer_is_found_at_its_line(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "What helps?\n- A long and quiet night of rest. …\n")
    assert finding.startswith("faq.txt:2: cut off")


@pytest.mark.parametrize("line", ["can i drive?", "• Can I fly?", "**Can I run?**", "2. When?"])
def test_a_line_in_an_answer_that_may_be_a_question_is_found(tmp_path: Path, line: str) -> None:
    found = findings(tmp_path, f"May I shower?\nYes.\n{line}\nNo.\n")
    assert any(each.startswith(f"faq.txt:3: {line!r} reads like a question") for each in found)
    assert findings(tmp_path, f"May I shower?\nYes, and then: {line} No.\n") == []


def test_a_very_long_answer_is_found(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "Why?\n" + "word " * LONG_ANSWER_WORDS + "word.")
    assert f"{LONG_ANSWER_WORDS + 1} words" in finding


def test_an_empty_answer_is_found(tmp_path: Path) -> None:
    file = tmp_path / "faq.jsonl"
    file.write_text('{"question": "Why?"}', encoding="utf-8")
    corpus = read_corpus([file], allow_empty_answers=True)
    assert "the answer is empty" in str(lint(corpus, nothing_alike)[0])


def test_questions_that_are_much_alike_are_found_by_similarity(tmp_path: Path) -> None:
    file = tmp_path / "faq.txt"
    file.write_text("Is heat good?\nYes.\nIs warmth good?\nYes.\n", encoding="utf-8")

    def all_alike(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.full((len(texts), len(texts)), 0.95, dtype=np.float32)

    (finding,) = lint(read_corpus([file]), all_alike)
    assert "'Is warmth good?' is much like 'Is heat good?'" in finding.message


def test_the_doubtful_item_of_the_default_faq_is_brought_up() -> None:
    found = lint(read_corpus([DEFAULT_FAQ]), nothing_alike)
    assert any("Hyperventilation." in finding.message for finding in found)
    assert any("no question in the source" in finding.message for finding in found)


def test_list_items_without_an_explanation_are_named_one_by_one(tmp_path: Path) -> None:
    answer = "This:\n- Rest\n- Ice and warmth\n- Warmth and a very long sleep\n\nEnd."
    (finding,) = findings(tmp_path, f"What helps?\n{answer}\n")
    assert "(Rest Ice and warmth)" in finding


def test_a_long_address_in_a_list_is_looked_through_in_no_time(tmp_path: Path) -> None:
    address = "https://example.org/" + "a" * 50_000
    assert findings(tmp_path, f"What helps?\n- {address} has more on all of that\n") == []
