"""What a question is about and the entry found for it is not: swimming, where it is on walking.

`mismatches` is a signal of its own, apart from how near the two lie: an entry that does not name
the medicine, the illness or the child that a question names hardly ever answers it.
"""

from collections import Counter
from collections.abc import Sequence, Set
from functools import lru_cache

from corpus.passage import Passage
from qa.topics import Mention, Topic, may_be_a_slip, mentions, topics_of, words_of

ALWAYS = frozenset({"conditions", "medicines", "tests", "treatments", "use"})
"""Kinds of topics that a question is about wherever it names them."""

NEVER = frozenset({"affairs"})
"""Kinds that a health answer need not name: what it costs, where it is."""

SHORT_QUESTION = 12
"""Words up to which a question is about any topic it names. A longer one is a story, in which a
child or a banana may come up in passing."""

DOUBT = 0.15
"""What a mismatch leaves of the confidence."""

_LEAST_ENTRIES = 4
_LEAST_SHARE = 0.2


def mismatches(question: str, passage: Passage, subject: Set[Topic] = frozenset()) -> list[Mention]:
    """Return the topics that a question is about and no text of a passage names.

    A word that may be a slip of the keys for one of the passage's is none, nor is what the whole
    FAQ is about, its `subject`, which an entry need not repeat. An entry without an answer says
    too little to tell.
    """
    if not passage.answer:
        return []
    topics, words = _held(passage)
    short = len(question.split()) <= SHORT_QUESTION
    return [
        mention
        for mention in mentions(question)
        if mention.topic.kind not in NEVER
        and (short or mention.topic.kind in ALWAYS)
        and not mention.topic.is_among(topics | subject)
        and not may_be_a_slip(mention.words, words)
    ]


def subject_of(passages: Sequence[Passage]) -> frozenset[Topic]:
    """Return the topics that so many entries are about that they are what the FAQ is about."""
    count = Counter(
        topic
        for passage in passages
        for topic in topics_of(f"{passage.question} \n {passage.answer}")
    )
    least = max(_LEAST_ENTRIES, _LEAST_SHARE * len(passages))
    return frozenset(topic for topic, entries in count.items() if entries >= least)


@lru_cache(maxsize=4096)
def _held(passage: Passage) -> tuple[frozenset[Topic], frozenset[str]]:
    """Return all topics that a passage names, and the words of which others may be slips.

    Those of its alternates are none: of so many words nearly every other may be a slip.
    """
    text = f"{passage.question} \n{passage.answer}"
    return topics_of(" \n".join((text, *passage.alternates))), words_of(text)
