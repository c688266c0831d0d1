import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.errors import BundleError
from corpus.passage import Corpus
from corpus.read import read_corpus
from index.build import LOCK, build_bundle, write_calibration
from index.bundle import Calibration, load_bundle, read_manifest
from tests.fakes import FakeEncoder


def corpus(folder: Path, **answers: str) -> Corpus:
    file = folder / "faq.txt"
    file.write_text("".join(f"Is {name} good?\n{text}\n" for name, text in answers.items()))
    return read_corpus([file])


def files(path: Path) -> dict[str, int]:
    return {str(file): file.stat().st_mtime_ns for file in path.rglob("*") if file.is_file()}


def test_building_an_unchanged_corpus_again_does_nothing(
    tmp_path: Path, encoder: FakeEncoder
) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes.", ice="No."), out, encoder)
    before = files(out)
    encoder.encoded.clear()
    report = build_bundle(corpus(tmp_path, heat="Yes.", ice="No."), out, encoder)
    assert (report.written, report.embedded) == (False, 0)
    assert encoder.encoded == []
    assert {k: v for k, v in files(out).items() if LOCK not in k} == {
        k: v for k, v in before.items() if LOCK not in k
    }


def test_a_changed_entry_embeds_that_entry_only(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes.", ice="No."), out, encoder)
    encoder.encoded.clear()
    build_bundle(corpus(tmp_path, heat="Yes.", ice="At first."), out, encoder)
    assert encoder.encoded == ["Is ice good? At first.", "At first."]
    loaded = load_bundle(out, encoder)
    assert [passage.answer for passage in loaded.passages] == ["Yes.", "At first."]


def test_a_build_leaves_nothing_of_the_old_one(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    build_bundle(corpus(tmp_path, heat="No."), out, encoder)
    assert len(list(out.glob("data-*"))) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_leaves_the_old_bundle_as_it_was(
    tmp_path: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    before = files(out)

    def full(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("index.bundle.os.fsync", full)
    with pytest.raises(BundleError, match=f"cannot be written .*{os.strerror(code)}"):
        build_bundle(corpus(tmp_path, heat="No."), out, encoder)
    monkeypatch.undo()
    assert files(out).keys() == before.keys()
    assert load_bundle(out, encoder).passages[0].answer == "Yes."


def test_a_folder_that_holds_something_else_is_not_touched(
    tmp_path: Path, encoder: FakeEncoder
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "holiday.jpg").write_text("x")
    with pytest.raises(BundleError, match=r"holds 'holiday\.jpg'"):
        build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    assert [item.name for item in out.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize("name", ["data-patients", "unfinished"])
def test_a_folder_of_the_owner_is_not_taken_for_a_part_of_a_bundle(
    tmp_path: Path, encoder: FakeEncoder, name: str
) -> None:
    mine = tmp_path / "out" / name / "x.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(BundleError, match=f"holds '{name}', which is no part of a bundle"):
        build_bundle(corpus(tmp_path, heat="Yes."), tmp_path / "out", encoder)
    assert mine.read_text() == "mine"


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path: Path, encoder: FakeEncoder) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="cannot be written"):
        build_bundle(corpus(tmp_path, heat="Yes."), tmp_path / "file" / "out", encoder)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_a_place_without_write_permission_is_refused(tmp_path: Path, encoder: FakeEncoder) -> None:
    with pytest.raises(BundleError, match="/proc/out: the bundle cannot be written"):
        build_bundle(corpus(tmp_path, heat="Yes."), Path("/proc/out"), encoder)


def test_two_builds_do_not_work_in_one_folder(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with (
        FileLock(out / LOCK),
        pytest.raises(BundleError, match="another build is at work"),
    ):
        build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)


def test_a_build_can_wait_for_another_to_end(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    out.mkdir()
    lock = FileLock(out / LOCK, thread_local=False)
    lock.acquire()
    threading.Timer(0.3, lock.release).start()
    assert build_bundle(corpus(tmp_path, heat="Yes."), out, encoder, wait=60).written


def test_a_damaged_bundle_is_built_anew(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    next(out.glob("data-*/views.faiss")).write_bytes(b"")
    assert build_bundle(corpus(tmp_path, heat="Yes."), out, encoder).written
    assert load_bundle(out, encoder).passages[0].answer == "Yes."


def test_another_model_embeds_everything_anew(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    other = FakeEncoder("other weights")
    report = build_bundle(corpus(tmp_path, heat="Yes."), out, other)
    assert report.embedded == report.texts == 3


KILLED_BUILD = """
import os, pathlib, sys, threading, time
from corpus.read import read_corpus
from index.build import build_bundle
from tests.fakes import FakeEncoder

faq, out, calls = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
seen = 0

def kill(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"):
        if str(arguments[0]).startswith(str(out)):
            seen += 1
            if seen == calls:
                os.kill(os.getpid(), 9)

corpus = read_corpus([faq])
sys.addaudithook(kill)
build_bundle(corpus, out, FakeEncoder())
print(seen)
"""


def test_a_build_killed_before_any_of_its_writes_leaves_a_whole_bundle(
    tmp_path: Path, encoder: FakeEncoder
) -> None:
    """Kill the build at each of its steps in the file system, one after the other."""
    old = tmp_path / "old"
    build_bundle(corpus(tmp_path, heat="Yes.", ice="No."), old, encoder)
    corpus(tmp_path, heat="Yes, warm.", ice="No, cold.")
    killed = 0
    while True:
        out = tmp_path / f"out{killed}"
        shutil.copytree(old, out)
        process = subprocess.run(
            [sys.executable, "-c", KILLED_BUILD, tmp_path / "faq.txt", out, str(killed + 1)],
            capture_output=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )
        answers = [passage.answer for passage in load_bundle(out, encoder).passages]
        if process.returncode == 0:
            break
        assert process.returncode == -9, process.stderr
        assert answers in (["Yes.", "No."], ["Yes, warm.", "No, cold."])
        assert build_bundle(read_corpus([tmp_path / "faq.txt"]), out, encoder).passages == 2
        assert len(list(out.glob("data-*"))) == 1
        killed += 1
    assert answers == ["Yes, warm.", "No, cold."]
    assert killed > 15


CALIBRATION = Calibration(0.8, 0.05, 0.9, 100, 60, 1, "")


@pytest.fixture
def calibrated(tmp_path: Path, encoder: FakeEncoder) -> Path:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    write_calibration(out, read_manifest(out), CALIBRATION)
    return out


def test_a_calibrated_threshold_stays_while_the_corpus_does(
    calibrated: Path, tmp_path: Path, encoder: FakeEncoder
) -> None:
    assert load_bundle(calibrated, encoder).manifest.calibration == CALIBRATION
    report = build_bundle(corpus(tmp_path, heat="Yes."), calibrated, encoder)
    assert not report.threshold_dropped
    assert read_manifest(calibrated).calibration == CALIBRATION


def test_a_calibrated_threshold_goes_with_the_entries_it_was_chosen_for(
    calibrated: Path, tmp_path: Path, encoder: FakeEncoder
) -> None:
    assert build_bundle(
        corpus(tmp_path, heat="Yes.", ice="No."), calibrated, encoder
    ).threshold_dropped
    assert read_manifest(calibrated).calibration is None
    assert not build_bundle(corpus(tmp_path, heat="No."), calibrated, encoder).threshold_dropped


def test_a_threshold_is_not_written_into_a_bundle_that_was_built_anew(
    tmp_path: Path, encoder: FakeEncoder
) -> None:
    out = tmp_path / "out"
    build_bundle(corpus(tmp_path, heat="Yes."), out, encoder)
    before = read_manifest(out)
    build_bundle(corpus(tmp_path, heat="No."), out, encoder)
    with pytest.raises(BundleError, match="calibrate it again"):
        write_calibration(out, before, CALIBRATION)
