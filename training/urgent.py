"""Make qa/models/signs.onnx: it reads which sign of an emergency a message describes.

    python -m training.urgent --data DIR    make it, and print how the whole check does
    python -m training.urgent               only print that

all-MiniLM-L6-v2 with a layer on top is tuned on `training/data/urgent`, on the examples of the
patterns, and on messages to FAQs and of the public sets in DIR, which need no urgent care. Some are
joined, since people ask one thing beside another. Two models are made so, and their weights
averaged. An hour and a half on two cores. The check is tried on the messages of four writers from
whom the model has not learned, `training/data/urgent_held_out`.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from corpus.read import DEFAULT_FAQ, read_corpus
from qa.triage import ALARM, MODEL, NO_SIGN, SIGNS, check, most_likely, read
from qa.urgent import find_urgent, load_signs
from training.data import FAQS, URGENT, URGENT_HELD_OUT, read_faqs, rows_of, urgent_rows, worn
from training.tuning import Example, Model, Reader, average, tune, write

EPOCHS = 2

RUNS = 2
"""How many models are tuned, whose weights are averaged."""

LONGEST = 128
"""Word pieces of a message that are learned from, nearly always all."""

SMOOTHING = 0.05
"""Labels are not quite certain, so that the model does not become more certain than its writers."""

FROM_EACH = 700
"""How many messages of each public set are learned from."""

PLAIN = 0.2
"""Of the messages to FAQs and of the public sets, the share that is read in an epoch."""

JOINED = 0.25
"""How often a message is also read among others."""

MOST_JOINED = 3

JOINTS = (" ", ". ", ", ", " and ", " also ", "\n")

OTHERS = ("banking77", "clinc150")
"""Public sets of messages that are not about health: none of them is urgent."""

HEALTH = ("vira",)
"""A public set of questions about vaccines; what a pattern takes for urgent in it is left out."""

OF_PATTERNS = {
    "bladder or bowel": "cauda_equina",
    "saddle numbness": "cauda_equina",
    "legs": "new_weakness",
    "chest pain": "chest_pain",
    "breathing": "breathing",
    "fever": "fever_with_back_pain",
    "injury": "major_trauma",
    "tearing": "tearing_pain",
    "stroke": "stroke",
    "overdose": "overdose",
    "suicide": "self_harm",
    "pregnancy": "pregnancy_bleeding",
    "cancer": "cancer_new_pain",
    "weight loss": "cancer_new_pain",
}
"""Signs of the patterns, and what the model calls them."""


class Message(NamedTuple):
    """What somebody wrote, and the sign it describes; `NO_SIGN` needs no urgent care."""

    text: str
    sign: str


def main(
    *,
    data: Annotated[
        Path | None, typer.Option(help="Folder with the public sets, as JSON Lines.")
    ] = None,
    seed: int = 0,
) -> None:
    """Tune the model and write it, if there is data, and print how the check does."""
    if data:
        _make(data, seed)
    _report(list(urgent_rows(URGENT_HELD_OUT)))


def _make(data: Path, seed: int) -> None:
    messages = [
        Message(row["text"], row["sign"] if row["urgent"] else NO_SIGN)
        for row in urgent_rows(URGENT)
    ]
    labelled = {message.text for message in messages}
    plain = [text for text in _ordinary(data) if text not in labelled]
    messages += _of_patterns()
    reader = Reader(LONGEST)
    write(
        average([_tuned(messages, plain, seed + run, reader) for run in range(RUNS)]), reader, MODEL
    )


def _tuned(messages: Sequence[Message], plain: Sequence[str], seed: int, reader: Reader) -> Model:
    chance = random.Random(seed)
    epochs = [_epoch(messages, plain, chance) for _ in range(EPOCHS)]
    return tune(epochs, 1 + len(SIGNS), _loss, reader, seed)


def _epoch(
    messages: Sequence[Message], plain: Sequence[str], chance: random.Random
) -> list[Example]:
    signs = [NO_SIGN, *SIGNS]
    some = chance.sample(plain, int(PLAIN * len(plain)))
    read = [*messages, *(Message(text, NO_SIGN) for text in some)]
    return [
        Example(worn(message.text, chance), signs.index(message.sign))
        for message in (*read, *_joined(read, plain, chance))
    ]


def _loss(logits: Tensor, wanted: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits, wanted, label_smoothing=SMOOTHING)


def _of_patterns() -> Iterator[Message]:
    for sign in load_signs().signs:
        yield from (Message(text, OF_PATTERNS[sign.name]) for text in sign.examples)
        yield from (Message(text, NO_SIGN) for text in sign.not_examples)


def _joined(
    messages: Sequence[Message], plain: Sequence[str], chance: random.Random
) -> Iterator[Message]:
    """Yield messages among others that need no urgent care and do not speak of any."""
    for text, sign in messages:
        if chance.random() < JOINED:
            parts = [text, *chance.sample(plain, chance.randint(1, MOST_JOINED))]
            chance.shuffle(parts)
            yield Message(chance.choice(JOINTS).join(parts), sign)


def _ordinary(data: Path) -> Iterator[str]:
    """Yield messages that need no urgent care, as far as they can be told from those that may."""
    for name in OTHERS:
        yield from _some_of(data / f"{name}.jsonl")
    # What a pattern says is urgent may be; everything else that people ask of FAQs is taken not to.
    asked = (*_of_faqs(), *(text for name in HEALTH for text in _some_of(data / f"{name}.jsonl")))
    yield from (text for text in asked if not find_urgent(text))


def _some_of(file: Path) -> list[str]:
    return random.Random(0).sample([row["text"] for row in rows_of(file)], FROM_EACH)


def _of_faqs() -> Iterator[str]:
    for faq in read_faqs(FAQS):
        for entry in faq.entries:
            yield from (entry.question, *entry.asks)
        yield from (text for text, _ in faq.near)
    corpus = read_corpus([DEFAULT_FAQ])
    for passage in corpus.passages:
        yield from passage.alternates
    yield from corpus.not_covered


def _report(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print how well urgent messages are told from the others: by patterns, model, and both."""
    texts = [row["text"] for row in rows]
    urgent = np.array([row["urgent"] for row in rows])
    likelihood = np.array([most_likely(parts).sum() for parts in read(texts)])
    print(f"{urgent.sum()} urgent messages, {(~urgent).sum()} others")
    print(f"model: AUROC {roc_auc_score(urgent, likelihood):.4f}")
    by_pattern = np.array([find_urgent(text) is not None for text in texts])
    by_both = np.array([found is not None for found in check(texts)])
    overruled = urgent & by_pattern & ~by_both
    print(f"urgent ones that a pattern found and the model overruled: {overruled.sum()}")
    for name, noticed in {
        "patterns": by_pattern,
        "model": likelihood >= ALARM,
        "both": by_both,
    }.items():
        print(f"{name}: {_shares(noticed, urgent)}")
    writers = np.array([row["writer"] for row in rows])
    for writer in dict.fromkeys(writers.tolist()):
        mine = writers == writer
        print(f"both, writer {writer}: {_shares(by_both[mine], urgent[mine])}")


def _shares(noticed: NDArray[np.bool_], urgent: NDArray[np.bool_]) -> str:
    return f"recall {noticed[urgent].mean():.3f}, false alarms {noticed[~urgent].mean():.3f}"


if __name__ == "__main__":
    typer.run(main)
