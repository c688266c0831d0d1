"""Models as sentence-transformers runs them. The only place that imports it."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.errors import ModelError
from index.encoder import Pieces, Progress, Reading, Vectors, vectors_of, weights_sha256

_BATCH = 64
_STOP_WORDS = """
    a an the is are was were be been am do does did i you he she it we they my your his her its
    our me him them this that these those of to in on at for with from by and or but if so as
    not no can could will would should have has had there what which who how when where why
    s t m re ve ll d
"""


class SentenceTransformerEncoder:
    """An `Encoder` by sentence-transformers (Reimers and Gurevych, 2019, arXiv:1908.10084)."""

    def __init__(self, name: str, folder: Path | None) -> None:
        """Load the model from `folder`, or by its hub name where there is none.

        Raises:
            ModelError: there is no such model, or sentence-transformers is not installed.
        """
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        if folder is not None:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar
        except ImportError as error:
            raise ModelError(
                f"model {name!r}: preparing a model needs sentence-transformers, which this light "
                "install is without; build the bundle where medfaq is installed whole"
            ) from error
        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self.model = SentenceTransformer(str(folder or name), device="cpu")
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"model {name!r} cannot be loaded: {reason}") from error
        self.name = name
        self.folder = folder
        self.sha256 = weights_sha256(folder) if folder else _state_sha256(self.model)
        self.model.float()  # weights may be stored in half precision
        self.dimension = self.model.get_embedding_dimension() or 0
        tokenizer = self.model.tokenizer
        self.pieces = Pieces(
            tokenizer.all_special_ids,
            tokenizer.convert_tokens_to_ids([*_STOP_WORDS.split(), *".,;:!?'\"()-"]),
        )

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Reading]:
        """Return what the model makes of each text, in their order."""
        readings: dict[int, Reading] = {}
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            outputs = self.model.encode(
                [texts[number] for number in batch],
                batch_size=_BATCH,
                output_value=None,
                show_progress_bar=False,
            )
            for number, output in zip(batch, outputs, strict=True):
                readings[number] = self._reading(output)
            if progress:
                progress(start + len(batch), len(texts))
        return [readings[number] for number in range(len(texts))]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vector of each text, in their order."""
        return vectors_of(self.read(texts), self.dimension)

    def save(self, folder: Path) -> None:
        """Write nothing: sentence-transformers finds the model by its name."""

    def _reading(self, output: Any) -> Reading:
        mask = output["attention_mask"].numpy() == 1
        return self.pieces.reading(
            output["input_ids"].numpy()[mask],
            output["sentence_embedding"].numpy(),
            output["token_embeddings"].numpy()[mask],
        )


def _state_sha256(model: object) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):  # type: ignore[attr-defined]
        digest.update(key.encode())
        digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()
