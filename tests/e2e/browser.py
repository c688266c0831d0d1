"""A Chromium for the tests: one that is there, or else one that can be had."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WITHOUT = "no Chromium to test in and none could be installed; run the other tests: make test-fast"

# Quiet, and without the services of a desktop, so that what it requests is the page's doing.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return the path of a Chromium; None means the one that Playwright has just installed.

    Fails the test where there is none and none can be installed.
    """
    if path := _on_path():
        return path
    if _apt_installs_it() and (path := _on_path()):
        return path
    if _succeeds([sys.executable, "-m", "playwright", "install", "chromium"]):
        return None
    pytest.fail(_WITHOUT, pytrace=False)


def _on_path() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _apt_installs_it() -> bool:
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        rights = []
    elif shutil.which("sudo") and _succeeds(["sudo", "-n", "true"]):
        rights = ["sudo", "-n"]
    else:
        return False
    install = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    return _succeeds([*install, "update"]) and _succeeds(
        [*install, "install", "--yes", "--no-install-recommends", "chromium"]
    )


def _succeeds(command: list[str | Path]) -> bool:
    try:
        return (
            subprocess.run(command, capture_output=True, timeout=600, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
