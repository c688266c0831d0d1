"""Gradio's scripts and styles, found without importing it.

They are compressed well and once, since they never change.
"""

import os
import re
import tempfile
from importlib.util import find_spec
from pathlib import Path

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_WORTH_IT = {".js": "text/javascript", ".css": "text/css"}
_ENTRY_SCRIPT = re.compile(r'src="\./(assets/index-[\w-]+\.js)"')


def frontend_folder() -> Path | None:
    """Return where Gradio's files for a browser lie, or None where it is not installed."""
    found = find_spec("gradio")
    return Path(found.origin).parent / "templates/frontend" if found and found.origin else None


def frontend_script() -> str:
    """Return the address of the script that loads Gradio in a browser; empty where none does."""
    folder = frontend_folder()
    page = (folder / "index.html").read_text(encoding="utf-8") if folder else ""
    found = _ENTRY_SCRIPT.search(page)
    return found[1] if found else ""


class CompressedFiles:
    """Serves a folder; scripts and styles are compressed when first asked for, then kept."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """Serve `folder` and keep what was compressed in the folder `cache`."""
        self._folder = folder
        self._cache = cache
        self._plain = StaticFiles(directory=folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = self._folder / Path(scope["path"]).name
        kind = _WORTH_IT.get(path.suffix)
        accepted = Headers(scope=scope).get("accept-encoding", "")
        kept = None
        if kind and "br" in accepted and path.is_file():
            kept = await run_in_threadpool(self._compressed, path)
        if kept is None:
            await self._plain(scope, receive, send)
            return
        headers = {"Content-Encoding": "br", "Vary": "Accept-Encoding"}
        await FileResponse(kept, media_type=kind, headers=headers)(scope, receive, send)

    def _compressed(self, path: Path) -> Path | None:
        """Return the compressed file, or None where the cache cannot be written."""
        kept = self._cache / f"{path.name}.br"
        try:
            if not kept.exists():
                self._cache.mkdir(parents=True, exist_ok=True)
                write_whole(kept, brotli.compress(path.read_bytes(), quality=11))
        except OSError:
            return None
        return kept


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    Path(name).replace(path)
