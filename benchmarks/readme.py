"""Write the measured part of the README from the results: python benchmarks/readme.py."""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results"
PART = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- /measured -->)", re.DOTALL)

SYSTEMS = [
    "BM25",
    "one question vector",
    "txtai hybrid, questions",
    "txtai hybrid, entries",
    "Haystack FAQ",
    "medfaq",
]
INTRO = """\
How often the first entry answers (P@1), all systems in one run on each set, with the same model
(`python benchmarks/quality.py`;
[with every part taken out in turn](benchmarks/results/quality-test.md)). "One question vector" is
the usual FAQ bot. The default FAQ's questions are 160 held-out ones in patients' wording, of 320
written for it; the other sets are public ones, and no model was trained on them.
"""
ABSTENTION = """\
Knowing when not to answer (`python benchmarks/abstention.py`): how well confidence tells covered
questions from others (AUROC; near misses such as "is swimming good?" where only walking is covered,
and far-off messages), and how many of 100 covered questions can be answered rightly when at most 5
of 100 answers shown may be wrong, near misses included. `--no-rerank` reads no entry together with
the question, which is quicker.
"""
PAGE = """\
The page beside a stock `gr.ChatInterface` of the same bot (`python benchmarks/page.py`, medians; an
answer is timed from Enter until it is painted):
"""


def measured() -> str:
    """Return the measured part in Markdown."""
    parts = [INTRO, _ranking(), "", ABSTENTION, _abstention(), "", _red_flags(), "", PAGE, _page()]
    return "\n".join([*parts, ""])


def _ranking() -> str:
    rows = _read("quality-test")
    names = list(dict.fromkeys(row["set"] for row in rows))
    found = {(row["set"], row["system"]): row["means"] for row in rows}
    lines = ["| set | " + " | ".join(SYSTEMS) + " | medfaq, in first 3 |"]
    lines.append("|---" * (len(SYSTEMS) + 2) + "|")
    for name in names:
        shares = [f"{found[name, system]['P@1']:.3f}" for system in SYSTEMS]
        first_three = f"{found[name, 'medfaq']['in first 3']:.3f}"
        lines.append(f"| {name} | " + " | ".join([*shares, first_three]) + " |")
    return "\n".join(lines)


def _abstention() -> str:
    lines = ["| set | system | AUROC | answered at 5 wrong in 100 | calibration error |"]
    lines.append("|---" * 5 + "|")
    for row in _read("abstention-test")["sets"]:
        auroc = ", ".join(f"{kind} {value:.3f}" for kind, value in row["auroc"].items())
        error = row["calibration_error"]
        lines.append(
            f"| {row['set']} | {row['system']} | {auroc} | {row['answered_at_5_wrong']:.3f} | "
            f"{'–' if error is None else f'{error:.3f}'} |"
        )
    return "\n".join(lines)


def _red_flags() -> str:
    found = _read("abstention-test")["red flags"]
    return (
        f"Red flags: {found['recall']:.1%} of {found['urgent messages']} held-out urgent messages "
        f"are noticed; {found['false alarms among these']:.1%} of "
        f"{found['messages that sound like it']} messages that only sound like it, and "
        f"{found['false alarms among other messages']:.1%} of {found['other messages']} others, "
        "raise a false alarm."
    )


def _page() -> str:
    found = _read("page")
    lines = [
        "| network | page | usable | answer | first load | again |",
        "|---" * 6 + "|",
    ]
    for network in ("loopback", "slow 4G, CPU 4 times slower"):
        for page in ("medfaq", "stock"):
            took = found[network][page]
            lines.append(
                f"| {network} | {page} | {took['usable']:,} ms | {took['answer']:,} ms | "
                f"{took['first_bytes'] / 1000:.0f} kB | {took['repeat_bytes'] / 1000:.0f} kB |"
            )
    return "\n".join(lines)


def _read(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def main() -> None:
    """Replace the measured part of the README."""
    text = README.read_text(encoding="utf-8")
    README.write_text(PART.sub(lambda _: measured(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
