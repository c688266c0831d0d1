"""Python imports this before anything else where its folder is on PYTHONPATH.

It writes every address that the process looks up or sends to, other than this machine's own, to
the file that NETWORK_WATCH names.
"""

import os
import sys
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

# By event, where in its arguments the address stands.
_ADDRESSES: dict[str, Callable[[tuple[object, ...]], object]] = {
    "socket.connect": lambda arguments: arguments[1],
    "socket.sendto": lambda arguments: arguments[1],
    "socket.getaddrinfo": lambda arguments: (arguments[0],),
    "socket.gethostbyname": lambda arguments: (arguments[0],),
}


def _is_own(host: object) -> bool:
    if isinstance(host, bytes | bytearray):
        host = host.decode(errors="replace")
    if host in (None, "", "localhost", "0.0.0.0", "::"):
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _ADDRESSES:
        return
    address = _ADDRESSES[event](arguments)
    # A text instead of a tuple names a socket in the file system.
    if isinstance(address, tuple) and not _is_own(address[0]):
        with Path(os.environ["NETWORK_WATCH"]).open("a", encoding="utf-8") as log:
            log.write(f"{event} {address[0]}\n")


if "NETWORK_WATCH" in os.environ:
    sys.addaudithook(_watch)
