"""sentence-transformers models to the form in which they are served, kept in the user's cache.

What is exported is the whole model: its transformer, its own pooling, whatever follows that, its
default prompt and its longest input. Each export is compared with the original before it is used.
"""

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from tokenizers import Tokenizer

from index.encoder import unit
from index.exported import (
    MODEL,
    PIECE_VECTORS,
    SETTINGS,
    SMALL_MODEL,
    TOKENIZER,
    VECTOR,
    ExportedEncoder,
    Settings,
)

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

    from index.transformer import SentenceTransformerEncoder

_SUMS = "sha256.json"

_FORM = 6
"""Raised when what is exported changes, so that older exports are made again."""

_log = logging.getLogger(__name__)

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_LEAST_COSINE = 0.9999
_LEAST_SMALL_COSINE = 0.97
_SAMPLES = (
    "Is heat good for back spasms?",
    "",
    "  How LONG should I rest, after lifting (something heavy)?\n",
    "背中が痛い",
    "Müsste ich бегать? 🏃",
    "a text that is longer than any model reads " * 60,
)


class ExportError(Exception):
    """A model cannot be exported; the message says why."""


def cached(name: str, folder: Path, sha256: str) -> ExportedEncoder | None:
    """Return the export of the model in `folder`, if there is one already."""
    return _load(name, _place(sha256, folder))


def export(encoder: "SentenceTransformerEncoder") -> ExportedEncoder:
    """Export a model into the user's cache, and return it from there.

    Raises:
        ExportError: it cannot be exported, or the export does not give the same.
    """
    place = _place(encoder.sha256, encoder.folder or encoder.model)
    if found := _load(encoder.name, place):
        return found
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    except OSError as error:
        raise ExportError(f"{place.parent} cannot be written: {error.strerror}") from error
    try:
        _write(encoder, folder)
        exported = ExportedEncoder(encoder.name, folder)
        _compare(encoder, exported)
        _write_small(exported, folder)
        _seal(folder)
        with contextlib.suppress(OSError):  # another medfaq was quicker
            folder.replace(place)
    except OSError as error:
        raise ExportError(f"{place.parent} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = _load(encoder.name, place)
    if found is None:
        raise ExportError(f"{place} cannot be read back")
    return found


def _place(sha256: str, model: Any) -> Path:
    """Return where the export of a model is kept: its weights and its settings make the name."""
    digest = hashlib.sha256(f"{_FORM} {sha256}".encode())
    if isinstance(model, Path):
        for file in sorted(model.rglob("*.json")):
            digest.update(file.relative_to(model).as_posix().encode() + file.read_bytes())
    else:
        settings = (str(model), model.max_seq_length, model.prompts, model.default_prompt_name)
        digest.update(repr(settings).encode())
    return user_cache_path("medfaq") / "encoders" / digest.hexdigest()[:32]


def _load(name: str, place: Path) -> ExportedEncoder | None:
    """Return what is kept in a place, if it is there and whole."""
    try:
        sums = json.loads((place / _SUMS).read_text(encoding="utf-8"))
        if sums != _sums(place):
            shutil.rmtree(place)
            return None
        return ExportedEncoder(name, place)
    except (OSError, ValueError):
        return None


def _seal(folder: Path) -> None:
    (folder / _SUMS).write_text(json.dumps(_sums(folder)), encoding="utf-8")


def _sums(folder: Path) -> dict[str, str]:
    sums = {}
    for name in (MODEL, SMALL_MODEL, TOKENIZER, SETTINGS):
        if (folder / name).exists():
            with (folder / name).open("rb") as stream:
                sums[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return sums


def _write(encoder: "SentenceTransformerEncoder", folder: Path) -> None:
    """Write graph, tokenizer and settings.

    Raises:
        ExportError: the model is of a kind that cannot be exported.
    """
    import torch

    from index.graph import write_graph

    model = encoder.model.eval()
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise ExportError("its tokenizer is not one of the tokenizers library")
    prompt = model.prompts.get(model.default_prompt_name or "") or ""
    features = dict(model.preprocess(["Is heat good?", "Why?"], prompt=prompt or None))
    inputs = tuple(name for name in _INPUTS if name in features)
    others = {name: value for name, value in features.items() if name not in inputs}
    if "input_ids" not in inputs or any(torch.is_tensor(value) for value in others.values()):
        raise ExportError(f"it reads {', '.join(features)}, and not word pieces alone")

    class Whole(torch.nn.Module):
        """All parts of the model, one after the other, as a function of tensors alone."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
            found = self.model({**others, **dict(zip(inputs, tensors, strict=True))})
            return found["sentence_embedding"], found["token_embeddings"]

    with torch.inference_mode():
        mask = model(features.copy()).get("attention_mask", torch.ones(1, 1))
    outputs = {VECTOR: ("texts",), PIECE_VECTORS: ("texts", "pieces")}
    try:
        write_graph(Whole(), {name: features[name] for name in inputs}, outputs, folder / MODEL)
    except Exception as error:  # torch has none of its own for this
        raise ExportError(f"{type(error).__name__}: {_first_line(error)}") from error
    _write_tokenizer(tokenizer, model, folder)
    Settings(
        sha256=encoder.sha256,
        dimension=encoder.dimension,
        prompt=prompt,
        skip=int(mask[0].argmax()),
        padding=model.tokenizer.pad_token_id or 0,
        inputs=inputs,
        special=tuple(encoder.pieces.special),
        stop=tuple(encoder.pieces.stop),
    ).save(folder)


def _write_tokenizer(tokenizer: "Tokenizer", model: "SentenceTransformer", folder: Path) -> None:
    own = Tokenizer.from_str(tokenizer.to_str())
    own.no_padding()
    own.no_truncation()
    if model.max_seq_length:
        own.enable_truncation(model.max_seq_length, direction=model.tokenizer.truncation_side)
    own.save(str(folder / TOKENIZER))


def _compare(encoder: "SentenceTransformerEncoder", exported: ExportedEncoder) -> None:
    """Compare an export with its original, on texts alone and together.

    Raises:
        ExportError: they differ.
    """
    originals = encoder.read(_SAMPLES)
    try:
        together = exported.read(_SAMPLES)
        alone = [exported.read([text])[0] for text in _SAMPLES]
    except Exception as error:
        raise ExportError(f"the export does not run: {_first_line(error)}") from error
    for text, original, *others in zip(_SAMPLES, originals, together, alone, strict=True):
        for other in others:
            same = np.array_equal(original.pieces, other.pieces) and np.array_equal(
                original.content, other.content
            )
            if not same or _cosine(original.vector, other.vector) < _LEAST_COSINE:
                raise ExportError(f"the export reads {text[:40]!r} in another way")
            if _cosine(original.piece_vectors, other.piece_vectors) < _LEAST_COSINE:
                raise ExportError(f"the export reads the words of {text[:40]!r} in another way")


def _write_small(exported: ExportedEncoder, folder: Path) -> None:
    """Write the model in 8 bits as well, unless it reads otherwise so or not at all."""
    from index.quantise import quantise

    small = folder / SMALL_MODEL
    try:
        quantise(folder / MODEL, small)
        found = ExportedEncoder(exported.name, folder, SMALL_MODEL).encode(_SAMPLES)
        if _cosine(exported.encode(_SAMPLES), found) >= _LEAST_SMALL_COSINE:
            return
    except Exception as error:  # onnx and onnxruntime have no common one
        _log.warning("%s is served in full precision (%s)", exported.name, _first_line(error))
    small.unlink(missing_ok=True)


def _cosine(left: NDArray[Any], right: NDArray[Any]) -> float:
    """Return the least cosine of two rows that stand for the same."""
    left, right = unit(left.astype(np.float32)), unit(right.astype(np.float32))
    return float(np.sum(left * right, axis=-1).min())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0]
