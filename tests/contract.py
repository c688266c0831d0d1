"""What every face promises to the programs that read it."""

ANSWER_FIELDS = [
    "question",
    "status",
    "confidence",
    "answer",
    "passage",
    "hits",
    "urgent",
    "not_covered",
    "disclaimer",
]
