"""What bots take on disk."""

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


def folder_mb(folder: Path) -> float:
    """Return the size of all files in a folder, in MB."""
    return round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6, 2)


def installed_mb(requirements: Iterable[str]) -> float | None:
    """Return what packages take with all they require, in MB; None where one is not installed.

    Counted are the files that their installers recorded, compiled ones as well.
    """
    try:
        found = _closure(requirements)
    except PackageNotFoundError:
        return None
    return round(sum(_bytes(each) for each in found.values()) / 1e6, 1)


def _closure(requirements: Iterable[str]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    seen: set[str] = set()
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        mine = distribution(requirement.name)
        found[mine.name] = mine
        for each in map(Requirement, mine.requires or []):
            extras = ("", *requirement.extras)
            if not each.marker or any(each.marker.evaluate({"extra": name}) for name in extras):
                waiting.append(each)
    return found


def _bytes(package: Distribution) -> int:
    files = (Path(str(package.locate_file(file))) for file in package.files or [])
    return sum(file.stat().st_size for file in files if file.is_file())
