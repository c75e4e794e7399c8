"""The rows of an autosynth run.db, read without touching the file: a snapshot in memory, an allow-list of its settings.

The file is in WAL mode: after a kill everything may stand in `run.db-wal`, so the two belong together. Opening it
through the other tool's own classes would migrate it in place; the standard library reads it as it is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autodata.canon import replace_surrogates
from autodata.errors import BadInput
from autodata.importing.fields import FILE_MAX

MAGIC = b"SQLite format 3\x00"
VERSIONS = (1, 2, 3)
CELL_MAX = 64 * 2**20
"""Bytes of one cell."""
TABLES = ("runs", "items", "rounds", "requests", "responses", "solver_scores", "accepted")
ROLES = ("orchestrator", "challenger", "weak_solver", "strong_solver", "judge", "auditor")

_NUMBERED = (
    ("rounds", "round_n", False),
    ("requests", "round_n", True),
    ("requests", "attempt", True),
    ("solver_scores", "attempt", False),
)
"""Numbers by which rows are put together: table, column, whether it may be empty."""
_NUMBER_MAX = 2**31

_ROLE_FIELDS = ("provider_model", "temperature", "max_tokens", "top_p")
_SAMPLING = frozenset(
    {"reasoning_effort", "seed", "stop", "top_k", "min_p", "presence_penalty", "frequency_penalty", "thinking"}
    | {"repetition_penalty", "n", "logit_bias", "verbosity"}
)
_CONNECTION = frozenset(
    {
        "api_key",
        "api_base",
        "base_url",
        "api_version",
        "organization",
        "timeout",
        "headers",
        "extra_headers",
        "num_retries",
    }
)
"""Fields of a role's `extra` that change how a model samples, and those that only say how it is reached. The second
kind holds keys in clear and is never read out."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """One role's model and sampling. `complete`: every setting that may change an answer is in `sampling`."""

    model: str
    sampling: Row
    complete: bool


@dataclass(frozen=True, slots=True)
class RunRows:
    """A run's rows by name, grouped the way a reader needs them."""

    version: int
    run: Row
    items: list[Row]
    rounds: dict[str, list[Row]]
    requests: dict[tuple[str, int], list[Row]]
    responses: dict[str, Row]
    scores: dict[str, list[Row]]
    accepted: dict[str, Row]
    roles: dict[str, RoleSettings]
    loop: Row
    acceptance: Row
    domain: str = ""
    kept: Row = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """Cells that hold bytes where text or a number belongs, by table and column; they are read as empty."""


def find_database(path: Path) -> Path:
    """The run.db of a path, which may be a run's folder."""
    return path / "run.db" if path.is_dir() else path


def load_rows(path: Path) -> RunRows:
    """All rows of a run. Raises BadInput naming what is missing, damaged or of an unknown version."""
    with open_snapshot(path) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        tables = {name: [dict(row) for row in db.execute(f"SELECT * FROM {name} ORDER BY rowid")] for name in TABLES}
    unread = _clear_bytes(tables)
    _check_numbers(path, tables)
    if len(tables["runs"]) != 1:
        raise BadInput(f"{path}: table runs has {len(tables['runs'])} rows; a run.db holds one run")
    run = tables["runs"][0]
    config = load_blob(run.get("config_blob"))
    config = config if isinstance(config, dict) else {}
    domain = config.get("domain")
    return RunRows(
        version=version,
        run=run,
        items=tables["items"],
        rounds=_group(tables["rounds"], "item_id"),
        requests=_group(tables["requests"], "item_id", "round_n"),
        responses={row["request_id"]: row for row in tables["responses"]},
        scores=_group(tables["solver_scores"], "round_id"),
        accepted={row["round_id"]: row for row in tables["accepted"]},
        roles={name: _read_role(config[name]) for name in ROLES if isinstance(config.get(name), dict)},
        loop=_keep_numbers(config.get("loop")),
        acceptance=_keep_numbers(config.get("acceptance")),
        domain=str(domain.get("name") or "") if isinstance(domain, dict) else "",
        kept={name: run.get(name) for name in ("status", "started_at", "finished_at", "cost_usd_actual")},
        unread=unread,
    )


def hash_rows(path: Path) -> str:
    """SHA-256 over all rows in their order: the same before and after the write-ahead log is folded in."""
    digest = hashlib.sha256()
    with open_snapshot(path) as db:
        for name in TABLES:
            for row in db.execute(f"SELECT * FROM {name} ORDER BY rowid"):
                digest.update(json.dumps([name, *map(str, tuple(row))]).encode())
    return digest.hexdigest()


@contextmanager
def open_snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy in memory of a run.db and its write-ahead log; raises BadInput saying what is wrong with it."""
    wal = path.with_name(path.name + "-wal")
    # Without a log nobody is writing, and an immutable file is read without a lock or a file of our own beside it.
    mode = "mode=ro" if wal.exists() else "mode=ro&immutable=1"
    memory = sqlite3.connect(":memory:")
    memory.row_factory = sqlite3.Row
    memory.text_factory = _decode
    # The file is somebody else's: nothing that stands in its schema may run more than plain SQL.
    memory.execute("PRAGMA trusted_schema = OFF")
    memory.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, CELL_MAX)
    try:
        if (size := sum(file.stat().st_size for file in (path, wal) if file.exists())) > FILE_MAX:
            raise BadInput(f"{path} has {size / 2**20:,.0f} MB, more than {FILE_MAX // 2**20:,} MB; export it by run")
        foreign = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)
        try:
            foreign.backup(memory)
        finally:
            foreign.close()
        _check(memory, path, wal.exists())
        yield memory
    except sqlite3.Error as error:
        raise BadInput(f"{path} cannot be read as an autosynth run.db: {error}") from error
    finally:
        memory.close()


def load_blob(text: Any) -> Any:
    """A JSON column; None where it is empty or not JSON."""
    if not isinstance(text, str):
        return None
    try:
        return replace_surrogates(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _check(db: sqlite3.Connection, path: Path, with_log: bool) -> None:
    present = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    missing = [name for name in TABLES if name not in present]
    if missing and not with_log:
        raise BadInput(
            f"{path} has no table {missing[0]} and no {path.name}-wal beside it: a run that was killed keeps its rows "
            f"there. Give the folder with {path.name}, {path.name}-wal and {path.name}-shm together"
        )
    if missing:
        raise BadInput(f"{path} has no table {missing[0]}; it is not an autosynth run.db")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version not in VERSIONS:
        known = ", ".join(str(number) for number in VERSIONS)
        raise BadInput(f"{path}: user_version is {version}, which this importer does not know; known are {known}")


def _clear_bytes(tables: dict[str, list[Row]]) -> tuple[str, ...]:
    """Empty what no column holds, because SQLite lets every cell be of every kind; returns where that was."""
    found = []
    for name, rows in tables.items():
        for at, row in enumerate(rows):
            for column in [column for column, value in row.items() if isinstance(value, bytes)]:
                row[column] = None
                found.append(f"{name} row {at + 1} {column}")
    return tuple(found)


def _check_numbers(path: Path, tables: dict[str, list[Row]]) -> None:
    """Raise BadInput where a number by which rows are put together is none: nothing says what belongs to what."""
    for name, column, may_be_empty in _NUMBERED:
        for at, row in enumerate(tables[name]):
            value = row.get(column)
            if not (isinstance(value, int) and 0 <= value < _NUMBER_MAX) and not (value is None and may_be_empty):
                raise BadInput(
                    f"{path}: {name} row {at + 1} has {column} {value!r}, which is not a whole number from 0 up; "
                    "the file is damaged, so give a copy from before"
                )


def _read_role(values: Row) -> RoleSettings:
    """A role without what must not leave the file: `extra` may hold keys in clear."""
    extra = values.get("extra")
    extra = extra if isinstance(extra, dict) else {}
    sampling = {name: values[name] for name in _ROLE_FIELDS[1:] if values.get(name) is not None}
    sampling |= {name: extra[name] for name in extra if name in _SAMPLING}
    model = str(values.get("provider_model") or "")
    return RoleSettings(model, sampling, complete=extra.keys() <= _SAMPLING | _CONNECTION)


def _keep_numbers(values: Any) -> Row:
    """Thresholds, counts and switches of a settings block, and the one word among them."""
    if not isinstance(values, dict):
        return {}
    return {k: v for k, v in values.items() if isinstance(v, int | float) or (k == "mode" and isinstance(v, str))}


def _group(rows: list[Row], *names: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)].append(row)
    return found


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
