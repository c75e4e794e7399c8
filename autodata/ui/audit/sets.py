"""The calibration sets of a home, read again only when a file of theirs changes."""

from __future__ import annotations

from functools import lru_cache

from autodata.audit.calibration import list_calibrations
from autodata.errors import AutodataError
from autodata.home import Home

Row = tuple[str, int, str]
"""Domain and solver pair, clean tasks, what the set is too small for ("" for nothing)."""


def list_sets(home: Home) -> tuple[Row, ...]:
    """All sets; one that cannot be read says so in its place."""
    files = sorted((home.audits / "calibration").glob("*.jsonl"))
    try:
        marks = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    except OSError:
        marks = ()
    return _read_sets(home, marks) if marks else ()


@lru_cache(maxsize=4)
def _read_sets(home: Home, marks: tuple[tuple[str, int, int], ...]) -> tuple[Row, ...]:
    try:
        return tuple(
            (f"{own.stratum.domain} {own.stratum.weak} | {own.stratum.strong}".strip(), own.tasks, own.note)
            for own in list_calibrations(home)
        )
    except AutodataError as error:
        return ((marks[0][0], 0, str(error)),)
