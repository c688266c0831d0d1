"""A server in a process of its own, to be measured."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEDFAQ = Path(sys.executable).parent / "medfaq"
READY = r"medfaq is ready: (\S+)"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, and the number of its process."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Return how much of it lies in memory, files mapped there included (Linux)."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def served(command: list[str | Path], ready: str = READY) -> Iterator[Server]:
    """Start a server, wait for the line that `ready` matches the address in, and stop it."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment()
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if match := re.search(ready, line):
                yield Server(match[1].rstrip("/"), process.pid)
                return
        raise SystemExit(f"{command[0]} did not start")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _environment() -> dict[str, str]:
    """Return the environment of the servers: this checkout first, and no buffering."""
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
