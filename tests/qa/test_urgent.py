import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import urgent
from qa.urgent import (
    FALLBACK,
    SIGNS_FILE,
    Element,
    SignsError,
    Urgent,
    check_patterns,
    find_urgent,
    load_signs,
    normalise,
)

DEV = Path(__file__).parents[2] / "benchmarks" / "data" / "dev"
BLADDER = "loss of bladder or bowel control"
FEVER = "fever or chills with back pain"
CHEST = "chest pain or pressure"
BREATHING = "trouble breathing"
LEGS = "weak, numb or paralysed legs"
SUICIDE = "thoughts of suicide or self-harm"

SIGNS = load_signs().signs
EXAMPLES = [(sign.noticed, text) for sign in SIGNS for text in sign.examples]
NOT_EXAMPLES = [text for sign in SIGNS for text in sign.not_examples]


def matched(text: str) -> tuple[str, ...]:
    found = find_urgent(text)
    return found.matched if found else ()


@pytest.mark.parametrize(("noticed", "text"), EXAMPLES)
def test_every_example_is_noticed_as_its_sign(noticed: str, text: str) -> None:
    assert noticed in matched(text)


@pytest.mark.parametrize("text", NOT_EXAMPLES)
def test_what_only_sounds_like_a_sign_is_not_urgent(text: str) -> None:
    assert matched(text) == ()


@pytest.mark.parametrize(
    ("text", "noticed"),
    [
        ("no fever", ()),
        ("no fever but i cant pee", (BLADDER,)),
        ("i cant pee but no fever and my back hurts", (BLADDER,)),
        ("no fever, no numbness, just a stiff back", ()),
        ("no fever, numbness or weakness, only my back", ()),
        ("no numbness. I have chest pain", (CHEST,)),
        ("i dont have chest pain or trouble breathing", ()),
        ("not short of breath but there is a weight on my chest", (CHEST,)),
        ("any chest pain no, short of breath no, back spasm yes", ()),
        ("havent lost control of my bladder", ()),
        ("no idea why but i cannot breathe", (BREATHING,)),
        ("no joke i want to die", (SUICIDE,)),
        ("never had cancer, my back hurts", ()),
        ("no bladder control since yesterday", (BLADDER,)),
    ],
)
def test_a_denial_holds_for_what_it_denies_and_no_further(
    text: str, noticed: tuple[str, ...]
) -> None:
    assert matched(text) == noticed


@pytest.mark.parametrize(
    ("here", "not_here"),
    [
        ("my husband cant feel his legs", "my husband can feel his legs"),
        ("my chest hurts", "can a back spasm make your chest hurt?"),
        ("i have a fever and back pain", "if i get a fever should i worry about my back pain?"),
        ("i took twenty ibuprofen", "i took two ibuprofen as the packet says"),
        ("i fell off a ladder today", "i fell off a ladder 20 years ago"),
        ("i want to kill myself", "my back is killing me"),
        ("i wet myself", "i wet myself laughing"),
        ("i had a stroke yesterday, i think", "i had a stroke 10 years ago, is heat ok"),
        ("my mum has cancer and her back hurts", "my mum has cancer. my own back hurts"),
        ("i cant pee", "what if i ever cant pee"),
    ],
)
def test_pairs_that_differ_in_what_matters_differ_in_the_outcome(here: str, not_here: str) -> None:
    assert matched(here)
    assert matched(not_here) == ()


@pytest.mark.parametrize(
    ("text", "noticed"),
    [
        ("CANT PEE", BLADDER),
        ("I can’t urinate", BLADDER),
        ("lost controll of my blader", BLADDER),
        ("chset pian", CHEST),
        ("cehst paaaain", CHEST),
        ("i cnt breath", BREATHING),
        ("hav a feaver and bakc pain", FEVER),
        ("my legz are nubm", LEGS),
        ("i feel suicdal", SUICIDE),
        ("wanna dye", SUICIDE),
    ],
)
def test_slips_of_spelling_are_seen_through(text: str, noticed: str) -> None:
    assert noticed in matched(text)


@pytest.mark.parametrize(
    "word", ["number", "never", "peel", "cheat", "chess", "breach", "spare", "wheel", "feature"]
)
def test_real_words_are_not_taken_for_misspelt_ones(word: str) -> None:
    assert normalise(word, load_signs()) == [".", word, "."]


def test_a_message_becomes_plain_words_between_full_stops() -> None:
    assert normalise("Can't FEEL my legs... (both); 38,5°!", load_signs()) == [
        *[".", "cannot", "feel", "my", "legs", ".", ".", ".", ",", "both", ",", "."],
        *["38.5", ".", "."],
    ]


def test_the_notice_names_what_was_noticed_and_says_what_to_do() -> None:
    found = find_urgent("fell off a roof, chest pain, cant breathe")
    assert found is not None
    assert all(noticed in found.notice for noticed in found.matched)
    assert "call your local emergency number" in found.notice.lower()
    assert "cannot judge" in found.notice


def test_thoughts_of_suicide_get_a_kind_text_before_anything_else() -> None:
    found = find_urgent("i want to die and i have chest pain")
    assert found is not None
    assert "crisis line" in found.notice
    assert found.notice.index("sorry") < found.notice.index("treatment within hours")


def test_no_notice_holds_the_number_of_one_country() -> None:
    for text in (*load_signs().notices.values(), FALLBACK.notice):
        assert not re.search(r"\d", text)


def test_every_sign_names_its_guideline_once_per_notice() -> None:
    found = find_urgent("cant pee and no feeling in my groin")
    assert found is not None
    assert found.source.count("Cauda Equina") == 1
    assert all(sign.source for sign in SIGNS)


def test_a_check_that_fails_gives_the_notice_and_never_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(question: str) -> Urgent | None:
        raise RuntimeError(question)

    monkeypatch.setattr(urgent, "find_urgent", broken)
    assert check_patterns("is heat good?") is FALLBACK
    assert "emergency number" in FALLBACK.notice


def test_a_check_that_works_gives_what_was_found() -> None:
    assert check_patterns("is heat good?") is None
    assert check_patterns("i cant breathe") == find_urgent("i cant breathe")


@given(st.text(max_size=200))
def test_any_text_is_either_urgent_or_not(text: str) -> None:
    assert find_urgent(text) == find_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "cant ",
        "i cant pee no fever, ",
        "chest pain ",
        "back fever not ",
        "if when what can ",
        "a" * 7 + " ",
        "took too many of my the tablets ",
        "not, no, or nor ",
    ],
)
def test_work_grows_no_faster_than_the_message(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    ends = Element.ends

    def counted(element: Element, words: Sequence[str], at: int) -> Iterator[int]:
        nonlocal steps
        steps += 1
        return ends(element, words, at)

    monkeypatch.setattr(Element, "ends", counted)
    find_urgent(text * (2_000 // len(text)))
    short, steps = steps, 0
    find_urgent(text * (4_000 // len(text)))
    assert steps <= 2.5 * short + 2_000


def test_the_few_regexes_hold_no_quantifier_inside_a_quantified_group() -> None:
    regexes = re.findall(r"\"(/[^\"\s]+/)\"", SIGNS_FILE.read_text(encoding="utf-8"))
    assert regexes
    assert not [regex for regex in regexes if re.search(r"[*+}]\)[*+{]", regex)]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[notices]", "[notices", "cannot be read"),
        ('notice = "emergency"', 'notice = "urgently"', "notice 'urgently' is not in [notices]"),
        ("<saddle>", "<sadle>", "<sadle> is not in [words]"),
        ('ignore = [\n  "', 'ignore = [\n  "solved",\n  "', "'solved', which is not in [contexts]"),
        ('noticed = "trouble breathing"', "noticed = 3", "sign 'breathing': 'noticed' is not"),
        ("[aliases]", "[aliasses]", "[aliases] is missing"),
        ("[[sign]]", "[[signs]]", "there is no [[sign]]"),
        (
            'often_misspelt = [\n  "',
            'often_misspelt = [\n  "zyzzyva ',
            "'zyzzyva' is in no pattern",
        ),
        ("\nexamples = [", "\nexample = [", "needs patterns, examples and not_examples"),
        (
            '\npatterns = [\n  "',
            '\npatterns = [\n  "pee ..",\n  "',
            "must begin and end with a word",
        ),
    ],
)
def test_an_error_in_the_file_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = tmp_path / "urgent.toml"
    shutil.copy(SIGNS_FILE, path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SignsError, match=re.escape(problem)) as caught:
        load_signs(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_of_signs_is_named(tmp_path: Path) -> None:
    with pytest.raises(SignsError, match=r"absent\.toml: cannot be read"):
        load_signs(tmp_path / "absent.toml")


def test_at_least_98_in_100_urgent_and_at_most_2_in_100_other_messages_are_noticed() -> None:
    def texts(*names: str) -> list[str]:
        lines = [
            line for n in names for line in (DEV / f"{n}.jsonl").read_text("utf-8").split("\n")
        ]
        return [json.loads(line)["text"] for line in lines if line]

    urgent_ones = texts("urgent")
    others = texts("not_urgent", "queries", "near", "far")
    assert sum(bool(matched(text)) for text in urgent_ones) >= 0.98 * len(urgent_ones)
    assert sum(bool(matched(text)) for text in others) <= 0.02 * len(others)
