"""The bundle of the FAQ that medfaq ships with: in the cache, built where it is not current."""

import contextlib
import hashlib
from pathlib import Path

from platformdirs import user_cache_path

import corpus
from corpus.errors import BundleError, ModelError
from index.bundle import FORMAT, Bundle, open_bundle
from index.encoder import DEFAULT_WEIGHTS_SHA256, Encoder

_FIRST_BUILD = 600.0
"""Seconds to wait while another medfaq builds the bundle."""


def open_own_bundle() -> tuple[Bundle, Encoder] | None:
    """Open the default FAQ's bundle, or return None where there is none that is whole and current.

    That one has to be built, by `build_own_bundle`.
    """
    with contextlib.suppress(BundleError):
        bundle, encoder = open_bundle(_path())
        if _is_current(bundle) and encoder.sha256 == DEFAULT_WEIGHTS_SHA256:
            return bundle, encoder
    return None


def build_own_bundle() -> tuple[Bundle, Encoder]:
    """Build the default FAQ's bundle, and open it.

    Raises:
        ModelError: there is no model to build it with.
        BundleError: it cannot be written.
    """
    from corpus.read import DEFAULT_FAQ, read_corpus
    from index.build import build_bundle
    from index.encoder import load_encoder
    from ui.terminal import progress_bar

    path = _path()
    try:
        encoder = load_encoder()
    except ModelError as error:
        raise ModelError(
            f"{path}: the bundle of medfaq's own FAQ is not here and cannot be built ({error}); "
            "copy that folder from a machine that has it, or name a bundle with --index"
        ) from error
    with progress_bar("Preparing the FAQ") as progress:
        build_bundle(read_corpus([DEFAULT_FAQ]), path, encoder, progress, wait=_FIRST_BUILD)
    return open_bundle(path)


def _path() -> Path:
    return user_cache_path("medfaq") / "default-faq"


def _is_current(bundle: Bundle) -> bool:
    """Tell whether a bundle was made from the FAQ as it is read now.

    To read it takes longer than a question. So what was found once is noted beside the bundle, for
    these very bytes of all that reads, and all that is read.
    """
    note = bundle.path.with_name(f"{bundle.path.name}.current")
    known = f"{FORMAT} {_sha256_of(Path(corpus.__file__).parent)} {bundle.manifest.corpus_sha256}"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if bundle.manifest.format == FORMAT and note.read_text(encoding="utf-8") == known:
            return True
    from corpus.read import DEFAULT_FAQ, read_corpus

    current = bundle.holds(read_corpus([DEFAULT_FAQ]))
    if current:
        # Half a note, or none where nothing can be written, costs time and no more.
        with contextlib.suppress(OSError):
            note.write_text(known, encoding="utf-8")
    return current


def _sha256_of(package: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.relative_to(package).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
