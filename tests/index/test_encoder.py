import numpy as np
import pytest

from corpus.errors import ModelError
from index.encoder import DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, Encoder, load_encoder

pytestmark = pytest.mark.model


def test_the_default_model_is_the_expected_one(model: Encoder) -> None:
    assert (model.name, model.sha256) == (DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256)
    assert model.dimension == 384


def test_vectors_come_in_the_order_of_the_texts_whatever_their_lengths(model: Encoder) -> None:
    texts = ["a long text " * 100, "", "short", "背中が痛い"]
    together = model.encode(texts)
    alone = np.concatenate([model.encode([text]) for text in texts])
    assert together.shape == (4, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, alone, atol=1e-5)


def test_progress_ends_with_all_done(model: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    model.read(["one"] * 700, lambda done, total: seen.append((done, total)))
    assert len(seen) > 1
    assert seen == sorted(seen)
    assert seen[-1] == (700, 700)


def test_no_text_gives_no_vector(model: Encoder) -> None:
    assert model.encode([]).shape == (0, 384)


def test_a_folder_that_holds_no_model_is_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(str(tmp_path_factory.mktemp("empty")))
