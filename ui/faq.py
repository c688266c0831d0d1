"""A FAQ as the page shows it: its name, its counts, its questions."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from corpus.passage import Passage, SourceText
from qa.answerer import Answerer

_EXAMPLES = 5
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Faq:
    """What answers from one bundle; `key` names it in addresses, `title` to a person."""

    key: str
    title: str
    answerer: Answerer

    @property
    def passages(self) -> Sequence[Passage]:
        """All entries, in their order."""
        return self.answerer.bundle.passages

    def source_text(self, passage: Passage) -> SourceText:
        """Return the file that an entry stands in."""
        return self.answerer.bundle.files[passage.source.file]

    def examples(self) -> list[str]:
        """Return a few questions from all over the FAQ."""
        count = min(_EXAMPLES, len(self.passages))
        return [
            self.passages[number * len(self.passages) // count].question for number in range(count)
        ]

    @cached_property
    def searchable_questions(self) -> bytes:
        """Each question with the other words that its entry is asked with, as JSON.

        These are what the page suggests while somebody types, without sending what is typed.
        """
        found = [[passage.question, " ".join(_other_words(passage))] for passage in self.passages]
        return json.dumps(found, ensure_ascii=False).encode(errors="replace")

    @property
    def version(self) -> str:
        """A name that changes with the questions."""
        return hashlib.sha256(self.searchable_questions).hexdigest()[:12]


def named_faqs(
    answerers: Sequence[tuple[str, Answerer]], titles: Mapping[str, str] | None = None
) -> list[Faq]:
    """Return FAQs with keys of their own, made of the names given here.

    Each is called by the owner's title for that name, or else by the title that all its entries
    share, or else by the name.
    """
    faqs: list[Faq] = []
    for name, answerer in answerers:
        # A folder's name need not be UTF-8, and then holds halves of surrogate pairs.
        plain = name.encode(errors="replace").decode()
        title = (titles or {}).get(name) or _shared_title(answerer) or plain
        faqs.append(Faq(_free_key(name, {faq.key for faq in faqs}), title, answerer))
    return faqs


def chosen(faqs: Sequence[Faq], key: object) -> Faq:
    """Return the FAQ with a key, or the first where there is none."""
    return next((faq for faq in faqs if faq.key == key), faqs[0])


def _shared_title(answerer: Answerer) -> str | None:
    titles = {passage.source.title for passage in answerer.bundle.passages}
    return titles.pop() if len(titles) == 1 else None


def _free_key(name: str, taken: set[str]) -> str:
    stem = re.sub(r"\W+", "-", name.casefold()).strip("-") or "faq"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key


def _other_words(passage: Passage) -> Iterator[str]:
    seen = set(_words(passage.question))
    for alternate in passage.alternates:
        for word in _words(alternate):
            if word not in seen:
                seen.add(word)
                yield word


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case and without accents, as the page compares them."""
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(char)
    )
    return _WORD.findall(plain)
