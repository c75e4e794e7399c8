"""Collected rows in a file, cell by cell, so that nothing is planted and audited twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from autodata.errors import BadInput
from benchmarks.sabotage.harness import Truth
from benchmarks.sabotage.runner import Row
from benchmarks.sabotage.suite import Cell, Collected


def keep_cell(path: Path, cell: Collected) -> None:
    """Add one cell as a line, behind the last whole one: a line that a killed process left half is written over."""
    with open(path, "ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(orjson.dumps(asdict(cell), option=orjson.OPT_NON_STR_KEYS) + b"\n")


def load_cells(path: Path, cells: Sequence[Cell]) -> list[Collected]:
    """The cells in such a file, none where there is no file. Raises BadInput for one that is not among `cells`.

    A last line without its end was being written when the process ended; its cell is done again.
    """
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        values = orjson.loads(line)
        rows = tuple(_read_row(row) for row in values.pop("rows"))
        found.append(Collected(Cell(**values.pop("cell")), rows, **values))
    if not {one.cell for one in found} <= set(cells):
        raise BadInput(f"{path} holds another benchmark than the one asked for; give another file, or remove it")
    return found


def _read_row(values: dict[str, object]) -> Row:
    truth = dict(values.pop("truth"))  # type: ignore[call-overload]
    truth = Truth(**{**truth, "channels": tuple(truth["channels"]), "causes": tuple(truth["causes"])})
    return Row(truth=truth, **{**values, "failed": tuple(values["failed"])})  # type: ignore[arg-type]
