import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.bundle import Bundle
from qa import triage
from qa.answerer import Answerer
from qa.disclaimer import DISCLAIMER
from qa.triage import (
    ALARM,
    LONGEST,
    NOTICES_FILE,
    POSSIBLE,
    SIGNS,
    check,
    load_notices,
    most_likely,
)
from qa.urgent import FALLBACK, Sign, SignsError, check_patterns, load_signs
from tests.fakes import FakeEncoder
from training.data import FAQS, URGENT, read_faqs, urgent_rows

PATTERN = "i cant pee since this morning"
NO_PATTERN = "the letters are written and the pills are counted"


@pytest.fixture
def likely(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let every message be so likely about self-harm."""

    def read(messages: Sequence[str]) -> list[NDArray[np.float32]]:
        row = [request.param if sign == "self_harm" else 0.0 for sign in SIGNS]
        return [np.array([row], dtype=np.float32) for _ in messages]

    monkeypatch.setattr(triage, "read", read)


def likelihood(messages: Sequence[str]) -> NDArray[np.float32]:
    return np.array([most_likely(parts).sum() for parts in triage.read(messages)])


@pytest.mark.parametrize("likely", [ALARM], indirect=True)
@pytest.mark.usefixtures("likely")
def test_what_reads_like_an_emergency_gets_the_notice_of_its_sign() -> None:
    (urgent,) = check([NO_PATTERN])

    assert urgent is not None
    assert "self-harm" in urgent.matched[0]
    assert "crisis line" in urgent.notice
    assert "NG225" in urgent.source


@pytest.mark.parametrize("likely", [ALARM - 0.02], indirect=True)
@pytest.mark.usefixtures("likely")
def test_what_hardly_reads_like_one_gets_none() -> None:
    assert check([NO_PATTERN]) == [None]


@pytest.mark.parametrize("likely", [POSSIBLE], indirect=True)
@pytest.mark.usefixtures("likely")
def test_a_pattern_counts_where_the_model_takes_it_for_possible() -> None:
    assert check([PATTERN, NO_PATTERN]) == [check_patterns(PATTERN), None]


@pytest.mark.parametrize("likely", [POSSIBLE - 0.02], indirect=True)
@pytest.mark.usefixtures("likely")
def test_a_pattern_does_not_count_where_the_model_is_sure_that_it_is_nothing() -> None:
    assert check([PATTERN, NO_PATTERN]) == [None, None]


@pytest.mark.parametrize("likely", [0.0], indirect=True)
@pytest.mark.usefixtures("likely")
def test_a_check_of_patterns_that_fails_is_not_overruled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triage, "check_patterns", lambda _: FALLBACK)

    assert check([PATTERN]) == [FALLBACK]


@pytest.mark.parametrize("likely", [ALARM], indirect=True)
@pytest.mark.usefixtures("likely")
def test_where_the_patterns_fail_what_the_model_reads_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(triage, "check_patterns", lambda _: FALLBACK)

    assert check([NO_PATTERN]) == [load_notices()["self_harm"]]


@pytest.mark.parametrize("sign", load_signs().signs, ids=lambda sign: str(sign.name))
def test_no_example_of_a_sign_is_overruled(sign: Sign) -> None:
    assert [text for text in sign.examples if check([text]) == [None]] == []


def test_a_model_that_fails_gives_the_notice_and_never_silence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(messages: Sequence[str]) -> None:
        raise ValueError(messages[0])

    monkeypatch.setattr(triage, "read", broken)

    assert check(["private words", "is heat good?"]) == [FALLBACK, FALLBACK]
    assert check([PATTERN]) == [check_patterns(PATTERN)]
    assert "private" not in caplog.text


def test_a_model_that_gives_no_numbers_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def read(self, messages: Sequence[str]) -> list[NDArray[np.float32]]:
            return [np.full((1, len(SIGNS) + 1), np.nan, dtype=np.float32) for _ in messages]

    monkeypatch.setattr(triage, "load_triage", Broken)

    assert check([PATTERN, NO_PATTERN]) == [check_patterns(PATTERN), FALLBACK]


def test_a_pattern_whose_words_stand_far_apart_is_not_overruled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm = np.zeros((2, len(SIGNS)), dtype=np.float32)
    monkeypatch.setattr(triage, "read", lambda _: [calm])
    message = (
        f"i had breast cancer. {'we moved house, then the dog. ' * 12}now my back hurts at night"
    )

    assert check_patterns(message)
    assert check([message]) == [check_patterns(message)]


def test_nobody_asking_is_nothing_to_check() -> None:
    assert check([]) == []


def test_there_is_a_notice_for_every_sign() -> None:
    assert all(urgent.source for urgent in load_notices().values())
    assert set(tomllib.loads(NOTICES_FILE.read_text(encoding="utf-8"))) == set(SIGNS)
    assert {row["sign"] for row in urgent_rows(URGENT) if row["urgent"]} == set(SIGNS)


@pytest.mark.parametrize(
    ("old", "new", "at_fault"),
    [
        ("[stroke]", "[strok]", r"\[stroke\]"),
        ('notice = "crisis"', 'notice = "panic"', "'panic'"),
        ('notice = "crisis"', "", r"\[self_harm\]: 'notice' is not a text"),
        ("[stroke]", "[stroke", "cannot be read"),
    ],
)
def test_a_broken_file_of_notices_is_named_with_what_is_wrong(
    tmp_path: Path, old: str, new: str, at_fault: str
) -> None:
    file = tmp_path / "triage.toml"
    file.write_text(NOTICES_FILE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SignsError, match=rf"triage\.toml: .*{at_fault}"):
        load_notices(file)


def test_a_sign_is_read_in_the_middle_and_at_the_end_of_a_long_message() -> None:
    sign = "since this morning half my face hangs down and I cannot get my words out."
    stories = [
        [*(entry.question for entry in faq.entries), *(near for near, _ in faq.near[:10])]
        for faq in read_faqs(FAQS)[:12]
    ]
    assert all(len(" ".join(story).split()) > LONGEST for story in stories)

    for place in (8, 24):
        messages = [" ".join([*story[:place], sign, *story[place:]]) for story in stories]
        assert (likelihood(messages) >= ALARM).mean() >= 0.9
    calm = [" ".join(story) for story in stories]
    assert (likelihood(calm) >= ALARM).mean() <= 0.2


def test_what_the_model_was_made_from_is_told_apart() -> None:
    rows = list(urgent_rows(URGENT))[::10]

    found = likelihood([row["text"] for row in rows]) >= ALARM

    urgent = np.array([row["urgent"] for row in rows])
    assert found[urgent].mean() > 0.9
    assert found[~urgent].mean() < 0.05


@pytest.mark.parametrize("likely", [1.0], indirect=True)
@pytest.mark.usefixtures("likely")
def test_it_stands_before_any_answer(default_bundle: Bundle) -> None:
    answerer = Answerer(default_bundle, FakeEncoder(), confidence=lambda _: 1.0)

    shown = answerer.answer("Is heat good for back spasms?").to_json()

    assert (shown["status"], shown["answer"], shown["passage"]) == ("urgent", None, None)
    assert shown["hits"]
    assert shown["disclaimer"] == DISCLAIMER
