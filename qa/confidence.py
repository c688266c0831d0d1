"""How sure medfaq is that the top hit answers, and what is sure enough to show it.

For now confidence is the similarity of the top hit; the threshold is where, on the development
questions, far-off messages stop being answered.
"""

from collections.abc import Callable, Sequence

from qa.retriever import Hit

Confidence = Callable[[str, Sequence[Hit]], float]
"""A question and its hits -> 0 to 1."""

THRESHOLD = 0.45


def similarity_confidence(question: str, hits: Sequence[Hit]) -> float:
    """Return the best cosine between the question and a view of the top hit, within 0 to 1."""
    del question
    return min(max(hits[0].similarity, 0.0), 1.0) if hits else 0.0
