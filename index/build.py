"""A corpus becomes a bundle; texts that the old bundle knows keep their vectors.

What a build has read is kept as it goes (`index.unfinished`), so one that was stopped loses little.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import BundleError
from corpus.passage import Corpus
from index.bundle import (
    DATA_PREFIX,
    MANIFEST,
    Bundle,
    Calibration,
    Manifest,
    load_bundle,
    read_manifest,
    replace_manifest,
    stored_readings,
    write_data,
)
from index.encoder import Encoder, Progress, Reading
from index.unfinished import FOLDER as UNFINISHED
from index.unfinished import read_in_parts
from index.views import View, views_of

LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `written` is False where the bundle was up to date.

    `embedded` texts were read by the model; others were known from the bundle before, or from a
    build that was stopped.
    `threshold_dropped` says that the bundle before it had a threshold from `medfaq calibrate`,
    which says nothing about other entries.
    """

    passages: int
    texts: int
    embedded: int
    written: bool
    threshold_dropped: bool = False


def build_bundle(
    corpus: Corpus,
    path: Path,
    encoder: Encoder,
    progress: Progress | None = None,
    *,
    wait: float = 0.0,
) -> BuildReport:
    """Build the bundle at `path`, or bring it up to date with the corpus.

    The old bundle answers until the new one stands whole. `wait` is how many seconds to let
    another build in the same folder come to its end.

    Raises:
        BundleError: the folder cannot be written, is something else than a bundle, or another
            build is at work in it.
    """
    prepare_folder(path)
    with _only_writer(path, wait):
        return _build(corpus, path, encoder, progress)


def write_calibration(path: Path, manifest: Manifest, calibration: Calibration) -> None:
    """Write a threshold into the bundle at `path`, for which it was chosen.

    Raises:
        BundleError: it cannot be written, or the bundle is no longer the one of `manifest`.
    """
    with _only_writer(path):
        if read_manifest(path) != manifest:
            raise BundleError(f"{path}: was changed meanwhile; calibrate it again")
        replace_manifest(path, replace(manifest, calibration=calibration))


@contextmanager
def _only_writer(path: Path, wait: float = 0.0) -> Iterator[None]:
    with _writing(path):
        try:
            with FileLock(path / LOCK, timeout=wait):
                yield
        except Timeout as error:
            raise BundleError(f"{path}: another build is at work there; wait for it") from error


def prepare_folder(path: Path) -> None:
    """Make the folder of a bundle, or see that the one that is there can become it.

    Raises:
        BundleError: it cannot be written, or holds something else.
    """
    with _writing(path):
        path.mkdir(parents=True, exist_ok=True)
        held = sorted(item.name for item in path.iterdir())
        # Every build has left one of these, so nobody's own folder is taken for a part of a bundle.
        begun = LOCK in held or MANIFEST in held
        for name in held:
            ours = name in (LOCK, MANIFEST, f"{MANIFEST}.new", UNFINISHED)
            if not begun or not (ours or name.startswith(DATA_PREFIX)):
                raise BundleError(
                    f"{path}: holds {name!r}, which is no part of a bundle; "
                    "choose an empty or a new folder for --out"
                )
        tempfile.TemporaryFile(dir=path, prefix=DATA_PREFIX).close()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what the file system says into a line for a person."""
    try:
        yield
    except OSError as error:
        raise BundleError(
            f"{path}: the bundle cannot be written ({error.strerror or error}); a bundle that was "
            "there is as it was; free the space or choose another --out"
        ) from error


def _build(corpus: Corpus, path: Path, encoder: Encoder, progress: Progress | None) -> BuildReport:
    old = _old_bundle(path, encoder)
    calibrated = _is_calibrated(path)
    _remove_leftovers(path, keep=old.manifest.data if old else None)
    views = views_of(corpus.passages)
    texts = len(views) + len(corpus.not_covered)
    if old and old.holds(corpus):
        return BuildReport(len(corpus.passages), texts, embedded=0, written=False)
    readings = stored_readings(old) if old else {}
    missing = list(
        dict.fromkeys(
            [
                *(view.text for view in views if not _is_known(view, readings)),
                *(text for text in corpus.not_covered if text not in readings),
            ]
        )
    )
    read, kept = read_in_parts(missing, encoder, path / UNFINISHED, progress)
    readings |= read
    data = Path(tempfile.mkdtemp(prefix=DATA_PREFIX, dir=path))
    try:
        data.chmod(0o755)
        replace_manifest(path, write_data(data, corpus, views, readings, encoder))
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise
    _remove_leftovers(path, keep=data.name)
    shutil.rmtree(path / UNFINISHED, ignore_errors=True)
    return BuildReport(
        len(corpus.passages),
        texts,
        embedded=len(missing) - kept,
        written=True,
        threshold_dropped=calibrated,
    )


def _is_known(view: View, readings: Mapping[str, Reading]) -> bool:
    known = readings.get(view.text)
    return known is not None and (len(known.pieces) > 0 or not view.kind.by_piece)


def _old_bundle(path: Path, encoder: Encoder) -> Bundle | None:
    """Return the bundle that stands there, or None where nothing of it can be used again."""
    try:
        return load_bundle(path, encoder)
    except BundleError:
        return None


def _is_calibrated(path: Path) -> bool:
    try:
        return read_manifest(path).calibration is not None
    except BundleError:
        return False


def _remove_leftovers(path: Path, keep: str | None) -> None:
    """Remove what killed builds left, and data that no manifest names any more."""
    if keep is None:
        return
    for item in path.iterdir():
        if item.name.startswith(DATA_PREFIX) and item.name != keep:
            shutil.rmtree(item, ignore_errors=True)
