"""A model in 8 bits: nearly the same numbers from smaller weights."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from index.quantise import quantise

WORDS, WIDTH = 2_000, 512


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, onnxruntime.InferenceSession]:
    """A table of words, looked up and multiplied with two matrices, as it is and in 8 bits."""
    chance = np.random.default_rng(0)
    arrays = {
        "table": chance.normal(size=(WORDS, WIDTH)),
        "one": chance.normal(size=(WIDTH, 16)) * chance.lognormal(size=16),
        "two": chance.normal(size=(WIDTH, 16)),
    }
    nodes = [
        helper.make_node("Gather", ["table", "words"], ["found"], axis=0),
        helper.make_node("MatMul", ["found", "one"], ["first"]),
        helper.make_node("MatMul", ["found", "two"], ["second"]),
        helper.make_node("Add", ["first", "second"], ["sum"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("words", TensorProto.INT64, ["count"])],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, ["count", 16])],
        [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
    )
    folder = tmp_path_factory.mktemp("models")
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(folder / "full"))
    quantise(folder / "full", folder / "small")
    assert size(folder / "small") < 0.27 * size(folder / "full")
    return {name: onnxruntime.InferenceSession(folder / name) for name in ("full", "small")}


def size(file: Path) -> int:
    return file.stat().st_size


def results(
    models: dict[str, onnxruntime.InferenceSession], words: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    return {name: model.run(None, {"words": words})[0] for name, model in models.items()}


@given(words=st.lists(st.integers(0, WORDS - 1), min_size=1, max_size=20))
def test_every_result_is_off_by_little(
    models: dict[str, onnxruntime.InferenceSession], words: list[int]
) -> None:
    found = results(models, np.array(words))
    off = np.linalg.norm(found["full"] - found["small"], axis=1)
    # Against the length of most results: one whose parts cancel each other may be any short.
    usual = np.median(np.linalg.norm(results(models, np.arange(WORDS))["full"], axis=1))
    assert (off < 0.04 * usual).all()


def test_large_numbers_side_by_side_do_not_overflow(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.5], [1.0, -0.9, -0.5], [0.2, -1.0, 0.5]] * 5, np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["rows", "weights"], ["out"])],
        "large",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["count", len(weights)])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["count", 3])],
        [numpy_helper.from_array(weights, "weights")],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(tmp_path / "full"))
    quantise(tmp_path / "full", tmp_path / "small")
    rows = np.ones((2, len(weights)), np.float32)

    (out,) = onnxruntime.InferenceSession(tmp_path / "small").run(None, {"rows": rows})

    assert np.allclose(out, rows @ weights, atol=0.15)
    (whole,) = (
        numpy_helper.to_array(each)
        for each in onnx.load(str(tmp_path / "small")).graph.initializer
        if each.name == "weights:8bit"
    )
    pairs = whole[:-1:2].astype(int) + whole[1::2]
    assert np.abs(pairs).max() <= 128


def test_a_text_reads_the_same_whatever_stands_beside_it(
    models: dict[str, onnxruntime.InferenceSession],
) -> None:
    alone = results(models, np.array([7]))["small"]
    beside = results(models, np.array([3, 7, 1_999]))["small"]
    assert np.allclose(alone[0], beside[1], rtol=1e-5, atol=1e-4)
