"""A module of torch as a graph of few nodes, which onnxruntime runs without torch."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import onnxruntime
import torch
from transformers import BertModel

_OPSET = 18


def write_graph(
    module: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    outputs: Mapping[str, tuple[str, ...]],
    file: Path,
) -> None:
    """Write what a module makes of its inputs, each of shape (texts, pieces), as a graph.

    `outputs` names for each output, from the first on, the axes whose length may change.
    What torch raises where it cannot is passed on.
    """
    bert = next((part for part in module.modules() if isinstance(part, BertModel)), None)
    raw = file.with_name("raw.onnx")
    changing = {**dict.fromkeys(inputs, ("texts", "pieces")), **outputs}
    with torch.inference_mode(), warnings.catch_warnings(), _spelt_out_attention(bert):
        warnings.simplefilter("ignore")  # the older exporter, which needs no onnxscript, says so
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            str(raw),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(enumerate(axes)) for name, axes in changing.items()},
            opset_version=_OPSET,
            dynamo=False,
        )
    if bert:
        _fuse_attention(raw, bert)
    _optimise(raw, file)


@contextmanager
def _spelt_out_attention(bert: BertModel | None) -> Iterator[None]:
    """Let a model attend by products and a softmax, which `_fuse_attention` knows."""
    if bert is None:
        yield
        return
    before = bert.config._attn_implementation
    bert.set_attn_implementation("eager")
    try:
        yield
    finally:
        bert.set_attn_implementation(before)


def _fuse_attention(file: Path, bert: BertModel) -> None:
    """Make one node of the dozens that attend in each layer, which cost more than they compute."""
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    options = FusionOptions("bert")
    # `index.quantise` looks for tables of embeddings, and the others are slower than their parts.
    options.enable_embed_layer_norm = False
    options.enable_skip_layer_norm = False
    options.enable_bias_skip_layer_norm = False
    with redirect_stdout(None):  # what does not matter here is printed
        fused = optimize_model(
            str(file),
            model_type="bert",
            num_heads=bert.config.num_attention_heads,
            hidden_size=bert.config.hidden_size,
            optimization_options=options,
            opt_level=1,  # some models cast where there is nothing to cast, which hides attention
        )
    fused.save_model_to_file(str(file))


def _optimise(raw: Path, model: Path) -> None:
    """Fuse what else can be fused, once and for all: a server then starts the sooner."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(model)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])
    raw.unlink()
