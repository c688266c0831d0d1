"""A second look where the best hits lie close together: each is read beside the question.

The views of a passage are vectors, made without sight of the question; `qa.answers` reads both at
once. It takes a few milliseconds a hit, so it is asked only about what may well come first, and
only about entries with an answer: it has learned from such, and of questions alone it judges no
better than their vectors.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from qa.answers import answers
from qa.hit import Found, Hit

JUDGED = 3
"""How many hits are judged at most."""

CLOSE = 0.05
"""How far behind the first a hit may be, by score, to be judged."""

Rerank = Callable[[Sequence[Found]], list[Found]]
"""What a search found for questions -> the same, in the order that counts."""


def rerank(found: Sequence[Found]) -> list[Found]:
    """Put the first few hits of each question in order again, where they lie close together.

    Hits further behind keep their places: they count as answering no better than any judged one.
    """
    close = [_close(each.hits) for each in found]
    pairs = [
        (each.question, hit.passage)
        for each, count in zip(found, close, strict=True)
        for hit in each.hits[:count]
    ]
    odds = iter(answers(pairs).tolist() if pairs else [])
    return [
        _judged(each, [next(odds) for _ in range(count)]) if count else each
        for each, count in zip(found, close, strict=True)
    ]


def _close(hits: Sequence[Hit]) -> int:
    """Return how many of the first hits lie close together, and all have an answer to read.

    0 where the first is alone.
    """
    close = [hit for hit in hits[:JUDGED] if hits[0].score - hit.score <= CLOSE]
    return len(close) if len(close) > 1 and all(hit.passage.answer for hit in close) else 0


def _judged(found: Found, odds: Sequence[float]) -> Found:
    judged = [replace(hit, answers=each) for hit, each in zip(found.hits, odds, strict=False)]
    others = [replace(hit, answers=min(odds)) for hit in found.hits[len(odds) :]]
    hits = (*sorted(judged, key=lambda hit: -hit.score), *others)
    return replace(found, hits=hits)
