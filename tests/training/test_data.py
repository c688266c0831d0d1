import json
import random
from pathlib import Path

import pytest

from training.data import (
    FAQS,
    HELD_OUT,
    URGENT,
    Step,
    answer_steps,
    faq_steps,
    intent_steps,
    read_faqs,
    steps,
    urgent_rows,
    urgent_steps,
)


def write(file: Path, rows: list[dict[str, object]]) -> Path:
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return file


@pytest.mark.parametrize("folder", [FAQS, HELD_OUT])
def test_every_faq_has_messages_for_each_entry_and_near_misses(folder: Path) -> None:
    for faq in read_faqs(folder):
        assert len(faq.entries) == 16, faq.name
        assert all(len(entry.asks) >= 5 for entry in faq.entries), faq.name
        assert len(faq.near) >= 30, faq.name


def test_no_faq_trains_and_measures() -> None:
    trained, held_out = ({faq.name for faq in read_faqs(each)} for each in (FAQS, HELD_OUT))

    assert trained
    assert held_out
    assert not trained & held_out


def test_a_step_of_a_faq_sets_a_message_beside_its_entry_and_a_near_miss() -> None:
    faq = read_faqs(FAQS)[0]
    near = {text for text, _ in faq.near}

    rows = faq_steps([faq])(random.Random(0), 24)

    assert len(rows) == 24
    for row in rows:
        entry = faq.entries[row.label]
        assert row.positive.startswith(entry.question) or (
            row.positive in entry.asks or row.positive in entry.answer
        )
        assert row.negative in near


def test_a_step_of_intents_never_takes_a_text_of_the_same_intent_for_a_negative(
    tmp_path: Path,
) -> None:
    texts: list[dict[str, object]] = [
        {"text": f"{intent} {n}", "intent": intent} for intent in "abc" for n in range(4)
    ]
    step = intent_steps(write(tmp_path / "intents.jsonl", texts))

    for row in step(random.Random(0), 3):
        assert row.positive[0] != row.negative[0]
        assert row.label != row.negative_label


def test_a_step_of_answers_takes_the_same_disease_for_a_negative(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"focus": focus, "question": f"{what} {focus}", "answer": f"{focus} {what}."}
        for focus in ("gout", "flu")
        for what in ("causes", "cure")
    ]
    step = answer_steps(write(tmp_path / "answers.jsonl", rows))

    for row in step(random.Random(0), 4):
        assert row.positive.split()[0] == row.negative.split()[0]
        assert row.positive != row.negative


def test_an_emergency_is_set_against_what_sounds_like_it() -> None:
    urgent = {row["text"]: (row["sign"], row["urgent"]) for row in urgent_rows(URGENT)}

    for row in urgent_steps(URGENT)(random.Random(0), 20):
        sign, alarm = urgent[row.positive]
        assert urgent[row.negative] == (sign, not alarm)


def test_the_same_seed_draws_the_same_steps() -> None:
    def draw(seed: int) -> list[str]:
        sources: dict[str, tuple[Step, float]] = {
            "faqs": (faq_steps(read_faqs(FAQS)), 2.0),
            "urgent": (urgent_steps(URGENT), 1.0),
        }
        return [row.anchor for step in steps(sources, 5, 8, seed) for row in step]

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)
