"""Models as they are served: onnxruntime and tokenizers, without torch and transformers.

FOLDER/model.onnx       token ids -> the vector of each text, and of each of its pieces
FOLDER/small.onnx       the same in 8 bits, for questions; only beside a model that is exported
FOLDER/tokenizer.json   text -> token ids, cut at the model's longest input
FOLDER/encoder.json     what else reading needs: see `Settings`
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.encoder import Pieces, Progress, Reading, Vectors, vectors_of

MODEL = "model.onnx"
SMALL_MODEL = "small.onnx"
TOKENIZER = "tokenizer.json"
SETTINGS = "encoder.json"
VECTOR = "vector"
PIECE_VECTORS = "piece_vectors"

_BATCH_PIECES = 1_024
"""Word pieces in a batch, padding included: more does not fit the processor's cache."""

_LIKE = 1.5
"""How much longer a text may be than another in its batch, and be padded up to."""

_MANY = 64
"""So many texts are worth a thread for each core."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a model needs besides its graph and its tokenizer.

    `prompt` stands before every text, and the first `skip` pieces (of that prompt) take no part.
    `inputs` are those of the graph, of `input_ids`, `attention_mask` and `token_type_ids`;
    `padding` fills short texts up. `special` and `stop` are numbers of pieces, see `Pieces`.
    """

    sha256: str
    dimension: int
    prompt: str
    skip: int
    padding: int
    inputs: tuple[str, ...]
    special: tuple[int, ...]
    stop: tuple[int, ...]

    def save(self, folder: Path) -> None:
        """Write the settings into the folder of a model."""
        (folder / SETTINGS).write_text(json.dumps(asdict(self)), encoding="utf-8")


class ExportedEncoder:
    """An `Encoder` by onnxruntime."""

    def __init__(self, name: str, folder: Path, model: str = MODEL) -> None:
        """Load what `index.export.export` or `save` wrote into a folder."""
        fields = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        self._settings = Settings(**fields)
        self._pieces = Pieces(self._settings.special, self._settings.stop)
        self._folder = folder
        self.name = name
        self.sha256 = self._settings.sha256
        self.dimension = self._settings.dimension
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._session = open_session(folder / model)

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Reading]:
        """Return what the model makes of each text, in their order."""
        encodings = self._tokenizer.encode_batch_fast(
            [self._settings.prompt + text for text in texts]
        )
        pieces = [np.array(encoding.ids, dtype=np.int64) for encoding in encodings]
        types = [np.array(encoding.type_ids, dtype=np.int64) for encoding in encodings]
        readings: dict[int, Reading] = {}
        together = list(batches([len(each) for each in pieces]))
        with _mapping(parallel=len(texts) >= _MANY) as run:
            for batch, found in zip(
                together, run(lambda batch: self._run(batch, pieces, types), together), strict=True
            ):
                readings.update(zip(batch, found, strict=True))
                if progress:
                    progress(len(readings), len(texts))
        return [readings[number] for number in range(len(texts))]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vector of each text, in their order."""
        return vectors_of(self.read(texts), self.dimension)

    def save(self, folder: Path) -> None:
        """Write all that reading questions needs into a new folder: in 8 bits, if there is that."""
        folder.mkdir()
        small = self._folder / SMALL_MODEL
        shutil.copyfile(small if small.exists() else self._folder / MODEL, folder / MODEL)
        for name in (TOKENIZER, SETTINGS):
            shutil.copyfile(self._folder / name, folder / name)

    def _run(
        self, batch: Sequence[int], pieces: Sequence[Ids], types: Sequence[Ids]
    ) -> list[Reading]:
        settings = self._settings
        lengths = [len(pieces[number]) for number in batch]
        feed = {
            "input_ids": padded([pieces[number] for number in batch], settings.padding),
            "attention_mask": padded([np.ones_like(pieces[number]) for number in batch], 0),
            "token_type_ids": padded([types[number] for number in batch], 0),
        }
        vectors, piece_vectors = self._session.run(
            [VECTOR, PIECE_VECTORS], {name: feed[name] for name in settings.inputs}
        )
        return [
            self._pieces.reading(
                pieces[number][settings.skip :], vector, each[settings.skip : length]
            )
            for number, length, vector, each in zip(
                batch, lengths, vectors, piece_vectors, strict=True
            )
        ]


def open_session(file: Path) -> onnxruntime.InferenceSession:
    """Open a graph that `index.graph.write_graph` wrote."""
    options = onnxruntime.SessionOptions()
    # A question is too short to be worth a second thread; batches run beside each other.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # The export has been optimised already.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of texts that share a batch: of like length, so that little is padding."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: lengths[number]):
        full = (len(batch) + 1) * lengths[number] > _BATCH_PIECES
        if batch and (full or lengths[number] > _LIKE * lengths[batch[0]]):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def padded(rows: Sequence[Ids], padding: int) -> Ids:
    """Return rows of pieces as one array, filled up with `padding`."""
    filled = np.full((len(rows), max(map(len, rows))), padding, dtype=np.int64)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    return filled


@contextmanager
def _mapping(*, parallel: bool) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a `map`, or one that works on all cores."""
    if not parallel:
        yield map
        return
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        yield workers.map
