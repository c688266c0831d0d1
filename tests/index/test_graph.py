"""A module of torch as a graph: attention is one node, and reads what the module reads."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel

from index.graph import write_graph
from index.quantise import quantise

LAYERS = 2
INPUTS = ("input_ids", "attention_mask")


class Pieces(torch.nn.Module):
    """What a BERT makes of each word piece."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return vectors: shape (texts, pieces, width)."""
        found = self.bert(input_ids=input_ids, attention_mask=attention_mask)
        vectors: torch.Tensor = found.last_hidden_state
        return vectors


@pytest.fixture(scope="module")
def module() -> Pieces:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=100,
        hidden_size=48,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=32,
    )
    pieces = Pieces(BertModel(config))
    pieces.train(mode=False)
    return pieces


@pytest.fixture(scope="module")
def graphs(module: Pieces, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The module as it is and in 8 bits, written from a batch of another size."""
    folder = tmp_path_factory.mktemp("graphs")
    files = {name: folder / name for name in ("full", "small")}
    inputs = {name: torch.ones(2, 5, dtype=torch.long) for name in INPUTS}
    write_graph(module, inputs, {"vectors": ("texts", "pieces")}, files["full"])
    quantise(files["full"], files["small"])
    return files


def texts() -> dict[str, NDArray[np.int64]]:
    """Three texts of unlike length, filled up on the right."""
    ids = np.random.default_rng(1).integers(1, 100, size=(3, 9))
    mask = np.arange(9) < np.array([9, 4, 1])[:, None]
    return {"input_ids": np.where(mask, ids, 0), "attention_mask": mask.astype(np.int64)}


@pytest.mark.parametrize(("kind", "node"), [("full", "Attention"), ("small", "MultiHeadAttention")])
def test_each_layer_attends_in_one_node(graphs: dict[str, Path], kind: str, node: str) -> None:
    found = Counter(each.op_type for each in onnx.load(str(graphs[kind])).graph.node)
    assert found[node] == LAYERS
    assert not found["Softmax"]


@pytest.mark.parametrize(("kind", "off"), [("full", 1e-4), ("small", 0.1)])
def test_a_graph_reads_padded_texts_as_the_module_does(
    module: Pieces, graphs: dict[str, Path], kind: str, off: float
) -> None:
    read = texts()
    (found,) = onnxruntime.InferenceSession(graphs[kind]).run(None, read)
    with torch.inference_mode():
        wanted = module(*(torch.tensor(read[name]) for name in INPUTS)).numpy()
    there = read["attention_mask"].astype(bool)
    assert np.abs(found - wanted)[there].max() < off


@pytest.mark.usefixtures("graphs")
def test_a_module_attends_afterwards_as_it_did_before(module: Pieces) -> None:
    assert module.bert.config._attn_implementation == "sdpa"
