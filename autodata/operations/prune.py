"""What of a home can go: shown first, taken away when a person says so.

Nothing that a decision, a label or a dataset rests on is ever listed: a run leaves only as a whole, with its audits,
when nobody said anything about any of its tasks.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from autodata.errors import AutodataError, BadInput, StopRequested
from autodata.home import Home
from autodata.journal import read_last, read_records
from autodata.journals.files import name_journal
from autodata.locks import is_locked
from autodata.operations.contents import is_journal, list_databases_aside, list_kept
from autodata.stored_run import list_run_ids

Kind = Literal["index", "export", "upload", "log", "run"]

DAY_S = 86_400.0
SETTLED_S = 3_600.0
"""Half-written things younger than an hour may belong to somebody who is still writing them."""


@dataclass(frozen=True, slots=True)
class Waste:
    """One file or folder that can go, its size in bytes and why, as a clause."""

    kind: Kind
    path: Path
    bytes: int
    why: str


def list_waste(home: Home, *, run_days: float | None = None, now: float | None = None) -> list[Waste]:
    """What can go, by kind. Runs only where `run_days` is given: untouched ones whose last record is older than that.

    `now` is in Unix seconds. Raises JournalDamaged where what people said cannot be read, because then nothing may be
    taken for unsaid, and BadInput for a manifest that is none.
    """
    moment = time.time() if now is None else now
    found = [
        *_list_indexes(home),
        *_list_exports(home, moment),
        *_list_uploads(home, moment),
        *_list_logs(home, moment),
    ]
    if run_days is not None:
        found += _list_runs(home, moment - run_days * DAY_S)
    return found


def remove_waste(home: Home, waste: Iterable[Waste]) -> int:
    """Delete what was listed; returns the bytes that became free.

    A run that somebody works on by now is left alone. Raises StopRequested("disk") when the system refuses; what was
    deleted before stays so.
    """
    freed = 0
    for entry in waste:
        if entry.kind == "run" and is_locked(home.journal(entry.path.name)):
            continue
        try:
            if entry.kind == "run":
                shutil.rmtree(home.audit(entry.path.name), ignore_errors=True)
            if entry.path.is_dir():
                shutil.rmtree(entry.path)
            else:
                entry.path.unlink(missing_ok=True)
        except OSError as error:
            raise StopRequested("disk", f"cannot delete {entry.path}: {error.strerror or error}") from error
        freed += entry.bytes
    return freed


def _list_indexes(home: Home) -> Iterator[Waste]:
    for path in list_databases_aside(home):
        yield Waste("index", path, _measure(path), "an index that could not be used; the journals hold all of it")


def _list_exports(home: Home, moment: float) -> Iterator[Waste]:
    for path in sorted(home.datasets.glob("*/.v*.partial")):
        if _is_settled(path, moment) and not is_locked(path.parent / ".lock"):
            yield Waste("export", path, _measure(path), "an export that was interrupted")


def _list_uploads(home: Home, moment: float) -> Iterator[Waste]:
    """Uploaded documents whose every run has their text in its journal, or that no run ever read."""
    if not home.uploads.is_dir():
        return
    needed = {Path(place) for run_id in list_run_ids(home) for place in _list_open_inputs(home, run_id)}
    for path in sorted(home.uploads.iterdir()):
        if path in needed or any(path in place.parents for place in needed) or not _is_settled(path, moment - DAY_S):
            continue
        yield Waste("upload", path, _measure(path), "an upload that no unfinished run reads; journals hold its text")


def _list_open_inputs(home: Home, run_id: str) -> Iterator[str]:
    """Files that a run which has not ended may still want to read."""
    try:
        first = next(read_records(home.journal(run_id)), None)
        last = read_last(home.journal(run_id))
    except AutodataError:
        return
    if first is not None and (last is None or last.kind != "run_ended"):
        yield from map(str, first.data.get("settings", {}).get("inputs", ()))


def _list_logs(home: Home, moment: float) -> Iterator[Waste]:
    for path in sorted([*home.runs.glob("*/*.log"), *home.audits.glob("*/*.log")]):
        old = _is_settled(path, moment - 30 * DAY_S) and not is_locked(path.parent / "journal.jsonl")
        if old and path.stat().st_size:
            yield Waste("log", path, _measure(path), "what a process printed more than 30 days ago")


def _list_runs(home: Home, before: float) -> Iterator[Waste]:
    """Runs that ended, or were left, before a moment and that nobody ever said anything about."""
    touched = _list_touched_runs(home)
    for run_id in list_run_ids(home):
        if run_id in touched or is_locked(home.journal(run_id)) or is_locked(home.audit_journal(run_id)):
            continue
        try:
            last = read_last(home.journal(run_id))
        except AutodataError:
            continue  # a damaged journal is a matter for a person
        if last is None or last.t >= before:
            continue
        size = _measure(home.run(run_id)) + (_measure(home.audit(run_id)) if home.audit(run_id).is_dir() else 0)
        day = time.strftime("%Y-%m-%d", time.localtime(last.t))
        yield Waste("run", home.run(run_id), size, f"a run that nobody decided anything about since {day}")


def _list_touched_runs(home: Home) -> set[str]:
    """Runs whose id stands anywhere in what people said or made: reviews, calibration sets, dataset manifests, …

    Undone decisions count: somebody looked.
    """
    ids = set(list_run_ids(home))
    own = {home.journal(run_id) for run_id in ids} | {home.audit_journal(run_id) for run_id in ids}
    journals = [
        path
        for path in list_kept(home)
        if is_journal(path.relative_to(home.root).as_posix()) and name_journal(path) not in own and path.is_file()
    ]
    said = {text for path in journals for record in read_records(path) for text in _list_texts(record.data)}
    for path in home.datasets.glob("*/*/manifest.json"):
        try:
            said.update(_list_texts(orjson.loads(path.read_bytes())))
        except (OSError, orjson.JSONDecodeError) as error:
            raise BadInput(f"{path} cannot be read ({error}), so no run can be told from those it rests on") from error
    return ids & said


def _list_texts(value: Any) -> Iterator[str]:
    """Every string of a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _list_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_texts(inner)


def _is_settled(path: Path, moment: float) -> bool:
    return path.stat().st_mtime < moment - SETTLED_S


def _measure(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(inner.stat().st_size for inner in path.rglob("*") if inner.is_file() and not inner.is_symlink())
