"""Models tuned apart are put together."""

import torch

from training.tuning import Model, average


def test_the_weights_of_models_are_averaged() -> None:
    models = [Model(2), Model(2)]
    for model, weight in zip(models, (1.0, 3.0), strict=True):
        torch.nn.init.constant_(model.head.weight, weight)
    word = models[0].encoder.get_input_embeddings().weight[100].clone()

    mean = average(models)

    assert (mean.head.weight == 2.0).all()
    assert torch.equal(mean.encoder.get_input_embeddings().weight[100], word)
