import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from corpus.read import DEFAULT_FAQ, read_corpus
from index.build import build_bundle
from index.bundle import Bundle, load_bundle
from index.encoder import Encoder, load_encoder
from tests.fakes import FakeEncoder

# Timings say nothing on a busy machine, so no example fails for being slow.
settings.register_profile("medfaq", deadline=None)
settings.load_profile("medfaq")

Medfaq = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture(scope="session")
def built_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("default") / "bundle"
    build_bundle(read_corpus([DEFAULT_FAQ]), folder, FakeEncoder())
    return folder


@pytest.fixture
def default_bundle(built_bundle: Path, tmp_path: Path, encoder: FakeEncoder) -> Bundle:
    """The default FAQ's bundle; each test has a copy of its own to spoil."""
    return load_bundle(shutil.copytree(built_bundle, tmp_path / "bundle"), encoder)


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty cache folder that all tests share, so that it is filled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def model(cache_home: Path) -> Encoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache_home))
        return load_encoder()


@pytest.fixture(scope="session")
def medfaq(cache_home: Path) -> Medfaq:
    """Run the installed command as a person would, in a home of its own."""
    command = Path(sys.executable).parent / "medfaq"

    def run(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [command, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(cache_home),
                "XDG_CACHE_HOME": str(cache_home),
                **variables,
            },
        )

    return run
