import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import index.bundle
from corpus.errors import BundleError
from corpus.read import DEFAULT_FAQ, read_corpus
from index.build import build_bundle
from index.bundle import FORMAT, MANIFEST, Bundle, load_bundle
from tests.fakes import FakeEncoder


def change_manifest(bundle: Bundle, change: Callable[[dict[str, Any]], object]) -> None:
    file = bundle.path / MANIFEST
    fields = json.loads(file.read_text())
    change(fields)
    file.write_text(json.dumps(fields))


def test_a_loaded_bundle_holds_what_was_indexed(
    default_bundle: Bundle, encoder: FakeEncoder
) -> None:
    corpus = read_corpus([DEFAULT_FAQ])
    assert default_bundle.passages == corpus.passages
    assert default_bundle.not_covered == corpus.not_covered
    assert dict(default_bundle.files) == dict(corpus.files)
    texts = [view.text for view in default_bundle.views]
    stored = default_bundle.dense.vectors(np.arange(len(texts)))
    assert np.allclose(stored, encoder.encode(texts))


def test_a_bundle_has_no_pickle_in_it(default_bundle: Bundle) -> None:
    kinds = {file.suffix for file in default_bundle.path.rglob("*") if file.is_file()}
    assert kinds <= {".json", ".jsonl", ".npy", ".faiss", ".txt", ".lock", ""}
    for file in default_bundle.path.rglob("*.npy"):
        np.load(file, allow_pickle=False)


def test_every_file_of_a_bundle_is_checked(default_bundle: Bundle, encoder: FakeEncoder) -> None:
    data = default_bundle.path / default_bundle.manifest.data
    on_disk = {file.relative_to(data).as_posix() for file in data.rglob("*") if file.is_file()}
    assert on_disk == set(default_bundle.manifest.files)
    for name in on_disk:
        content = (data / name).read_bytes()
        for damaged in (content[:-1], content + b"x", b""):
            if damaged == content:
                continue
            (data / name).write_bytes(damaged)
            with pytest.raises(BundleError, match=rf"{name} is damaged .*; build it again with"):
                load_bundle(default_bundle.path, encoder)
        (data / name).unlink()
        with pytest.raises(BundleError, match=f"{name} cannot be read"):
            load_bundle(default_bundle.path, encoder)
        (data / name).write_bytes(content)
    assert load_bundle(default_bundle.path, encoder).passages == default_bundle.passages


def test_a_bundle_of_another_model_is_refused(default_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match=r"made with the model fake .*; build it again with"):
        load_bundle(default_bundle.path, FakeEncoder("other weights"))


def test_a_bundle_of_another_format_is_refused(
    default_bundle: Bundle, encoder: FakeEncoder
) -> None:
    change_manifest(default_bundle, lambda fields: fields.update(format=FORMAT + 1))
    with pytest.raises(BundleError, match=f"bundle format {FORMAT + 1}, .*build it again with"):
        load_bundle(default_bundle.path, encoder)


def test_a_bundle_of_the_format_before_is_read(
    default_bundle: Bundle, encoder: FakeEncoder
) -> None:
    change_manifest(default_bundle, lambda fields: fields.update(format=FORMAT - 1))
    before = load_bundle(default_bundle.path, encoder)
    assert before.passages == default_bundle.passages
    report = build_bundle(read_corpus([DEFAULT_FAQ]), default_bundle.path, encoder)
    assert (report.written, report.embedded) == (True, 0)
    assert load_bundle(default_bundle.path, encoder).manifest.format == FORMAT


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", f'{{"format": {FORMAT}}}'])
def test_a_truncated_manifest_is_refused(
    default_bundle: Bundle, encoder: FakeEncoder, content: str
) -> None:
    (default_bundle.path / MANIFEST).write_text(content)
    with pytest.raises(BundleError, match=r"manifest\.json is damaged; build it again with"):
        load_bundle(default_bundle.path, encoder)


@pytest.mark.parametrize("unknown", [{"recall_at_11": 1}, {"calibration": {"threshold": 1}}])
def test_a_manifest_that_says_more_or_less_than_is_known_is_refused(
    default_bundle: Bundle, encoder: FakeEncoder, unknown: dict[str, Any]
) -> None:
    change_manifest(default_bundle, lambda fields: fields.update(unknown))
    with pytest.raises(BundleError, match=r"manifest\.json is damaged; build it again with"):
        load_bundle(default_bundle.path, encoder)


def test_a_manifest_without_a_recall_is_that_of_an_exact_search(
    default_bundle: Bundle, encoder: FakeEncoder
) -> None:
    change_manifest(default_bundle, lambda fields: fields.pop("recall_at_10"))
    assert load_bundle(default_bundle.path, encoder).dense.recall == 1.0


def test_a_bundle_that_is_searched_in_a_graph_says_what_that_finds(
    tmp_path: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = read_corpus([DEFAULT_FAQ])
    monkeypatch.setattr("index.dense.EXACT", 1_000)
    build_bundle(corpus, tmp_path, encoder)
    bundle = load_bundle(tmp_path, encoder)
    assert 0.995 <= bundle.manifest.recall_at_10 == bundle.dense.recall
    texts = [view.text for view in bundle.views]
    stored = bundle.dense.vectors(np.arange(len(texts)))
    assert np.allclose(stored, encoder.encode(texts), atol=1e-3)
    again = build_bundle(replace(corpus, passages=corpus.passages[:-1]), tmp_path, encoder)
    assert (again.written, again.embedded) == (True, 0)


def test_vectors_of_other_texts_are_refused(default_bundle: Bundle, encoder: FakeEncoder) -> None:
    change_manifest(default_bundle, lambda fields: fields.update(texts_sha256="0"))
    with pytest.raises(BundleError, match="made by another medfaq version"):
        load_bundle(default_bundle.path, encoder)


def test_what_is_not_a_bundle_is_refused(tmp_path: Path, encoder: FakeEncoder) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(BundleError, match=r"not a bundle .*medfaq index SOURCE --out"):
            load_bundle(path, encoder)


def test_a_passage_whose_source_lines_changed_is_not_shown(default_bundle: Bundle) -> None:
    passage = default_bundle.passages[3]
    assert default_bundle.checked(passage) is passage
    for changed in (
        replace(passage, source_sha256="0" * 64),
        replace(passage, source=replace(passage.source, first_line=1)),
        replace(passage, source=replace(passage.source, file="missing.txt")),
    ):
        with pytest.raises(BundleError, match="no longer matches lines"):
            default_bundle.checked(changed)


def test_a_bundle_that_is_swapped_while_it_is_read_is_read_as_it_is_then(
    default_bundle: Bundle, encoder: FakeEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes.\n")
    other = read_corpus([tmp_path / "faq.txt"])
    verify = index.bundle._verify

    def swapped(*what: Any) -> None:
        verify(*what)
        monkeypatch.setattr("index.bundle._verify", verify)
        build_bundle(other, default_bundle.path, encoder)

    monkeypatch.setattr("index.bundle._verify", swapped)
    assert load_bundle(default_bundle.path, encoder).passages == other.passages
