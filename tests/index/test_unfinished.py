import subprocess
import sys
from pathlib import Path

import pytest

from corpus.passage import Corpus
from corpus.read import read_corpus
from index.build import build_bundle
from index.bundle import load_bundle
from index.unfinished import FOLDER
from tests.fakes import FakeEncoder

ENTRIES = 12
PART = 10
ALL = 3 * ENTRIES
"""Texts of the FAQ: a question, an entry and a sentence for each."""

STOPPED_BUILD = """
import os, pathlib, sys
import index.unfinished
from corpus.read import read_corpus
from index.build import build_bundle
from tests.fakes import FakeEncoder

class Stopped(FakeEncoder):
    def read(self, texts, progress=None):
        if len(self.encoded) >= int(sys.argv[3]):
            os.kill(os.getpid(), 9)
        return super().read(texts, progress)

index.unfinished.PART = int(sys.argv[4])
build_bundle(read_corpus([pathlib.Path(sys.argv[1])]), pathlib.Path(sys.argv[2]), Stopped())
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    file = tmp_path / "faq.txt"
    file.write_text("".join(f"Is remedy {n} good?\nYes, {n}.\n" for n in range(ENTRIES)))
    return read_corpus([file])


@pytest.fixture
def stopped(tmp_path: Path, corpus: Corpus) -> Path:
    """A folder in which a build was killed when it had read half of the texts, and two parts."""
    del corpus
    out = tmp_path / "out"
    process = subprocess.run(
        [sys.executable, "-c", STOPPED_BUILD, tmp_path / "faq.txt", out, str(2 * PART), str(PART)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert process.returncode == -9, process.stderr
    assert len(parts(out)) == 2
    return out


def parts(out: Path) -> list[Path]:
    return sorted((out / FOLDER).glob("*.npz"))


def test_a_build_that_was_killed_reads_only_the_rest(
    stopped: Path, corpus: Corpus, encoder: FakeEncoder, tmp_path: Path
) -> None:
    report = build_bundle(corpus, stopped, encoder)
    assert report.embedded == len(encoder.encoded) == ALL - 2 * PART
    assert not (stopped / FOLDER).exists()
    build_bundle(corpus, tmp_path / "at once", encoder)
    mine, other = (load_bundle(each, encoder) for each in (stopped, tmp_path / "at once"))
    assert mine.manifest.files == other.manifest.files


def test_what_was_read_before_the_faq_changed_is_not_read_again(
    stopped: Path, tmp_path: Path, encoder: FakeEncoder
) -> None:
    file = tmp_path / "faq.txt"
    file.write_text(file.read_text() + "Is rest good?\nNo.\n")
    report = build_bundle(read_corpus([file]), stopped, encoder)
    assert report.embedded == ALL + 3 - 2 * PART


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 500])
def test_a_damaged_part_is_read_anew(
    stopped: Path, corpus: Corpus, encoder: FakeEncoder, content: bytes
) -> None:
    parts(stopped)[0].write_bytes(content)
    assert build_bundle(corpus, stopped, encoder).embedded == ALL - PART


def test_a_part_with_one_changed_byte_is_read_anew(
    stopped: Path, corpus: Corpus, encoder: FakeEncoder
) -> None:
    file = parts(stopped)[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert build_bundle(corpus, stopped, encoder).embedded == ALL - PART


def test_a_part_of_another_model_is_not_used(stopped: Path, corpus: Corpus) -> None:
    assert build_bundle(corpus, stopped, FakeEncoder("other weights")).embedded == ALL


def test_a_part_of_other_texts_is_not_used(
    stopped: Path, corpus: Corpus, encoder: FakeEncoder
) -> None:
    one, other = parts(stopped)
    other.replace(one)
    assert build_bundle(corpus, stopped, encoder).embedded == ALL


def test_a_build_that_cannot_be_stopped_half_way_keeps_no_parts(
    tmp_path: Path, corpus: Corpus, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.unfinished.np.savez", None)
    assert build_bundle(corpus, tmp_path / "out", encoder).embedded == ALL


def test_progress_counts_all_texts(
    stopped: Path, corpus: Corpus, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.unfinished.PART", PART)
    seen: list[tuple[int, int]] = []
    build_bundle(corpus, stopped, encoder, lambda done, total: seen.append((done, total)))
    assert seen == [(3 * PART, ALL), (ALL, ALL)]
