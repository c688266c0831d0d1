import tomllib

import pytest

from qa.topics import TOPICS_FILE, mentions, topics_of


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
