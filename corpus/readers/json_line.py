"""A line of a file that holds JSON on each."""

import json
from typing import Any

from corpus.errors import MedfaqError


def json_of(line: str, where: str, fault: type[MedfaqError]) -> Any:
    """Return what a line holds.

    Raises:
        MedfaqError: it is not JSON; says `where` and from which character on, as a `fault`.
    """
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        # Its own text counts lines, too, and knows of this one alone.
        problem = f"not JSON ({error.msg}, at character {error.pos + 1})"
    except ValueError as error:
        problem = f"not JSON ({error})"
    except RecursionError:
        problem = "nested too deeply"
    raise fault(f"{where}: {problem}; fix the line")
