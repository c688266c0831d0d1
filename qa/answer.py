"""The answer that every face shows."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from corpus.passage import Passage
from qa.disclaimer import DISCLAIMER
from qa.hit import Hit
from qa.urgent import Urgent


class Status(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    NOT_COVERED = "not_covered"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Answer:
    """A vetted answer, or why there is none.

    `confidence` is the probability that the first hit answers, whether or not it is shown.
    `passage` is None unless the status is answered; `not_covered` says why there is no answer, in
    words for a patient; `urgent` is what was noticed and what to do now, and stands in place of
    any answer. The disclaimer cannot be left out.
    """

    question: str
    status: Status
    confidence: float
    passage: Passage | None
    hits: tuple[Hit, ...]
    not_covered: str | None = None
    urgent: Urgent | None = None

    @property
    def disclaimer(self) -> str:
        """The fixed medical disclaimer."""
        return DISCLAIMER

    def to_json(self) -> dict[str, Any]:
        """Return the answer in the form that the command line and the API print."""
        passage = self.passage
        return {
            "question": self.question,
            "status": self.status.value,
            "confidence": round(self.confidence, 4),
            "answer": passage.answer if passage else None,
            "passage": {
                "id": passage.id,
                "question": passage.question,
                "answer": passage.answer,
                "source": asdict(passage.source),
            }
            if passage
            else None,
            "hits": [
                {
                    "id": hit.passage.id,
                    "question": hit.passage.question,
                    "score": round(hit.score, 4),
                }
                for hit in self.hits
            ],
            "urgent": asdict(self.urgent) if self.urgent else None,
            "not_covered": self.not_covered,
            "disclaimer": self.disclaimer,
        }
