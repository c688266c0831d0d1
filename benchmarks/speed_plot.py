"""A plot of how latency grows with the number of passages, both in powers of ten."""

import math
from collections.abc import Iterable, Mapping

from ui.plots import Axis, label, line, svg

Latencies = Mapping[int, float]
"""Passages -> milliseconds."""

_LABEL = 0.055
"""How much of the plot's height a label takes."""


def scaling_svg(latencies: Mapping[str, Latencies]) -> str:
    """Plot the median latency of each bot over the number of passages."""
    sizes = _powers(size for each in latencies.values() for size in each)
    times = _powers(time for each in latencies.values() for time in each.values())
    drawn = []
    free = 0.0
    for name, each in sorted(latencies.items(), key=lambda bot: list(bot[1].values())[-1]):
        places = [(_share(size, sizes), _share(time, times)) for size, time in each.items()]
        across, up = places[-1]
        drawn += [
            line(places, "line" if name == "medfaq" else "even"),
            label((across, max(up, free)), name),
        ]
        free = max(up, free) + _LABEL
    return svg(
        "Latency and size",
        "Median time for a question. " + " ".join(map(_said, latencies.items())),
        (Axis("Passages", _ticks(sizes)), Axis("Milliseconds", _ticks(times))),
        "".join(drawn),
    )


def _said(bot: tuple[str, Latencies]) -> str:
    name, each = bot
    return f"{name}: " + "; ".join(f"{ms:g} ms at {size:,}" for size, ms in each.items()) + "."


def _powers(values: Iterable[float]) -> range:
    """Return the powers of ten that values lie between."""
    logs = [math.log10(value) for value in values]
    first = math.floor(min(logs))
    return range(first, max(math.ceil(max(logs)), first + 1) + 1)


def _share(value: float, powers: range) -> float:
    return (math.log10(value) - powers[0]) / (powers[-1] - powers[0])


def _ticks(powers: range) -> dict[float, str]:
    return {_share(10.0**power, powers): f"{10.0**power:,g}" for power in powers}
