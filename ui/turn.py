"""A question that was asked on the page, and what became of it."""

import logging
import traceback
from dataclasses import dataclass

from qa.answer import Answer
from ui.faq import Faq

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question put to a FAQ, and its answer, or None where it could not be worked out."""

    question: str
    answer: Answer | None
    faq: Faq


def take_turn(faq: Faq, question: str) -> Turn:
    """Answer a question; whatever goes wrong, say so plainly and log nothing that was typed."""
    try:
        return Turn(question, faq.answerer.answer(question), faq)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        _log.error("no answer: %s in %s:%s", type(error).__name__, where.filename, where.lineno)
        return Turn(question, None, faq)
