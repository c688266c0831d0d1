import tomllib

import pytest

from qa.topics import TOPICS_FILE, mentions, topics_of, with_main_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Is SWIMMING good?", ["swimming"]),
        ("can i swim or jog", ["swimming", "running"]),
        ("advil vs Motrin", ["ibuprofen"]),
        ("co-codamol", ["codeine"]),
        ("athlete's foot", ["athlete's foot"]),
        ("my foot", ["foot"]),
        ("so what do i do gonna lol", []),
        ("", []),
    ],
)
def test_names_of_one_thing_are_one_topic_and_the_longest_name_wins(
    text: str, names: list[str]
) -> None:
    assert [mention.topic.name for mention in mentions(text)] == names


def test_no_name_stands_for_two_topics() -> None:
    with TOPICS_FILE.open("rb") as stream:
        kinds = tomllib.load(stream)
    for groups in kinds.values():
        for group in groups:
            for name in group.split(", "):
                assert [topic.name for topic in topics_of(name)] == [group.split(", ")[0]], name


def test_a_medicine_is_put_by_its_main_name_and_nothing_else_is_touched() -> None:
    text = "can i take Advil, or my advil? i swim"
    assert with_main_names(text, "medicines") == "can i take ibuprofen, or my ibuprofen? i swim"
