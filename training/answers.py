"""Make qa/models/answers.onnx: it reads a question and an entry, and judges whether this answers.

    python -m training.answers --data DIR

all-MiniLM-L6-v2 with a layer on top is tuned on the FAQs of `training/data/faqs`: messages with the
entry that answers, with the entries nearest to it that do not, and near misses with the entry that
they resemble; and on messages of the public sets in DIR, with another that asks the same and the
nearest that does not. That is done twice, with other chances, and the weights are averaged, which
tells near misses better than either (model soups: Wortsman et al., 2022, arXiv:2203.05482). Then it
prints how it does on FAQs that it has not read. Two hours on two cores.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from index.encoder import Encoder, load_encoder
from index.views import sentences
from qa.answers import LONGEST, MODEL
from training.data import FAQS, HELD_OUT, Entry, Faq, read_faqs, rows_of, worn
from training.tuning import Example, Model, Reader, average, logits_of, tune, write

EPOCHS = 2
SMOOTHING = 0.03
OTHER_QUESTION = 0.4
"""How often an entry is shown with another message that it answers in place of its question."""

AT_RANDOM = 0.3
"""How often a message is also set against an entry that is not among the nearest."""

QUESTION_ALONE = 0.2
"""How often an entry is shown without its answer, as in FAQs that have none."""

FAQS_DRAWN = 0.65
"""The share of our FAQs that an epoch reads, drawn anew for each."""

INTENTS = ("banking77", "clinc150")
FROM_EACH = 1_000
"""How many messages of each public set are read in an epoch."""

RUNS = 2
"""How many models are tuned, whose weights are averaged."""

_NEAREST = 2


def main(
    data: Annotated[Path, typer.Option(help="Folder with the public sets, as JSON Lines.")],
    seed: int = 0,
    out: Path = MODEL,
) -> None:
    """Tune the model, write it, and print how it does on FAQs that it has not read."""
    reader = Reader(LONGEST)
    model = average([_tuned(data, seed + run, reader) for run in range(RUNS)])
    write(model, reader, out)
    pairs = [pair for faq in read_faqs(HELD_OUT) for pair in _asked_and_near(faq)]
    logits = logits_of(model, [text for text, _ in pairs], reader)[:, 0]
    print(f"AUROC {roc_auc_score([right for _, right in pairs], logits):.3f}")


def _tuned(data: Path, seed: int, reader: Reader) -> Model:
    encoder, chance = load_encoder(), random.Random(seed)
    faqs = read_faqs(FAQS)
    intents = [list(rows_of(data / f"{name}.jsonl")) for name in INTENTS]
    epochs = []
    for _ in range(EPOCHS):
        drawn = chance.sample(faqs, round(FAQS_DRAWN * len(faqs)))
        examples = [example for faq in drawn for example in examples_of(faq, encoder, chance)]
        for rows in intents:
            examples += same_or_not(rows, encoder, chance)
        epochs.append(examples)
    return tune(epochs, 1, _loss, reader, seed)


def _loss(logits: Tensor, wanted: Tensor) -> Tensor:
    smooth = wanted * (1 - 2 * SMOOTHING) + SMOOTHING
    return nn.functional.binary_cross_entropy_with_logits(logits[:, 0], smooth)


def examples_of(faq: Faq, encoder: Encoder, chance: random.Random) -> Iterator[Example]:
    """Yield the messages of a FAQ, each with entries that answer it and that do not."""
    numbers = range(len(faq.entries))
    asks = [(ask, number) for number, entry in enumerate(faq.entries) for ask in entry.asks]
    nearest = _nearest(faq, [ask for ask, _ in asks], encoder)
    for (ask, number), order in zip(asks, nearest, strict=True):
        others = [each for each in order.tolist() if each != number]
        yield Example((worn(ask, chance), _text(faq.entries[number], ask, chance)), 1.0)
        wrong = [chance.choice(others[:_NEAREST])]
        if chance.random() < AT_RANDOM:
            wrong.append(chance.choice([each for each in numbers if each != number]))
        for each in wrong:
            yield Example((worn(ask, chance), _text(faq.entries[each], ask, chance)), 0.0)
    nearest = _nearest(faq, [near for near, _ in faq.near], encoder)
    for (near, closest), order in zip(faq.near, nearest, strict=True):
        other = chance.choice([each for each in order.tolist() if each != closest][:_NEAREST])
        for each in (closest, other):
            yield Example((near, _text(faq.entries[each], near, chance)), 0.0)


def same_or_not(
    rows: Sequence[Mapping[str, str]], encoder: Encoder, chance: random.Random
) -> Iterator[Example]:
    """Yield messages, each with one of the same intent, and with the nearest of another."""
    drawn = chance.sample(rows, 2 * FROM_EACH)
    asked, others = drawn[:FROM_EACH], drawn[FROM_EACH:]
    of_intent = defaultdict(list)
    for row in others:
        of_intent[row["intent"]].append(row["text"])
    vectors = [encoder.encode([row["text"] for row in part]) for part in (asked, others)]
    for row, order in zip(asked, np.argsort(-vectors[0] @ vectors[1].T, axis=1), strict=True):
        ask, wrong = row["text"], [n for n in order if others[n]["intent"] != row["intent"]]
        if same := of_intent[row["intent"]]:
            yield Example((worn(ask, chance), chance.choice(same)), 1.0)
        yield Example((worn(ask, chance), others[chance.choice(wrong[:_NEAREST])]["text"]), 0.0)


def _text(entry: Entry, asked: str, chance: random.Random) -> str:
    """Return an entry as `qa.answers` shows it, now and then as its owner might have put it."""
    asks = [ask for ask in entry.asks if ask != asked]
    question = chance.choice(asks) if chance.random() < OTHER_QUESTION else entry.question
    return question if chance.random() < QUESTION_ALONE else f"{question} {entry.answer}"


def _nearest(faq: Faq, texts: Sequence[str], encoder: Encoder) -> NDArray[np.int64]:
    """Return the numbers of the entries, nearest first: shape (texts, entries)."""
    vectors = encoder.encode(texts)
    scores = []
    for entry in faq.entries:
        spans = sentences(entry.answer)
        views = [entry.question, f"{entry.question} {entry.answer}"]
        views += [entry.answer[start:end] for start, end in spans]
        near = vectors @ encoder.encode(views).T
        scores.append(near[:, 0] + near.max(axis=1))
    return np.argsort(-np.stack(scores, axis=1), axis=1)


def _asked_and_near(faq: Faq) -> Iterator[tuple[tuple[str, str], bool]]:
    """Yield messages with their entry, and near misses with the one that they resemble."""
    texts = [f"{entry.question} {entry.answer}" for entry in faq.entries]
    for entry, text in zip(faq.entries, texts, strict=True):
        for ask in entry.asks:
            yield (ask, text), True
    for near, closest in faq.near:
        yield (near, texts[closest]), False


if __name__ == "__main__":
    typer.run(main)
