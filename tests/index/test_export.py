"""The exported model reads as the original does."""

import json
import logging
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest

from index.encoder import Encoder, default_folder, load_encoder
from index.exported import ExportedEncoder
from index.transformer import SentenceTransformerEncoder

pytestmark = pytest.mark.model

TEXTS = [
    "is heat good for my back",
    "",
    " ",
    "ok",
    "Why does my back SEIZE UP when I bend, sneeze or lift (20kg)?",
    "背中が痛い",
    "Почему болит спина? 🏃\u200d♀️ ça fait mal",
    "zzyzx qwrtp",
    "the of and",
    "a text far longer than the model reads. " * 80,
    *(f"{'word ' * length}?" for length in range(1, 40, 6)),
]


@pytest.fixture(scope="module")
def original() -> Encoder:
    return SentenceTransformerEncoder("original", default_folder())


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights and everything that the default one has not.

    Its first piece stands for the text, a layer follows the pooling, nothing is normalised, it
    reads 16 pieces, and every text gets a prompt that takes no part itself.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("model")
    config = BertConfig(
        vocab_size=30_522,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(folder / "bert")
    AutoTokenizer.from_pretrained(default_folder()).save_pretrained(folder / "bert")
    SentenceTransformer(
        modules=[
            Transformer(str(folder / "bert"), max_seq_length=16),
            Pooling(32, pooling_mode="cls", include_prompt=False),
            Dense(32, 24),
        ],
        prompts={"ask": "question: "},
        default_prompt_name="ask",
        device="cpu",
    ).save(str(folder / "whole"))
    return folder / "whole"


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def assert_same_readings(one: Encoder, other: Encoder) -> None:
    for text, left, right in zip(TEXTS, one.read(TEXTS), other.read(TEXTS), strict=True):
        assert np.array_equal(left.pieces, right.pieces), text
        assert np.array_equal(left.content, right.content), text
        assert left.vector @ right.vector >= 0.9999, text
        assert np.allclose(left.vector, right.vector, atol=1e-5), text
        assert np.allclose(left.piece_vectors, right.piece_vectors, atol=1e-3), text


def test_the_default_model_reads_as_sentence_transformers_does(
    original: Encoder, model: Encoder
) -> None:
    assert isinstance(model, ExportedEncoder)
    assert model.sha256 == original.sha256
    assert_same_readings(original, model)


def test_pooling_prompt_and_length_of_any_model_are_its_own(
    small_model: Path, empty_cache: Path
) -> None:
    exported = load_encoder(str(small_model))
    assert isinstance(exported, ExportedEncoder)
    assert exported.dimension == 24
    assert_same_readings(SentenceTransformerEncoder("small", small_model), exported)


def test_the_same_weights_with_other_settings_are_another_export(
    small_model: Path, empty_cache: Path
) -> None:
    load_encoder(str(small_model))
    settings = small_model / "config_sentence_transformers.json"
    before = settings.read_text()
    try:
        settings.write_text(json.dumps({**json.loads(before), "prompts": {"ask": "to find: "}}))
        assert_same_readings(
            SentenceTransformerEncoder("small", small_model), load_encoder(str(small_model))
        )
    finally:
        settings.write_text(before)


def test_a_damaged_export_is_made_again(small_model: Path, empty_cache: Path) -> None:
    vector = load_encoder(str(small_model)).encode(["heat"])
    (damaged,) = empty_cache.rglob("model.onnx")
    damaged.write_bytes(b"")
    assert np.allclose(load_encoder(str(small_model)).encode(["heat"]), vector)
    assert not list(empty_cache.rglob(".new-*"))


def test_a_model_that_cannot_be_exported_is_run_as_it_is_and_says_so(
    small_model: Path,
    empty_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no such operator\nin a graph")

    monkeypatch.setattr("torch.onnx.export", refuse)
    with caplog.at_level(logging.WARNING):
        encoder = load_encoder(str(small_model))
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert "runs in sentence-transformers, which is slower (RuntimeError: no such operator)" in (
        caplog.text
    )
    assert not list(empty_cache.rglob("*.onnx"))


def test_what_is_served_is_in_8_bits_and_reads_nearly_the_same(
    model: Encoder, tmp_path: Path
) -> None:
    model.save(tmp_path / "copy")
    served = ExportedEncoder("served", tmp_path / "copy")
    texts = [text for text in TEXTS if text.strip()]
    for text, left, right in zip(texts, model.encode(texts), served.encode(texts), strict=True):
        assert 0.98 <= left @ right < 0.99999, text
    assert served.sha256 == model.sha256
    size = (tmp_path / "copy" / "model.onnx").stat().st_size
    assert size < 40_000_000


def test_what_is_served_attends_in_one_node_a_layer(model: Encoder, tmp_path: Path) -> None:
    model.save(tmp_path / "copy")
    graph = onnx.load(str(tmp_path / "copy" / "model.onnx")).graph
    found = Counter(each.op_type for each in graph.node)
    assert found["MultiHeadAttention"] == found["BiasGelu"] > 0
    assert not found["Softmax"]


def test_a_model_that_8_bits_would_change_is_served_in_full_precision(
    small_model: Path,
    empty_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("index.export._LEAST_SMALL_COSINE", 1.1)
    full = load_encoder(str(small_model))
    full.save(tmp_path / "copy")
    served = ExportedEncoder("served", tmp_path / "copy")
    assert np.array_equal(served.encode(TEXTS), full.encode(TEXTS))
