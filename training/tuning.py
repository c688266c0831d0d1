"""Tune a small model that reads a text, or two texts together: what our training commands share."""

import math
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel, get_linear_schedule_with_warmup

from index.classifier import INPUTS, LOGITS
from index.encoder import default_folder
from index.exported import TOKENIZER
from index.graph import write_graph
from index.quantise import quantise

BATCH = 32
HEAD_RATE = 1e-3
RATE = 1e-4

Text = str | tuple[str, str]
"""What the model reads: a text, or two of them."""

Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits, shape (texts, outputs), and what was wanted -> how far they are from it."""


class Example(NamedTuple):
    """A text and what the model is to make of it."""

    text: Text
    wanted: float


class Model(nn.Module):
    """The default encoder, the mean of its word pieces, and a layer on top."""

    def __init__(self, outputs: int) -> None:
        """Start from the weights of the default encoder."""
        super().__init__()
        self.encoder = AutoModel.from_pretrained(default_folder())
        self.head = nn.Linear(self.encoder.config.hidden_size, outputs)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return logits: shape (texts, outputs)."""
        pieces = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask[..., None].float()
        logits: Tensor = self.head((pieces * mask).sum(1) / mask.sum(1))
        return logits


class Reader:
    """Turns texts into what the model takes."""

    def __init__(self, longest: int) -> None:
        """Read so many word pieces of a text at most; of two texts the longer one is cut."""
        self._tokenizer = Tokenizer.from_file(str(default_folder() / TOKENIZER))
        self._tokenizer.enable_truncation(longest)
        self._tokenizer.enable_padding()

    def __call__(self, texts: Sequence[Text]) -> tuple[Tensor, ...]:
        """Return ids, mask and types of the word pieces, each of shape (texts, pieces)."""
        found = self._tokenizer.encode_batch(list(texts))
        return tuple(
            torch.tensor([getattr(each, name) for each in found])
            for name in ("ids", "attention_mask", "type_ids")
        )


def tune(
    epochs: Sequence[Sequence[Example]], outputs: int, loss_of: Loss, read: Reader, seed: int
) -> Model:
    """Tune a model on the examples of each epoch; the same seed gives the same model."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = Model(outputs)
    parts = [
        {"params": model.encoder.parameters(), "lr": RATE},
        {"params": model.head.parameters(), "lr": HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(parts, weight_decay=0.01, fused=True)
    total = sum(math.ceil(len(examples) / BATCH) for examples in epochs)
    schedule = get_linear_schedule_with_warmup(  # type: ignore[no-untyped-call]
        optimiser, total // 10, total
    )
    model.train()
    for number, examples in enumerate(epochs, start=1):
        losses = []
        for batch in _batches(examples, chance):
            logits = model(*read([each.text for each in batch]))
            loss = loss_of(logits, torch.tensor([each.wanted for each in batch]))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {number} of {len(epochs)}: loss {np.mean(losses):.3f}", flush=True)
    return model.eval()


def average(models: Sequence[Model]) -> Model:
    """Return the model whose weights are the mean of those of models tuned from the same one."""
    states = [model.state_dict() for model in models]
    mean = models[0]
    mean.load_state_dict(
        {
            name: torch.stack([state[name].double() for state in states]).mean(0).to(weights.dtype)
            for name, weights in states[0].items()
        }
    )
    return mean


def _batches(examples: Sequence[Example], chance: random.Random) -> list[list[Example]]:
    """Return all examples in batches, at random but for their length."""
    order = list(examples)
    chance.shuffle(order)
    starts = range(0, len(order) + 20 * BATCH, 20 * BATCH)
    batches = []
    for start, end in pairwise(starts):
        part = sorted(order[start:end], key=_length)
        batches += [part[place : place + BATCH] for place in range(0, len(part), BATCH)]
    chance.shuffle(batches)
    return batches


def _length(example: Example) -> int:
    text = example.text
    return len(text) if isinstance(text, str) else sum(map(len, text))


@torch.inference_mode()
def logits_of(model: Model, texts: Sequence[Text], read: Reader) -> NDArray[np.float32]:
    """Return what a model makes of texts, one by one: shape (texts, outputs)."""
    return np.concatenate([model(*read([text])).numpy() for text in texts])


def write(model: Model, read: Reader, file: Path) -> None:
    """Write a model in 8 bits, and the tokenizer beside it, as `index.classifier` reads them."""
    features = dict(zip(INPUTS, read(["Is heat good?", "Why?"]), strict=True))
    file.parent.mkdir(exist_ok=True)
    shutil.copyfile(default_folder() / TOKENIZER, file.with_name(TOKENIZER))
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / file.name
        write_graph(model, features, {LOGITS: ("texts",)}, full)
        quantise(full, file)
