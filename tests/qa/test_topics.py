import tomllib
from collections.abc import Iterator

import pytest

from qa.topics import TOPICS_FILE, mentions, topics_of, with_main_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Is SWIMMING good?", ["swimming"]),
        ("can i swim or jog", ["swimming", "running"]),
        ("advil vs Motrin", ["ibuprofen"]),
        ("co-codamol", ["co codamol"]),
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


def groups_of_names() -> Iterator[tuple[str, list[str], str]]:
    """Yield the kind of each topic, its names, and what it is a kind of."""
    with TOPICS_FILE.open("rb") as stream:
        kinds = tomllib.load(stream)
    for kind, topics in kinds.items():
        for topic in topics:
            names, _, group = topic.partition(" < ")
            yield kind, names.split(", "), group


def test_no_name_stands_for_two_topics() -> None:
    for _, names, _ in groups_of_names():
        for name in names:
            assert [topic.name for topic in topics_of(name)] == [names[0]], name


def test_what_something_is_a_kind_of_is_a_topic_itself() -> None:
    topics = {(kind, names[0]) for kind, names, _ in groups_of_names()}
    groups = {(kind, group) for kind, _, group in groups_of_names() if group}
    assert groups
    assert groups <= topics


def test_a_medicine_is_put_by_its_main_name_and_nothing_else_is_touched() -> None:
    text = "can i take Advil, or my advil? i swim"
    assert with_main_names(text, "medicines") == "can i take ibuprofen, or my ibuprofen? i swim"
    assert with_main_names("Co-codamol?", "medicines") == "co codamol?"
