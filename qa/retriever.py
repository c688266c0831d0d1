"""Questions to ranked hits: a passage is seen in several ways, and scored by their mean.

Where the best lie close together, `qa.rerank` has the last word on their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Span
from index.bundle import Bundle
from index.coverage import NEAREST
from index.encoder import Encoder, Reading, Vectors
from index.views import ViewKind
from qa.hit import LEXICAL_WEIGHT, WEIGHTS, Covered, Found, Hit, Signals
from qa.rerank import JUDGED, Rerank, rerank

_NEAREST_VIEWS = 1_000
_BY_MEANING = 60
_BY_WORDS = 20
"""How many passages are scored in full: those with the nearest views, and the best by words."""

_NEAREST_ASKS = 3
_MATCHED_FIRST = 2
"""How many passages, for each one wanted, are matched piece by piece before any is left out."""

_PERFECT = 1.002
"""No match is better; a little over 1, for a question's pieces are rounded to half precision."""

_STANDS_OUT = 0.45
"""How near a sentence must lie to the question to be set off from the rest of its answer."""


class Retriever:
    """Ranks the passages of a bundle."""

    def __init__(self, bundle: Bundle, encoder: Encoder, rerank: Rerank | None = rerank) -> None:
        """Rank the passages of `bundle` with the encoder that it was built with.

        Without `rerank`, the order is that of the views alone. So it is where the owner says what
        the FAQ does not cover: who does so gives alternates too, and with these it is as good.
        """
        self._bundle = bundle
        self._encoder = encoder
        self._rerank = rerank if bundle.coverage is None else None
        owners = np.array([view.passage for view in bundle.views])
        self._owner = owners
        self._first_view = np.searchsorted(owners, np.arange(len(bundle.passages) + 1))
        by_piece = np.array([view.kind.by_piece for view in bundle.views])
        kinds = np.array([view.kind is ViewKind.ENTRY for view in bundle.views])
        self._entry_view = np.flatnonzero(kinds)
        self._is_ask = np.array([view.kind.asks for view in bundle.views])
        self._has_answer = np.array([bool(passage.answer) for passage in bundle.passages])
        self._text_of_view = np.cumsum(by_piece) - 1

    def search(self, questions: Sequence[str], count: int) -> list[Found]:
        """Return what is found for each question, ties in the order of the FAQ."""
        if not questions:
            return []
        found = [self._rank(asked, max(count, JUDGED)) for asked in self._asked(questions, count)]
        if self._rerank:
            found = self._rerank(found)
        return [replace(each, hits=each.hits[:count]) for each in found]

    def _asked(self, questions: Sequence[str], count: int) -> list["_Asked"]:
        """Find out all that is found out sooner for many questions at once than one by one."""
        readings = self._encoder.read(questions)
        vectors = np.stack([reading.vector for reading in readings])
        coverage = self._bundle.coverage
        unlike = [None] * len(questions) if coverage is None else coverage.nearness(vectors)
        count = max(_BY_MEANING, count)
        passages = range(len(self._bundle.passages))
        if len(passages) <= count:
            views = np.arange(len(self._bundle.views))
            # This way round BLAS need not copy the many, to which it compares the few.
            similarities = (self._bundle.dense.all_vectors() @ vectors.T).T
            return [
                _Asked(question, reading, passages, views, others, near)
                for question, reading, others, near in zip(
                    questions, readings, unlike, similarities, strict=True
                )
            ]
        rows = self._bundle.dense.search(vectors, _NEAREST_VIEWS)
        return [
            _Asked(
                question,
                reading,
                list(dict.fromkeys(self._owner[views].tolist()))[:count],
                views,
                others,
            )
            for question, reading, others, views in zip(
                questions, readings, unlike, rows, strict=True
            )
        ]

    def _rank(self, asked: "_Asked", count: int) -> Found:
        lexical = self._bundle.lexical.scores(asked.question)
        lexical = lexical / max(float(lexical.max()), 1e-9)
        by_words = np.argsort(-lexical, kind="stable")[:_BY_WORDS]
        taken = np.zeros(len(lexical), dtype=np.bool_)
        taken[asked.nearest] = taken[by_words[lexical[by_words] > 0]] = True
        candidates = np.flatnonzero(taken)
        looks = self._look(candidates, lexical[candidates], asked)
        matched = self._match(looks, asked.reading, count)
        order = sorted(matched, key=lambda number: -matched[number].score)
        hits = tuple(looks.hit(number, matched[number]) for number in order[:count])
        return Found(asked.question, hits, self._covered(asked, int(candidates[order[0]])))

    def _covered(self, asked: "_Asked", first: int) -> Covered | None:
        coverage = self._bundle.coverage
        if coverage is None or asked.unlike is None:
            return None
        asks = asked.views[self._is_ask[asked.views]]
        if asked.similarities is None:
            asks = asks[:NEAREST]
            near = self._bundle.dense.vectors(asks) @ asked.reading.vector
        else:
            near = asked.similarities[asks]
        by_passage = coverage.of(asked.reading.vector, asks, near, asked.unlike)
        return Covered(sum(by_passage.values()), by_passage.get(first, 0.0))

    def _look(
        self, numbers: NDArray[np.int64], words: NDArray[np.float32], asked: "_Asked"
    ) -> "_Looks":
        """Compare all views of some passages: their questions, the entry, and its sentences."""
        first, last = self._first_view[numbers], self._first_view[numbers + 1]
        starts = np.cumsum(last - first) - (last - first)
        rows = np.repeat(first - starts, last - first) + np.arange((last - first).sum())
        similarities = asked.similarities
        if similarities is None:
            similarities = self._bundle.dense.vectors(rows) @ asked.reading.vector
        entry = starts + self._entry_view[numbers] - first
        nearest, found = _nearest_asks(similarities, starts, entry)
        without_entry = similarities.copy()
        without_entry[entry] = -np.inf
        # An entry without an answer is its question again; its alternates say more of it.
        whole = self._has_answer[numbers]
        return _Looks(
            bundle=self._bundle,
            numbers=numbers,
            rows=rows,
            starts=np.append(starts, len(rows)),
            entries=entry,
            similarities=similarities,
            nearest=nearest,
            found=found,
            whole=whole,
            asks=_nearness(similarities[nearest], found),
            sentence=np.maximum.reduceat(without_entry, starts),
            entry=similarities[np.where(whole, entry, nearest[:, 0])],
            words=words,
        )

    def _match(self, looks: "_Looks", question: Reading, count: int) -> dict[int, Signals]:
        """Match passages piece by piece: all that can be among the best `count`.

        That is most of the work of a question. So the passages that look best are matched first,
        and of the others only those that would be among the best if they matched perfectly.
        """
        promise = looks.promise()
        order = np.argsort(-promise, kind="stable")
        first, others = order[: _MATCHED_FIRST * count], order[_MATCHED_FIRST * count :]
        matched = self._match_these(looks, question, np.sort(first))
        if len(others):
            least = sorted((signals.score for signals in matched.values()), reverse=True)[count - 1]
            matched |= self._match_these(looks, question, np.sort(others[promise[others] >= least]))
        return dict(sorted(matched.items()))

    def _match_these(
        self, looks: "_Looks", question: Reading, chosen: NDArray[np.int64]
    ) -> dict[int, Signals]:
        """Return how well passages fit once they are matched: the nearest asks, and the entry."""
        if not len(chosen):
            return {}
        lengths = looks.found[chosen] + 1
        texts = np.column_stack([looks.nearest[chosen], looks.entries[chosen]])
        taken = np.arange(_NEAREST_ASKS + 1) < looks.found[chosen][:, None]
        taken[:, -1] = True
        match = self._bundle.tokens.match(question, self._text_of_view[looks.rows[texts[taken]]])
        starts = np.cumsum(lengths) - lengths
        lasts = starts + lengths - 1
        forward = np.where(
            looks.whole[chosen], match.forward[lasts], np.maximum.reduceat(match.forward, starts)
        )
        reverse = match.reverse.copy()
        reverse[lasts] = -np.inf
        reverse = np.maximum.reduceat(reverse, starts)
        return {
            number: looks.signals(number, float(covers), float(covered))
            for number, covers, covered in zip(chosen.tolist(), forward, reverse, strict=True)
        }


def _nearest_asks(
    similarities: Vectors, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the nearest of each `similarities[start:end]` stand, and how many there are.

    Best first, ties in order: shape (passages, nearest), the last one again where there are fewer.
    """
    counts = ends - starts
    begins = np.cumsum(counts) - counts
    rows = np.repeat(starts - begins, counts) + np.arange(counts.sum())
    left = similarities[rows]
    found = np.minimum(counts, _NEAREST_ASKS)
    places = np.empty((len(starts), _NEAREST_ASKS), dtype=np.int64)
    for rank in range(_NEAREST_ASKS):
        # Each time the best that are left, which is far quicker than to sort them all.
        best = np.flatnonzero(left == np.repeat(np.maximum.reduceat(left, begins), counts))
        places[:, rank] = best[np.searchsorted(best, begins)]
        left[places[:, rank]] = -np.inf
    places = np.take_along_axis(
        places, np.minimum(np.arange(_NEAREST_ASKS), found[:, None] - 1), axis=1
    )
    return rows[places], found


def _nearness(nearest: Vectors, found: NDArray[np.int64]) -> Vectors:
    """Return how near the nearest texts are: the mean of the best and of the best three."""
    taken = np.arange(_NEAREST_ASKS) < found[:, None]
    means = np.where(taken, nearest, 0).sum(axis=1) / found
    return np.asarray((nearest[:, 0] + means) / 2, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, read.

    `nearest` are the numbers of the passages with the nearest views, or of all in a small FAQ;
    there `similarities` are those of all views to the question. `views` are the rows of all views
    in a small FAQ, and of the nearest ones, best first, in a large one. `unlike` is how near each
    example of what the FAQ does not cover lies, where there are any.
    """

    question: str
    reading: Reading
    nearest: Sequence[int]
    views: NDArray[np.int64]
    unlike: Vectors | None
    similarities: Vectors | None = None


@dataclass(frozen=True, slots=True)
class _Looks:
    """Passages whose views have been compared with a question.

    Passage `n` has the views `rows[starts[n]:starts[n + 1]]`: its asks, then from `entries[n]` on
    its entry and the sentences of its answer. `nearest` are its nearest asks, of which `found[n]`
    count. `whole` are the passages that have an answer. The rest is as in `Signals`, each of shape
    (passages,).
    """

    bundle: Bundle
    numbers: NDArray[np.int64]
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    entries: NDArray[np.int64]
    similarities: Vectors
    nearest: NDArray[np.int64]
    found: NDArray[np.int64]
    whole: NDArray[np.bool_]
    asks: Vectors
    sentence: Vectors
    entry: Vectors
    words: NDArray[np.float32]

    def promise(self) -> Vectors:
        """Return the score that each passage would have if its pieces matched perfectly."""
        seen = self.asks + self.sentence + self.entry + 2 * _PERFECT
        return np.asarray((seen + LEXICAL_WEIGHT * self.words) / WEIGHTS, dtype=np.float32)

    def signals(self, number: int, forward: float, reverse: float) -> Signals:
        return Signals(
            asks=float(self.asks[number]),
            sentence=float(self.sentence[number]),
            entry=float(self.entry[number]),
            forward=forward,
            reverse=reverse,
            words=float(self.words[number]),
        )

    def hit(self, number: int, signals: Signals) -> Hit:
        mine = slice(self.starts[number], self.starts[number + 1])
        nearest = int(self.similarities[mine].argmax())
        return Hit(
            passage=self.bundle.passages[int(self.numbers[number])],
            signals=signals,
            evidence=self.bundle.views[int(self.rows[mine][nearest])],
            similarity=float(self.similarities[mine][nearest]),
            sentence=self._nearest_sentence(number),
        )

    def _nearest_sentence(self, number: int) -> Span | None:
        mine = slice(self.entries[number] + 1, self.starts[number + 1])
        similarities = self.similarities[mine]
        if len(similarities) < 2:
            return None
        nearest = int(similarities.argmax())
        if similarities[nearest] < _STANDS_OUT:
            return None
        return self.bundle.views[int(self.rows[mine][nearest])].span
