"""Make qa/models/signs.onnx: it reads which sign of an emergency a message describes.

    python -m training.urgent --data DIR --trial    learn from four writers, be tried on two others
    python -m training.urgent --data DIR            learn from all, and write the model

all-MiniLM-L6-v2 with a layer on top is tuned on `training/data/urgent`, and on messages to FAQs and
of the public sets in DIR, which need no urgent care. A quarter of an hour on two cores.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import roc_auc_score, roc_curve
from torch import Tensor, nn

from corpus.read import DEFAULT_FAQ, read_corpus
from qa.triage import MODEL, NO_SIGN, SIGNS
from qa.urgent import find_urgent
from training.data import FAQS, URGENT, read_faqs, rows_of
from training.tuning import Example, Reader, logits_of, tune, write

EPOCHS = 3
LONGEST = 128
"""Word pieces of a message that are learned from, nearly always all."""

SMOOTHING = 0.05
"""Labels are not quite certain, so that the model does not become more certain than its writers."""

FROM_EACH = 700
"""How many messages of each public set are learned from."""

LEARNED_IN_TRIAL, TRIED_ON = ("1", "2", "3", "4"), ("5", "6")
"""Files of `training/data/urgent`, one for each writer."""

PUBLIC = ("banking77", "clinc150", "vira")
FALSE_ALARMS = (0.01, 0.02, 0.05, 0.1)


class Message(NamedTuple):
    """What somebody wrote, and the sign it describes; `NO_SIGN` needs no urgent care."""

    text: str
    sign: str


def main(
    *,
    data: Annotated[Path, typer.Option(help="Folder with the public sets, as JSON Lines.")],
    trial: Annotated[bool, typer.Option("--trial", help="Write nothing; print how it does.")] = (
        False
    ),
    seed: int = 0,
    out: Path = MODEL,
) -> None:
    """Tune the model and write it, or try how it does on writers it has not read."""
    files = [_file(name) for name in LEARNED_IN_TRIAL] if trial else sorted(URGENT.glob("*.jsonl"))
    messages = [each for file in files for each in read(file)]
    # What a pattern says is urgent may be; everything else that people ask of FAQs is taken not to.
    messages += [Message(text, NO_SIGN) for text in _ordinary(data) if not find_urgent(text)]
    signs = [NO_SIGN, *SIGNS]
    examples = [Example(message.text, signs.index(message.sign)) for message in messages]
    reader = Reader(LONGEST)
    model = tune([examples] * EPOCHS, len(signs), _loss, reader, seed)
    if trial:
        held_out = [each for name in TRIED_ON for each in read(_file(name))]
        logits = logits_of(model, [message.text for message in held_out], reader)
        _report(held_out, 1 - softmax(logits, axis=1)[:, 0])
    else:
        write(model, reader, out)


def _loss(logits: Tensor, wanted: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits, wanted, label_smoothing=SMOOTHING)


def _file(name: str) -> Path:
    return URGENT / f"{name}.jsonl"


def read(file: Path) -> list[Message]:
    """Read what one writer wrote."""
    rows = rows_of(file)
    return [Message(row["text"], row["sign"] if row["urgent"] else NO_SIGN) for row in rows]


def _ordinary(data: Path) -> Iterator[str]:
    for faq in read_faqs(FAQS):
        for entry in faq.entries:
            yield from (entry.question, *entry.asks)
        yield from (text for text, _ in faq.near)
    corpus = read_corpus([DEFAULT_FAQ])
    for passage in corpus.passages:
        yield from passage.alternates
    yield from corpus.not_covered
    for name in PUBLIC:
        texts = [row["text"] for row in rows_of(data / f"{name}.jsonl")]
        yield from random.Random(0).sample(texts, FROM_EACH)


def _report(messages: Sequence[Message], likelihood: NDArray[np.float32]) -> None:
    """Print how well urgent messages are told from the others, and beside it the patterns."""
    urgent = np.array([message.sign != NO_SIGN for message in messages])
    by_pattern = np.array([find_urgent(message.text) is not None for message in messages])
    false, recall, thresholds = roc_curve(urgent, likelihood)
    print(f"{urgent.sum()} urgent messages, {(~urgent).sum()} others")
    recalled, wrong = by_pattern[urgent].mean(), by_pattern[~urgent].mean()
    print(f"patterns: recall {recalled:.3f}, false {wrong:.3f}")
    print(f"model: AUROC {roc_auc_score(urgent, likelihood):.4f}")
    for share in FALSE_ALARMS:
        place = np.flatnonzero(false <= share)[-1]
        print(f"  false {share}: recall {recall[place]:.3f}, from {thresholds[place]:.2f} on")


if __name__ == "__main__":
    typer.run(main)
