"""Load `medfaq serve` over real HTTP: python benchmarks/load.py [--soak 100000].

Prints JSON. First 32 clients ask one question after another, each when its last answer has come
(`closed`). Then questions come at given rates whether or not answers do (`open`); their times count
from when they were due, so that waiting for a free connection is part of them. `--soak N` asks N
questions and prints the server's memory twenty times meanwhile.

Requests go over kept connections by plain sockets, since a client on the same cores must cost
little: `client share` is its part of all processor time used.
"""

import asyncio
import itertools
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.serving import MEDFAQ, Server, served
from benchmarks.sets import own_set

BUSY = 503
CONNECTIONS = 512
"""At most so many questions are under way at once in an open loop."""


class Connection:
    """A kept connection over which one question after another is asked."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, body: bytes) -> int:
        """Ask, read the whole answer and return its status."""
        host, port = self._address.hostname, self._address.port
        if self._streams is None:
            self._streams = await asyncio.open_connection(host, port)
        reader, writer = self._streams
        head = f"POST /api/ask HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        (length,) = (line[15:] for line in lines if line.startswith(b"content-length:"))
        await reader.readexactly(int(length))
        return int(lines[0].split()[1])

    def close(self) -> None:
        """Let go of it."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


@dataclass(slots=True)
class Tally:
    """How long each answer took, in ms, and how often none came."""

    times: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    async def count(self, connection: Connection, body: bytes, due: float) -> None:
        """Ask a question that was due at `due` and note what became of it."""
        try:
            status = await connection.ask(body)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            connection.close()
            self.others[type(error).__name__] += 1
            return
        if status == 200:
            self.times.append(1000 * (time.perf_counter() - due))
        else:
            self.others["busy (503)" if status == BUSY else str(status)] += 1

    def measures(self, seconds: float) -> dict[str, Any]:
        """Return answers a second, percentiles of their times, and what else came."""
        cuts = statistics.quantiles(self.times, n=1000) if len(self.times) > 1 else [0.0] * 999
        return {
            "answers": len(self.times),
            "answers a second": round(len(self.times) / seconds, 1),
            "ms": {f"p{p}": round(cuts[int(10 * p) - 1], 1) for p in (50, 90, 95, 99, 99.9)},
            "no answer": dict(self.others),
        }


def bodies() -> Iterator[bytes]:
    """Yield our development questions, covered ones and others, again and again."""
    chosen = own_set("dev", companion=True)
    texts = [*chosen.texts, *itertools.chain(*chosen.unanswerable.values())]
    random.Random(0).shuffle(texts)
    return itertools.cycle([json.dumps({"question": text}).encode() for text in texts])


async def closed(
    url: str, asked: Iterator[bytes], clients: int, more: Callable[[Tally], bool]
) -> Tally:
    """Let each client ask its next question when it has its answer, while there are `more`."""
    tally = Tally()

    async def client() -> None:
        connection = Connection(url)
        while more(tally):
            await tally.count(connection, next(asked), time.perf_counter())
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return tally


async def opened(url: str, asked: Iterator[bytes], rate: float, seconds: float) -> Tally:
    """Let questions come at random (Poisson), `rate` a second."""
    tally, chance = Tally(), random.Random(1)
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        free.put_nowait(Connection(url))

    async def one(due: float) -> None:
        connection = await free.get()
        await tally.count(connection, next(asked), due)
        free.put_nowait(connection)

    start = due = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        while (due := due + chance.expovariate(rate)) < start + seconds:
            await asyncio.sleep(due - time.perf_counter())
            group.create_task(one(due))
    while not free.empty():
        free.get_nowait().close()
    return tally


async def measured(server: Server, load: Awaitable[Tally]) -> dict[str, Any]:
    """Run a load; add what it cost the server and the client."""
    started, server_cpu, own_cpu = time.perf_counter(), server.cpu_seconds(), time.process_time()
    tally = await load
    seconds = time.perf_counter() - started
    server_cpu = server.cpu_seconds() - server_cpu
    own_cpu = time.process_time() - own_cpu
    return {
        **tally.measures(seconds),
        "server ms of CPU an answer": round(1000 * server_cpu / max(len(tally.times), 1), 2),
        "cores the server had": round(server_cpu / seconds, 2),
        "client share": round(own_cpu / (own_cpu + server_cpu), 3),
    }


async def soaked(
    server: Server, asked: Iterator[bytes], clients: int, total: int
) -> dict[str, Any]:
    """Ask `total` questions; return the memory of the server (MiB) at each twentieth of them."""
    memory = [round(server.resident_mib(), 1)]
    done = 0
    others: Counter[str] = Counter()
    for part in range(1, 21):
        begun = itertools.count(done)
        end = total * part // 20
        tally = await closed(server.url, asked, clients, lambda _: next(begun) < end)  # noqa: B023
        done = end
        others += tally.others
        memory.append(round(server.resident_mib(), 1))
    return {"questions": total, "resident MiB": memory, "no answer": dict(others)}


async def run(
    server: Server, clients: int, seconds: float, rates: list[float], soak: int
) -> dict[str, Any]:
    """Put all the loads on a server, one after the other."""
    asked = bodies()
    # Gradio is imported beside the first questions, and some words are looked up only once.
    warm_up = itertools.count()
    await closed(server.url, asked, clients, lambda _: next(warm_up) < 200)
    end = time.perf_counter() + seconds
    results: dict[str, Any] = {
        "clients": clients,
        "closed": await measured(
            server, closed(server.url, asked, clients, lambda _: time.perf_counter() < end)
        ),
        "open": {
            f"{rate:g} a second": await measured(server, opened(server.url, asked, rate, seconds))
            for rate in rates
        },
    }
    if soak:
        results["soak"] = await soaked(server, asked, clients, soak)
    return results


def main(
    *,
    index: Annotated[Path | None, typer.Option(help="A bundle; else the default FAQ.")] = None,
    clients: Annotated[int, typer.Option(min=1)] = 32,
    seconds: Annotated[float, typer.Option(help="How long each load lasts.")] = 20,
    rates: Annotated[str, typer.Option(help="Questions a second, with commas.")] = "25,50,100,150",
    soak: Annotated[int, typer.Option(help="Questions to ask while memory is watched.")] = 0,
    rerank: Annotated[bool, typer.Option(help="As `medfaq serve` takes it.")] = True,
) -> None:
    """Load a server and print what came of it as JSON."""
    command: list[str | Path] = [MEDFAQ, "serve", "--port", "0"]
    command += [] if rerank else ["--no-rerank"]
    if index:
        command += ["--index", index]
    with served(command) as server:
        chosen = [float(rate) for rate in rates.split(",") if rate]
        print(json.dumps(asyncio.run(run(server, clients, seconds, chosen, soak)), indent=1))


if __name__ == "__main__":
    typer.run(main)
