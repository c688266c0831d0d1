from xml.etree import ElementTree

import numpy as np

from benchmarks import generated
from benchmarks.footprint import installed_mb
from benchmarks.speed_plot import scaling_svg
from index.encoder import unit


def test_generated_entries_are_the_same_each_time_and_come_after_the_real_ones() -> None:
    entries, real = generated.entries(5_000)
    assert generated.entries(5_000) == (entries, real)
    assert (len(entries), entries[:real]) == (5_000, generated.entries(real)[0])
    assert 16 <= real < 5_000


def test_generated_vectors_lie_near_real_ones() -> None:
    real = unit(np.random.default_rng(0).normal(size=(50, 32)).astype(np.float32))
    made = generated.vectors(real, 500)
    assert np.array_equal(made, generated.vectors(real, 500))
    assert np.array_equal(made[:50], real)
    nearest = (made[50:] @ real.T).max(axis=1)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert 0.6 < nearest.min() < nearest.max() < 1.001


def test_what_is_not_installed_has_no_size() -> None:
    assert installed_mb(["no-such-package-at-all"]) is None
    numpy = installed_mb(["numpy"])
    assert numpy
    assert numpy > 1


def test_the_plot_of_latencies_names_every_bot_and_number() -> None:
    plot = scaling_svg({"medfaq": {16: 4.0, 1_000: 5.0}, "<other>": {16: 40.0, 1_000: 41.5}})
    root = ElementTree.fromstring(plot)
    written = "".join(root.itertext())
    assert "medfaq: 4 ms at 16; 5 ms at 1,000." in written
    assert "<other>: 40 ms at 16; 41.5 ms at 1,000." in written
