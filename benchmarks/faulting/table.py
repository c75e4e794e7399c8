"""The matrix as a table of docs/reliability.md, between its two marks."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- matrix -->", "<!-- /matrix -->"
HEAD = (
    "| case | points | lost | doubled | what the user is told | ok | measured |",
    "|---|--:|--:|---|---|---|---|",
)
TOLD_MAX = 260
"""Characters of a message that the table shows."""

_PLACES = re.compile(r"(?<![\w.])(/[\w.-]+)+/(?=[\w.-]+)")
_PORTS = re.compile(r"127\.0\.0\.1:\d+")
_NUMBERS = (
    (re.compile(r"\.aside-[\w-]+"), ".aside-…"),
    (re.compile(r"process \d+ \([^)]*\)"), "process PID (PROGRAM)"),
)


def write_table(outcomes: Sequence[Outcome], command: str) -> None:
    """Put the rows into the page; those of cases that were not run now stay. Raises ValueError without the marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, mark, rest = page.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{PAGE} has no {BEGIN} … {END}")
    table = "\n".join(merge_rows(old.splitlines(), render_rows(outcomes, command)))
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def merge_rows(old: Sequence[str], new: dict[str, str]) -> list[str]:
    """The table with every new row in the place of the old one of its case, or at the end."""
    rows = {line.split("|")[1].strip(): line for line in old if line.startswith("| ") and line not in HEAD}
    return [*HEAD, *(rows | new).values()]


def render_rows(outcomes: Sequence[Outcome], command: str) -> dict[str, str]:
    """Case to its row; what differs from one machine to the next is left out of the messages."""
    measured = f"{time.strftime('%Y-%m-%d', time.gmtime())}, `{command}`"
    rows = {}
    for one in outcomes:
        repeated = f"; {one.again} calls repeated (at most {one.may_repeat})" if one.may_repeat else ""
        state = "ok" if one.ok else f"no: {clean(one.problems[0] if one.problems else 'see lost and doubled')}"
        cells = [one.points, one.lost, f"{one.twice}{repeated}", clean(one.told), state]
        if one.skipped:
            cells = ["–", "–", "–", f"not tried: {one.skipped}", "–"]
        rows[one.case] = f"| {' | '.join(map(str, [one.case, *cells, measured]))} |"
    return rows


def clean(text: str) -> str:
    """A message as a cell: no path, port or process number of one machine, nothing that Markdown would read."""
    text = _PORTS.sub("HOST:PORT", _PLACES.sub("…/", " ".join(text.split())))
    for pattern, plain in _NUMBERS:
        text = pattern.sub(plain, text)
    text = text.removeprefix("autodata: ")
    text = text if len(text) <= TOLD_MAX else text[:TOLD_MAX].rsplit(" ", 1)[0] + " …"
    return text.replace("|", "\\|").replace("<", "&lt;")
