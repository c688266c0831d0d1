"""What a build has read so far, so that one that was stopped goes on where it was.

FOLDER/HASH.npz     the readings of some texts; HASH is of the model and of these texts

A build writes such a part for every `PART` texts and removes the folder at its end. A part that is
damaged, of another model or of another text is not used.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from index.encoder import Encoder, Progress, Reading, vectors_of

FOLDER = "unfinished"
PART = 2_000


def read_in_parts(
    texts: Sequence[str], encoder: Encoder, folder: Path, progress: Progress | None
) -> tuple[dict[str, Reading], int]:
    """Return what the encoder makes of each text, and of how many of them it was kept already.

    Raises:
        OSError: a part cannot be written.
    """
    kept = _kept(folder, encoder)
    readings = {text: kept[text] for text in texts if text in kept}
    known = len(readings)
    waiting = [text for text in texts if text not in readings]
    for start in range(0, len(waiting), PART):
        part = waiting[start : start + PART]
        found = encoder.read(part, progress and _counted(progress, len(readings), len(texts)))
        if start + PART < len(waiting):
            _keep(folder, encoder, part, found)
        readings.update(zip(part, found, strict=True))
    return readings, known


def _counted(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)


def _keep(folder: Path, encoder: Encoder, texts: Sequence[str], found: Sequence[Reading]) -> None:
    folder.mkdir(exist_ok=True)
    new = folder / "part.new"
    with new.open("wb") as stream:
        np.savez(
            stream,
            texts=np.array(json.dumps(texts)),
            vectors=vectors_of(found, encoder.dimension),
            starts=np.cumsum([0, *(len(reading.pieces) for reading in found)]),
            pieces=np.concatenate([reading.pieces for reading in found]),
            content=np.concatenate([reading.content for reading in found]),
            piece_vectors=np.concatenate([reading.piece_vectors for reading in found]),
        )
    new.replace(folder / f"{_hash(encoder, texts)}.npz")


def _kept(folder: Path, encoder: Encoder) -> dict[str, Reading]:
    """Return all readings of the folder that are this model's."""
    readings: dict[str, Reading] = {}
    for file in sorted(folder.glob("*.npz")):
        try:
            readings |= _part(file, encoder)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            continue  # It is read anew.
    return readings


def _part(file: Path, encoder: Encoder) -> dict[str, Reading]:
    """Read a part; a zip file checks what it holds as it is read.

    Raises:
        ValueError: it is of another model or of other texts, and more (see `numpy.load`).
    """
    with np.load(file, allow_pickle=False) as part:
        texts = json.loads(str(part["texts"]))
        if file.stem != _hash(encoder, texts):
            raise ValueError(f"{file}: of another model or of other texts")
        starts, *arrays = (part[name] for name in ("starts", "pieces", "content", "piece_vectors"))
        return {
            text: Reading(vector, *(array[start:end] for array in arrays))
            for text, vector, start, end in zip(
                texts, part["vectors"], starts[:-1], starts[1:], strict=True
            )
        }


def _hash(encoder: Encoder, texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps([encoder.sha256, *texts]).encode()).hexdigest()
