"""Tune the stock encoder for FAQs.

    python -m training.encoder --data DIR --out DIR

Contrastive learning with in-batch negatives (Henderson et al., 2017, arXiv:1705.00652), both ways,
over sentence vectors and over word pieces as the retriever matches them (Khattab and Zaharia,
2020, arXiv:2004.12832). At the end the weights are averaged with the stock model's (Wortsman et
al., 2022, arXiv:2109.01903), which keeps what it knew of other topics. Run again after a stop, it
goes on where the last checkpoint stands.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from torch.utils.data import BatchSampler, SequentialSampler
from transformers.trainer_utils import get_last_checkpoint

from index.encoder import default_folder
from training.data import (
    FAQS,
    HELD_OUT,
    URGENT,
    Faq,
    Row,
    Step,
    answer_steps,
    faq_steps,
    intent_steps,
    read_faqs,
    steps,
    urgent_steps,
)

SCALE = 20.0
PIECES_WEIGHT = 0.5
FROZEN_LAYERS = 1
LONGEST = 80
"""How many word pieces of a text are read in training, for speed."""

WEIGHTS = {
    "faqs": 6.0,
    "urgent": 1.2,
    "medquad": 1.0,
    "vira": 0.8,
    "clinc150": 0.8,
    "banking77": 0.8,
}
"""How often a source is drawn, relative to the others."""


def main(
    data: Annotated[Path, typer.Option(help="Folder with the public sets, as JSON Lines.")],
    out: Annotated[Path, typer.Option(help="Where the model and its checkpoints are written.")],
    count: Annotated[int, typer.Option("--steps", help="How many steps to train.")] = 800,
    size: Annotated[int, typer.Option(help="Rows in a step.")] = 32,
    seed: Annotated[int, typer.Option(help="Of the draw of rows, and of dropout.")] = 0,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 5e-5,
    share: Annotated[float, typer.Option(help="Of the tuned weights in the average.")] = 0.3,
    without: Annotated[str, typer.Option(help="Leave this source out.")] = "",
) -> None:
    """Train, and write the tuned model to OUT/tuned and the averaged one to OUT/model."""
    torch.manual_seed(seed)
    drawn = list(steps(_sources(data, without), count, size, seed))
    model = stock_model()
    longest, model.max_seq_length = model.max_seq_length, LONGEST
    _freeze(model)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(out),
        max_steps=count,
        per_device_train_batch_size=size,
        learning_rate=rate,
        warmup_steps=count // 10,
        weight_decay=0.01,
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="steps",
        eval_steps=100,
        save_steps=100,
        save_total_limit=1,
        logging_steps=20,
        report_to="none",
        disable_tqdm=True,
        seed=seed,
        data_seed=seed,
    )
    trainer = Trainer(
        lengths=[len(rows) for rows in drawn],
        model=model,
        args=arguments,
        train_dataset=_dataset(drawn),
        loss=BothWays(model),
        evaluator=HeldOut(read_faqs(HELD_OUT)),
    )
    last = get_last_checkpoint(str(out)) if out.is_dir() else None  # type: ignore[no-untyped-call]
    trainer.train(resume_from_checkpoint=last)
    model.max_seq_length = longest
    model.save(str(out / "tuned"))
    average(model, share).save(str(out / "model"))
    (out / "log.json").write_text(json.dumps(trainer.state.log_history, indent=1))


def stock_model() -> SentenceTransformer:
    """Load the model that training starts from."""
    return SentenceTransformer(str(default_folder()), device="cpu")


def average(tuned: SentenceTransformer, share: float) -> SentenceTransformer:
    """Return the stock model with `share` of the tuned weights and the rest of its own."""
    model = stock_model()
    others = tuned.state_dict()
    model.load_state_dict(
        {
            name: (1 - share) * weights + share * others[name]
            if weights.is_floating_point()
            else weights
            for name, weights in model.state_dict().items()
        }
    )
    return model


def _freeze(model: SentenceTransformer) -> None:
    """Keep the word embeddings and lowest layers as they are: quicker, and less is forgotten."""
    bert: Any = model[0].auto_model
    for part in (bert.embeddings, *bert.encoder.layer[:FROZEN_LAYERS]):
        part.requires_grad_(requires_grad=False)


def _sources(data: Path, without: str) -> dict[str, Any]:
    draws: dict[str, Callable[[], Step]] = {
        "faqs": lambda: faq_steps(read_faqs(FAQS)),
        "urgent": lambda: urgent_steps(URGENT),
        "medquad": lambda: answer_steps(data / "medquad.jsonl"),
        **{
            name: partial(intent_steps, data / f"{name}.jsonl")
            for name in ("vira", "clinc150", "banking77")
        },
    }
    return {name: (draw(), WEIGHTS[name]) for name, draw in draws.items() if name != without}


def _dataset(drawn: list[list[Row]]) -> Dataset:
    rows = [row for step in drawn for row in step]
    return Dataset.from_dict(
        {
            "anchor": [row.anchor for row in rows],
            "positive": [row.positive for row in rows],
            "negative": [row.negative for row in rows],
            "label": [[row.label, row.negative_label] for row in rows],
        }
    )


class Trainer(SentenceTransformerTrainer):
    """Takes the rows of each step as they were drawn."""

    def __init__(self, lengths: list[int], **settings: Any) -> None:
        """Take the number of rows of each step, and what every trainer takes."""
        super().__init__(**settings)
        self._lengths = lengths

    def get_batch_sampler(self, dataset: Dataset, *_: Any, **__: Any) -> "Drawn":
        """Return the steps."""
        return Drawn(dataset, self._lengths)


class Drawn(BatchSampler):
    """The steps as they were drawn: which rows of the dataset make up each."""

    def __init__(self, dataset: Dataset, lengths: list[int]) -> None:
        """Take the number of rows of each step."""
        super().__init__(SequentialSampler(dataset), max(lengths), drop_last=False)
        self._lengths = lengths

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[list[int]]:
        start = 0
        for length in self._lengths:
            yield list(range(start, start + length))
            start += length


class BothWays(nn.Module):
    """Question to text and text to question, by sentence vectors and by word pieces."""

    def __init__(self, model: SentenceTransformer) -> None:
        """Tune `model`."""
        super().__init__()
        self.model = model

    def forward(self, columns: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Return the mean loss of a step; `labels` has shape (rows, 2)."""
        anchor, positive, negative = (self.model(dict(column)) for column in columns)
        label, wrong = labels[:, 0], labels[:, 1]
        others = torch.cat([label, wrong])
        loss = torch.zeros(())
        for first, second in ((anchor, positive), (positive, anchor)):
            vectors = torch.cat([_similarity(first, second), _similarity(first, negative)], dim=1)
            pieces = torch.cat([_late(first, second), _late(first, negative)], dim=1)
            loss = loss + _loss(vectors, label, others)
            loss = loss + PIECES_WEIGHT * _loss(pieces, label, others)
        return loss / (2 + 2 * PIECES_WEIGHT)


def _similarity(first: dict[str, Tensor], second: dict[str, Tensor]) -> Tensor:
    one, other = (normalize(each["sentence_embedding"].float(), dim=-1) for each in (first, second))
    return one @ other.T


def _late(first: dict[str, Tensor], second: dict[str, Tensor]) -> Tensor:
    """Return how well each text of `second` covers each of `first`, shape (first, second)."""
    one, other = (normalize(each["token_embeddings"], dim=-1) for each in (first, second))
    similar = torch.einsum("aid,bjd->abij", one, other).float()
    similar = similar.masked_fill(second["attention_mask"][None, :, None, :] == 0, -1.0)
    best = similar.max(dim=-1).values
    mask = first["attention_mask"][:, None, :].float()
    return (best * mask).sum(dim=-1) / mask.sum(dim=-1)


def _loss(similarities: Tensor, label: Tensor, others: Tensor) -> Tensor:
    """Softmax over the step's texts, without those of the same label other than its own."""
    rows = len(label)
    same = label[:, None] == others[None, :]
    same[torch.arange(rows), torch.arange(rows)] = False
    logits = (SCALE * similarities).masked_fill(same, -1e4)
    return cross_entropy(logits, torch.arange(rows, device=logits.device))


class HeldOut(SentenceEvaluator):
    """P@1 within FAQs that train nothing, of each entry by its question and by the whole of it."""

    def __init__(self, faqs: list[Faq]) -> None:
        """Measure on `faqs`."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._faqs = faqs
        self.primary_metric = "p_at_1"

    def __call__(self, model: Any, *_: Any, **__: Any) -> dict[str, float]:
        """Return the share of messages whose own entry comes first."""
        found: list[bool] = []
        for faq in self._faqs:
            asks = [ask for entry in faq.entries for ask in entry.asks]
            answers = [place for place, entry in enumerate(faq.entries) for _ in entry.asks]
            texts = [
                *asks,
                *(entry.question for entry in faq.entries),
                *(f"{entry.question} {entry.answer}" for entry in faq.entries),
            ]
            vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
            entries = len(faq.entries)
            asked, questions, whole = np.split(vectors, [len(asks), len(asks) + entries])
            first = (asked @ questions.T + asked @ whole.T).argmax(axis=1)
            found += (first == np.array(answers)).tolist()
        return {"p_at_1": float(np.mean(found))}


if __name__ == "__main__":
    typer.run(main)
