import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.question import EMPTY, MAX_CHARACTERS, TOO_LONG, WORDLESS, clean_question, problem_with


@given(st.text(max_size=50))
def test_a_cleaned_question_has_no_control_character_and_cleaning_again_changes_nothing(
    text: str,
) -> None:
    cleaned = clean_question(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned)
    assert clean_question(cleaned) == cleaned


def test_words_are_kept_whatever_the_script() -> None:
    assert clean_question(" is\theat\r\ngood? \u202eهل ") == "is heat good? \u202eهل"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", EMPTY),
        (" \n\t\x00", EMPTY),
        ("?!…", WORDLESS),
        ("🙂🙂", WORDLESS),
        ("x" * (MAX_CHARACTERS + 1), TOO_LONG),
        ("x" * MAX_CHARACTERS, None),
        ("heat?", None),
        ("腰痛", None),
    ],
)
def test_what_cannot_be_searched_with_is_said_in_words_for_a_patient(
    text: str, problem: str | None
) -> None:
    assert problem_with(clean_question(text)) == problem
