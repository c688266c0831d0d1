"""More texts and vectors than the sets hold, from a seeded generator.

Such texts and vectors measure speed, never quality, and results name how many there were.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.sets import other_sets, own_set
from index.encoder import Vectors, unit
from index.views import sentences

SEED = 6
Entry = tuple[str, str]
"""A question and its answer."""

_FAR = (0.3, 0.9)
"""How far a made vector moves from a real one, which leaves a cosine of 0.95 to 0.74."""

_BLOCK = 50_000


def real_entries() -> list[Entry]:
    """Return the entries of all sets, those of the default FAQ first."""
    corpora = [own_set("dev", companion=False).corpus, *(each.corpus for each in other_sets())]
    return [(p.question, p.answer) for corpus in corpora for p in corpus.passages]


def entries(count: int) -> tuple[list[Entry], int]:
    """Return so many entries, and how many of them are real, which come first.

    A made one joins the questions of two real ones, and sentences of two real answers.
    """
    real = real_entries()[:count]
    answers = [
        [answer[start:end] for start, end in sentences(answer)] for _, answer in real if answer
    ]
    chance = np.random.default_rng(SEED)
    made = [
        (
            " ".join(real[number][0] for number in chance.integers(len(real), size=2)),
            " ".join(
                " ".join(chance.permutation(answers[number])[:2])
                for number in chance.integers(len(answers), size=2)
            ),
        )
        for _ in range(count - len(real))
    ]
    return [*real, *made], len(real)


def questions(count: int) -> list[str]:
    """Return so many real questions, from the development split and the other sets in turn."""
    asked = [
        text for each in (own_set("dev", companion=False), *other_sets()) for text in each.texts
    ]
    chosen = np.random.default_rng(SEED).choice(
        len(asked), size=min(count, len(asked)), replace=False
    )
    return [asked[number] for number in chosen]


def vectors(real: Vectors, count: int) -> Vectors:
    """Return so many vectors, the real ones first.

    A made one is a real one moved along the difference of two others. So the made ones lie as
    densely as texts do where texts are, and spread in the directions in which texts spread. Noise
    that is alike in all directions has no neighbourhoods to find, and no corpus looks like it.
    """
    chance = np.random.default_rng(SEED)
    found = np.empty((count, real.shape[1]), dtype=np.float32)
    found[: len(real)] = real[:count]
    for start in range(len(real), count, _BLOCK):
        size = min(_BLOCK, count - start)
        near, one, other = (real[chance.integers(len(real), size=size)] for _ in range(3))
        far = chance.uniform(*_FAR, size=(size, 1)).astype(np.float32)
        found[start : start + size] = unit(near + far * unit(one - other))
    return found


def texts(found: Sequence[Entry]) -> list[str]:
    """Return the questions and the sentences of entries, each text once."""
    every = [
        text
        for question, answer in found
        for text in (question, *(answer[start:end] for start, end in sentences(answer)))
    ]
    return list(dict.fromkeys(every))
