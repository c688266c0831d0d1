"""The commands in the documents work as printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.readme import PART, measured

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if line.startswith(program)]


def test_the_make_targets_of_the_readme_exist() -> None:
    assert [command.split()[1] for command in commands("make ")] == ["run", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README):
        assert (ROOT / link).exists(), link


@pytest.mark.model
def test_the_commands_of_the_readme_work_as_printed(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "clinic.md").write_text(blocks("markdown")[0], encoding="utf-8")
    tried = 0
    for command in commands("medfaq "):
        if command.startswith("medfaq serve"):
            continue
        process = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
                "HOME": str(cache_home),
                "XDG_CACHE_HOME": str(cache_home),
            },
        )
        assert process.returncode == 0, (command, process.stderr)
        tried += 1
        if "shower" in command:
            assert "Yes, from the second day. Leave the plaster on." in process.stdout
    assert tried == 5


def test_the_numbers_of_the_readme_are_those_of_the_committed_results() -> None:
    found = PART.search(README)
    assert found
    assert found[0] == measured()
