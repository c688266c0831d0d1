"""A bundle: a folder that holds all an answer needs.

    DIR/manifest.json       what is in it, with the hash of every file; replaced last, at once
    DIR/data-XXXXXXXX/      passages.jsonl, not_covered.json, views.faiss, examples.faiss,
                            tokens/, lexical/, sources/, encoder/

`encoder/` is the model in the form in which it is served; a bundle is without it only where its
model cannot be exported. Arrays are mapped into memory, not read.

A build writes a new data folder beside the old one and then replaces the manifest in one step of
the file system, so at every moment the manifest names a whole data folder. While it reads, what it
has read is kept in `DIR/unfinished/` (`index.unfinished`).
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from corpus.errors import BundleError
from corpus.passage import Corpus, Passage, Source, SourceText
from index.coverage import Coverage
from index.dense import DenseIndex
from index.encoder import Encoder, Reading, load_encoder, vectors_of
from index.lexical import LexicalIndex
from index.tokens import TokenIndex
from index.views import View, ViewKind, views_of

FORMAT = 8
_READABLE = (6, 7, FORMAT)
"""Those before kept word pieces in half precision, and the oldest had a file that is not needed."""

MANIFEST = "manifest.json"
DATA_PREFIX = "data-"
ENCODER = "encoder"
_SETTINGS = f"{ENCODER}/encoder.json"
_SOURCES = "sources/"

_Loaded = TypeVar("_Loaded")


@dataclass(frozen=True, slots=True)
class Calibration:
    """The threshold an owner's labelled questions allow, the promise, and what it rests on.

    Of `questions`, `shown` get an answer at `threshold` and `wrong` of these a wrong one; with
    `confidence`, at most `max_wrong` of such answers are wrong. It holds for the probabilities of
    one way to be confident only, named by the hash of what that goes by.
    """

    threshold: float
    max_wrong: float
    confidence: float
    questions: int
    shown: int
    wrong: int
    confidence_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself."""

    format: int
    model: str
    model_sha256: str
    dimension: int
    corpus_sha256: str
    texts_sha256: str
    passages: int
    views: int
    data: str
    files: Mapping[str, str]
    """Path below the data folder -> sha256."""
    recall_at_10: float = 1.0
    """Of the ten views nearest to a text, the share that a search finds; see `index.dense`."""
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded bundle.

    `dense` has a row for each view, `tokens` a text for each view that is matched by piece,
    `lexical` a text for each passage, `examples` a row for each of `not_covered`; all are in
    order. `coverage` is None where the owner gave no examples.
    """

    path: Path
    manifest: Manifest
    passages: tuple[Passage, ...]
    not_covered: tuple[str, ...]
    views: tuple[View, ...]
    dense: DenseIndex
    tokens: TokenIndex
    lexical: LexicalIndex
    examples: DenseIndex
    coverage: Coverage | None
    files: Mapping[str, SourceText]

    @property
    def tokenizer(self) -> Path:
        """Where the tokenizer of its model lies, in a bundle that has it."""
        return self.path / self.manifest.data / ENCODER / "tokenizer.json"

    def holds(self, corpus: Corpus) -> bool:
        """Tell whether it was made from this very corpus, and in today's format."""
        current = self.manifest.format == FORMAT
        return current and self.manifest.corpus_sha256 == corpus_sha256(corpus)

    def checked(self, passage: Passage) -> Passage:
        """Return a passage whose source lines are still those it was made from.

        Raises:
            BundleError: they are not, so its answer must not be shown.
        """
        source = passage.source
        text = self.files.get(source.file)
        if text is None or text.sha256(source.first_line, source.last_line) != (
            passage.source_sha256
        ):
            raise BundleError(
                f"{self.path}: the entry {passage.id!r} no longer matches lines "
                f"{source.first_line} to {source.last_line} of {source.file}; {_REBUILD}"
            )
        return passage


_REBUILD = "build it again with: medfaq index SOURCE --out DIR"


def corpus_sha256(corpus: Corpus) -> str:
    """Return a hash over everything that a bundle holds of a corpus."""
    digest = hashlib.sha256(_passages_jsonl(corpus.passages))
    digest.update(_json_bytes(list(corpus.not_covered)))
    for name, text in sorted(corpus.files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(text.data).digest())
    return digest.hexdigest()


def texts_sha256(views: Sequence[View]) -> str:
    """Return a hash over the texts that have a vector, in the order of their rows."""
    return hashlib.sha256(_json_bytes([view.text for view in views])).hexdigest()


def read_manifest(path: Path) -> Manifest:
    """Read a bundle's manifest.

    Raises:
        BundleError: no bundle, a damaged one, or one of another format version.
    """
    try:
        text = (path / MANIFEST).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BundleError(
            f"{path}: not a bundle (no {MANIFEST}); make one with: medfaq index SOURCE --out {path}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{path}: {MANIFEST} cannot be read ({error})") from error
    try:
        fields = json.loads(text)
        version = fields["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: {MANIFEST} is damaged; {_REBUILD}") from error
    if version not in _READABLE:
        raise BundleError(
            f"{path}: bundle format {version}, but this medfaq reads {_READABLE[0]} to {FORMAT}; "
            f"{_REBUILD}"
        )
    try:
        calibration = fields.pop("calibration", None)
        return Manifest(**fields, calibration=Calibration(**calibration) if calibration else None)
    except TypeError as error:
        raise BundleError(f"{path}: {MANIFEST} is damaged; {_REBUILD}") from error


def open_bundle(path: Path) -> tuple[Bundle, Encoder]:
    """Load a bundle together with the model that it was made with, from the bundle itself.

    Raises:
        BundleError: see `load_bundle`.
        ModelError: the bundle is without its model, and that cannot be loaded.
    """
    manifest = read_manifest(path)
    if _SETTINGS not in manifest.files:
        encoder = load_encoder(manifest.model)
        return load_bundle(path, encoder), encoder

    def load(manifest: Manifest) -> tuple[Bundle, Encoder]:
        # The model takes longest by far, so it is read beside the rest; a damaged one is told
        # by the check of the files.
        with ThreadPoolExecutor(1) as worker:
            encoder = worker.submit(_encoder, path, manifest)
            return _load(path, manifest), encoder.result()

    return _unless_swapped(path, manifest, load)


def load_bundle(path: Path, encoder: Encoder) -> Bundle:
    """Load a bundle after checking every file of it against the manifest.

    Raises:
        BundleError: not a bundle, damaged, of another format, or made with another model.
    """
    manifest = read_manifest(path)
    if manifest.model_sha256 != encoder.sha256:
        raise BundleError(
            f"{path}: made with the model {manifest.model} (weights {manifest.model_sha256[:12]}), "
            f"not {encoder.name} ({encoder.sha256[:12]}); {_REBUILD}"
        )
    return _unless_swapped(path, manifest, lambda manifest: _load(path, manifest))


def _unless_swapped(path: Path, manifest: Manifest, load: Callable[[Manifest], _Loaded]) -> _Loaded:
    """Load a bundle, once more where a build has swapped it between the two reads."""
    try:
        return load(manifest)
    except BundleError:
        again = read_manifest(path)
        if again == manifest:
            raise
        return load(again)


def _encoder(path: Path, manifest: Manifest) -> Encoder:
    from index.exported import ExportedEncoder

    try:
        return ExportedEncoder(manifest.model, path / manifest.data / ENCODER)
    except Exception as error:  # onnxruntime and tokenizers have no common one
        raise BundleError(f"{path}: its model cannot be loaded; {_REBUILD}") from error


def _load(path: Path, manifest: Manifest) -> Bundle:
    _verify(path, path / manifest.data, manifest.files)
    try:
        return _read(path, manifest)
    except (OSError, RuntimeError, ValueError) as error:
        # A build may have taken the files away since; FAISS raises no more than RuntimeError.
        raise BundleError(f"{path}: cannot be read ({error}); {_REBUILD}") from error


def _read(path: Path, manifest: Manifest) -> Bundle:
    data = path / manifest.data
    lines = (data / "passages.jsonl").read_bytes().splitlines()
    passages = tuple(_passage(json.loads(line)) for line in lines if line)
    files = {
        name.removeprefix(_SOURCES): SourceText.decoded(
            name.removeprefix(_SOURCES), (data / name).read_bytes()
        )
        for name in manifest.files
        if name.startswith(_SOURCES)
    }
    views = tuple(views_of(passages))
    dense = DenseIndex.load(data / "views.faiss", manifest.recall_at_10)
    if texts_sha256(views) != manifest.texts_sha256 or len(dense) != len(views):
        raise BundleError(f"{path}: its vectors were made by another medfaq version; {_REBUILD}")
    examples = DenseIndex.load(data / "examples.faiss")
    return Bundle(
        path=path,
        manifest=manifest,
        passages=passages,
        not_covered=tuple(json.loads((data / "not_covered.json").read_bytes())),
        views=views,
        dense=dense,
        tokens=TokenIndex.load(data / "tokens", _entries(views)),
        lexical=LexicalIndex.load(data / "lexical", len(passages)),
        examples=examples,
        coverage=_coverage(views, dense, examples),
        files=files,
    )


def _coverage(views: Sequence[View], dense: DenseIndex, examples: DenseIndex) -> Coverage | None:
    if not len(examples):
        return None
    owners = np.array([view.passage for view in views])
    return Coverage(dense, owners, examples.all_vectors())


def _verify(path: Path, data: Path, files: Mapping[str, str]) -> None:
    for name, sha256 in files.items():
        try:
            with (data / name).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise BundleError(
                f"{path}: {name} cannot be read ({error.strerror}); {_REBUILD}"
            ) from error
        if found != sha256:
            raise BundleError(f"{path}: {name} is damaged (wrong checksum); {_REBUILD}")


def write_data(
    data: Path,
    corpus: Corpus,
    views: Sequence[View],
    readings: Mapping[str, Reading],
    encoder: Encoder,
) -> Manifest:
    """Write the data folder of a bundle and return the manifest that names it.

    Args:
        data: an empty folder inside the bundle.
        corpus: what it holds.
        views: its views, as `views_of` gives them.
        readings: what the encoder made of each view's text and each example.
        encoder: what read them.
    """
    vectors = vectors_of([readings[view.text] for view in views], encoder.dimension)
    by_piece = [readings[view.text] for view in views if view.kind.by_piece]
    _write(data / "passages.jsonl", _passages_jsonl(corpus.passages))
    _write(data / "not_covered.json", _json_bytes(list(corpus.not_covered)))
    dense = DenseIndex.of(vectors)
    dense.save(data / "views.faiss")
    examples = vectors_of([readings[text] for text in corpus.not_covered], encoder.dimension)
    DenseIndex.of(examples).save(data / "examples.faiss")
    TokenIndex.of(by_piece, _entries(views)).save(data / "tokens")
    LexicalIndex.of(
        [" ".join((p.question, *p.alternates, p.answer)) for p in corpus.passages]
    ).save(data / "lexical")
    encoder.save(data / ENCODER)
    for name, text in corpus.files.items():
        target = data / _SOURCES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, text.data)
    files = {
        file.relative_to(data).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(data.rglob("*"))
        if file.is_file()
    }
    return Manifest(
        format=FORMAT,
        model=encoder.name,
        model_sha256=encoder.sha256,
        dimension=encoder.dimension,
        corpus_sha256=corpus_sha256(corpus),
        texts_sha256=texts_sha256(views),
        passages=len(corpus.passages),
        views=len(views),
        data=data.name,
        files=files,
        recall_at_10=dense.recall,
    )


def replace_manifest(path: Path, manifest: Manifest) -> None:
    """Swap a bundle to a new data folder in one atomic step."""
    new = path / f"{MANIFEST}.new"
    _write(new, json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode() + b"\n")
    new.replace(path / MANIFEST)


def stored_readings(bundle: Bundle) -> dict[str, Reading]:
    """Return what was read of each text of a bundle; of a sentence or example, its vector."""
    by_piece = [view for view in bundle.views if view.kind.by_piece]
    whole = {view.text: number for number, view in enumerate(by_piece)}
    texts = [*bundle.not_covered, *(view.text for view in bundle.views)]
    vectors = np.concatenate([bundle.examples.all_vectors(), bundle.dense.all_vectors()])
    return {
        text: bundle.tokens.reading(whole.get(text), vector)
        for text, vector in zip(texts, vectors, strict=True)
    }


def _entries(views: Sequence[View]) -> list[int]:
    """Return which of the texts matched by piece are whole entries."""
    by_piece = [view.kind for view in views if view.kind.by_piece]
    return [number for number, kind in enumerate(by_piece) if kind is ViewKind.ENTRY]


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _passages_jsonl(passages: Sequence[Passage]) -> bytes:
    return b"".join(_json_bytes(asdict(passage)) + b"\n" for passage in passages)


def _json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _passage(fields: dict[str, Any]) -> Passage:
    return Passage(
        id=fields["id"],
        question=fields["question"],
        alternates=tuple(fields["alternates"]),
        answer=fields["answer"],
        key_phrases=tuple((start, end) for start, end in fields["key_phrases"]),
        source=Source(**fields["source"]),
        source_sha256=fields["source_sha256"],
    )
