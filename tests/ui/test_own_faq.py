"""The default FAQ is read again only where it, or what reads it, may have changed."""

import threading
from pathlib import Path

import pytest

import corpus.read
from corpus.read import read_corpus
from index.build import build_bundle
from index.bundle import Bundle, load_bundle
from tests.fakes import FakeEncoder
from ui import own_faq
from ui.cli import _answerer
from ui.own_faq import _is_current


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the FAQ is read")

    monkeypatch.setattr(corpus.read, "read_corpus", fail)


def note_of(bundle: Bundle) -> Path:
    return bundle.path.with_name(f"{bundle.path.name}.current")


def test_what_was_found_current_is_not_read_again(
    default_bundle: Bundle, request: pytest.FixtureRequest
) -> None:
    assert _is_current(default_bundle)
    request.getfixturevalue("unread")
    assert _is_current(default_bundle)


def test_it_is_read_again_once_its_bytes_or_its_reader_change(
    default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    assert _is_current(default_bundle)
    monkeypatch.setattr(own_faq, "_sha256_of", lambda _: "other bytes")
    request.getfixturevalue("unread")
    with pytest.raises(AssertionError, match="the FAQ is read"):
        _is_current(default_bundle)


def test_a_note_about_another_bundle_does_not_count(default_bundle: Bundle, tmp_path: Path) -> None:
    assert _is_current(default_bundle)
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes.\n")
    build_bundle(read_corpus([tmp_path / "faq.txt"]), default_bundle.path, FakeEncoder())
    assert note_of(default_bundle).exists()
    assert not _is_current(load_bundle(default_bundle.path, FakeEncoder()))


@pytest.mark.parametrize("content", [b"", b"\xff", b"7 abc"])
def test_a_damaged_note_is_written_again(default_bundle: Bundle, content: bytes) -> None:
    note_of(default_bundle).write_bytes(content)
    assert _is_current(default_bundle)
    assert note_of(default_bundle).read_bytes() not in (content, b"")


def test_where_no_note_can_be_written_it_is_read_each_time(default_bundle: Bundle) -> None:
    note_of(default_bundle).mkdir()
    assert _is_current(default_bundle)
    assert _is_current(default_bundle)


def test_what_it_is_noted_for_is_every_file_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "read.py").write_text("1")
    before = own_faq._sha256_of(tmp_path)
    (tmp_path / "read.pyc").write_text("compiled")
    assert own_faq._sha256_of(tmp_path) == before
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "faq.txt").write_text("a")
    after = own_faq._sha256_of(tmp_path)
    (tmp_path / "data" / "faq.txt").write_text("b")
    assert len({before, after, own_faq._sha256_of(tmp_path)}) == 3


def test_it_is_built_where_ctrl_c_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    def build() -> None:
        assert threading.current_thread() is threading.main_thread()
        raise KeyboardInterrupt

    monkeypatch.setattr(own_faq, "open_own_bundle", lambda: None)
    monkeypatch.setattr(own_faq, "build_own_bundle", build)
    with pytest.raises(KeyboardInterrupt):
        _answerer(None, rerank=False)
