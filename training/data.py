"""Training texts: who asks what, where the answer stands, and what only looks like it.

Six sources. Ours (`training/data`) are small FAQs with the messages people send to them and near
misses, and messages that need urgent care beside ones that sound like it; the others are public
sets that `--data` names a folder of. A step's rows all come from one source, and from one FAQ where
it is ours, so that the negatives of a row are its neighbours and not another topic.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

URGENT = Path(__file__).with_name("data") / "urgent"
"""Messages that need urgent care, and others: a file for each who wrote or judged them."""

URGENT_HELD_OUT = Path(__file__).with_name("data") / "urgent_held_out"
"""Messages of two more writers, to choose by how sure the check must be and to measure it."""

FAQS = Path(__file__).with_name("data") / "faqs"
HELD_OUT = Path(__file__).with_name("data") / "held_out"
"""FAQs that no encoder is trained on: to measure it, and to fit how sure an answer is."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+(?:- )?")
_LEAD = 330
"""How many characters of a long answer are read in training, near what 80 word pieces hold."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question, a text that answers it or asks the same, and one that does not.

    Texts with the same label belong together, so that they are never each other's negatives.
    """

    anchor: str
    positive: str
    negative: str
    label: int
    negative_label: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a FAQ, and messages that it answers."""

    question: str
    answer: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Faq:
    """A FAQ of ours; `near` are messages that it does not answer, with the entry they resemble."""

    name: str
    entries: tuple[Entry, ...]
    near: tuple[tuple[str, int], ...]


Group = TypeVar("Group", bound=Hashable)

Step = Callable[[random.Random, int], list[Row]]
"""Draws the rows of one step: a source of randomness, and how many."""


def read_faqs(folder: Path) -> list[Faq]:
    """Read the FAQs written for training, in the order of their names."""
    return [_read_faq(file) for file in sorted(folder.glob("*.jsonl"))]


def rows_of(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    with file.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def urgent_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the messages of every writer, with the name of the file as `writer`."""
    for file in sorted(folder.glob("*.jsonl")):
        for row in rows_of(file):
            yield row | {"writer": file.stem}


def _read_faq(file: Path) -> Faq:
    lines = list(rows_of(file))
    entries = [line for line in lines if line["kind"] == "entry"]
    place = {entry["id"]: number for number, entry in enumerate(entries)}
    asks: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line["kind"] == "ask":
            asks[line["entry"]].append(line["text"])
    return Faq(
        file.stem,
        tuple(Entry(e["question"], e["answer"], tuple(asks[e["id"]])) for e in entries),
        tuple((line["text"], place[line["closest"]]) for line in lines if line["kind"] == "near"),
    )


def faq_steps(faqs: Sequence[Faq]) -> Step:
    """Return a step that takes one FAQ: message and a view of its entry against a near miss."""

    def step(chance: random.Random, size: int) -> list[Row]:
        faq = chance.choice(faqs)
        places = [place for place, entry in enumerate(faq.entries) for _ in entry.asks]
        rows = []
        for place in chance.sample(places, min(size, len(places))):
            entry = faq.entries[place]
            anchor = chance.choice(entry.asks)
            positive = chance.choice(_views(entry, anchor, chance))
            own = [text for text, closest in faq.near if closest == place]
            other, _ = chance.choice(faq.near)
            near = chance.choice(own) if own and chance.random() < 0.7 else other
            rows.append(Row(worn(anchor, chance), positive, near, place, -1))
        return rows

    return step


def _views(entry: Entry, anchor: str, chance: random.Random) -> list[str]:
    """Return the views of an entry that the retriever compares a question with."""
    sentences = [text for text in _SENTENCE.split(entry.answer) if len(text.split()) > 3]
    return [
        entry.question,
        f"{entry.question} {entry.answer}"[:_LEAD],
        chance.choice([ask for ask in entry.asks if ask != anchor] or [entry.question]),
        chance.choice([*sentences, entry.question]) if chance.random() < 0.5 else entry.question,
    ]


def intent_steps(file: Path) -> Step:
    """Return a step over `text` and `intent`: two ways to say the same, against another intent."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(file):
        texts[row["intent"]].append(row["text"])
        if row["intent"].endswith("?") and row["intent"] not in texts[row["intent"]]:
            texts[row["intent"]].append(row["intent"])
    intents = [intent for intent, said in texts.items() if len(said) > 1]

    def another(intent: str, chance: random.Random) -> str:
        return chance.choice([each for each in chance.sample(intents, 2) if each != intent])

    return _group_steps(texts, intents, another)


def urgent_steps(folder: Path) -> Step:
    """Return a step over `sign`, `urgent` and `text`: two emergencies, against what sounds alike.

    The messages of one sign that are no emergency belong together, too.
    """
    texts: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for row in urgent_rows(folder):
        texts[row["sign"], row["urgent"]].append(row["text"])

    def counterpart(group: tuple[str, bool], _: random.Random | None = None) -> tuple[str, bool]:
        return group[0], not group[1]

    return _group_steps(texts, [each for each in texts if counterpart(each) in texts], counterpart)


def _group_steps(
    texts: Mapping[Group, Sequence[str]],
    groups: Sequence[Group],
    other_than: Callable[[Group, random.Random], Group],
) -> Step:
    """Return a step: two texts of a group, and one of the group it is set against."""
    number = {group: place for place, group in enumerate(groups)}

    def step(chance: random.Random, size: int) -> list[Row]:
        rows = []
        for group in chance.sample(groups, min(size, len(groups))):
            anchor, positive = chance.sample(texts[group], 2)
            other = other_than(group, chance)
            negative = chance.choice(texts[other])
            rows.append(Row(worn(anchor, chance), positive, negative, number[group], number[other]))
        return rows

    return step


def answer_steps(file: Path) -> Step:
    """Return a step over MedQuAD: question and answer, against the same disease's next answer."""
    focuses: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows_of(file):
        focuses[row["focus"]].append((row["question"], row["answer"][:_LEAD]))
    several = [entries for entries in focuses.values() if len({q for q, _ in entries}) > 1]

    def step(chance: random.Random, size: int) -> list[Row]:
        rows: list[Row] = []
        while len(rows) < size:
            entries = chance.choice(several)
            (question, answer), (other, wrong) = chance.sample(entries, 2)
            if question != other:
                rows.append(Row(question, answer, wrong, len(rows), size + len(rows)))
        return rows

    return step


def worn(text: str, chance: random.Random) -> str:
    """Return a message now and then as a hurried thumb types it."""
    if chance.random() < 0.7:
        return text
    text = text.lower()
    for _ in range(chance.randint(0, 1 + len(text) // 30)):
        place = chance.randrange(max(1, len(text) - 1))
        text = chance.choice(
            [
                text[:place] + text[place + 1 :],
                text[:place] + text[place + 1 : place + 2] + text[place : place + 1]
                + text[place + 2 :],
                text[: place + 1] + text[place:],
            ]
        )  # fmt: skip
    return text.replace("'", "").replace("?", "") or text


def steps(
    sources: dict[str, tuple[Step, float]], count: int, size: int, seed: int
) -> Iterator[list[Row]]:
    """Draw steps, each of one source, in proportion to the weights."""
    chance = random.Random(seed)
    names = list(sources)
    weights = [sources[name][1] for name in names]
    for _ in range(count):
        draw, _ = sources[chance.choices(names, weights)[0]]
        yield draw(chance, size)
