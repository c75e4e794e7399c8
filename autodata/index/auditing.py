"""The audit of everything that the index holds, in slices of time, so that pages and decisions never wait for it.

Each accepted task is read once out of its journal and measured; its values stay in the index (`audits.recorded`), so
that neither a run's statistics nor an audit with model calls makes anybody read a journal again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from autodata.audit.examine import examine_task
from autodata.audit.records import TaskRecords
from autodata.audit.run_audit import RunView
from autodata.home import Home
from autodata.index import audit_loading as loading
from autodata.index.audit_fit import fit_run, make_view, note_run
from autodata.index.audit_loading import ABANDONED_S, PendingRun
from autodata.index.audit_rows import AuditedTask, judge_task, measure_task, store_audits
from autodata.index.database import Index
from autodata.index.following import FollowedRun
from autodata.index.staging import task_key

AUDIT = "audit"
"""Name of the lock: two threads never audit the same index."""

GROWN = 1.2
"""Times as many tasks as before make a run's statistics worth making again while it goes on."""

WRITE_EVERY = 50
"""Tasks that are measured before they are written."""

FOLLOWED_MOST = 16
"""Runs that are followed at a time; another one is read from its start again when its turn comes."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What one slice did. `done`: nothing is left to be audited."""

    tasks: int
    seconds: float
    done: bool


class _Cleared(Exception):
    """A run was taken out of the index: what was read before does not count."""


class Auditor:
    """Audits an index slice by slice; one for as long as the index is open, or a new one at any time."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._followed: dict[int, FollowedRun] = {}
        self._views: dict[int, RunView] = {}
        self._pass: Iterator[int] | None = None
        self._cleared = index.cleared
        self._rested: tuple[Any, ...] | None = None

    def work(self, limit_s: float | None = None, on_tasks: Callable[[int], None] | None = None) -> AuditReport:
        """Go on for about `limit_s` seconds, or to the end. A single task of many megabytes may take a second.

        `on_tasks` is called with the tasks audited so far.
        """
        started, tasks = time.perf_counter(), 0
        with self._index.lock(AUDIT):
            if limit_s is None or self._cleared != self._index.cleared:
                self._forget(everything=self._cleared != self._index.cleared)
            if self._pass is None:
                if limit_s is not None and self._rested == self._look():
                    return AuditReport(0, time.perf_counter() - started, True)
                self._pass = self._audit_everything(to_end=limit_s is None)
            try:
                for written in self._pass:
                    tasks += written
                    if written and on_tasks:
                        on_tasks(tasks)
                    if limit_s is not None and time.perf_counter() - started >= limit_s:
                        return AuditReport(tasks, time.perf_counter() - started, False)
            except _Cleared:
                self._forget(everything=True)
                return AuditReport(tasks, time.perf_counter() - started, False)
            except BaseException:
                self._forget(everything=True)
                raise
            self._pass = None
        return AuditReport(tasks, time.perf_counter() - started, True)

    def _forget(self, *, everything: bool) -> None:
        """Begin another pass; with `everything` also read every journal anew that has tasks left."""
        self._pass, self._rested, self._cleared = None, None, self._index.cleared
        if everything:
            self._followed.clear()
            self._views.clear()

    def _look(self) -> tuple[Any, ...]:
        """What the journals hold: as long as it stays the same there is nothing to do."""
        return self._index.query("SELECT count(*), sum(records), sum(position), sum(damaged_at) FROM journals")[0]

    def _audit_everything(self, *, to_end: bool) -> Iterator[int]:
        """One pass over all runs; yields after every little step how many tasks were written with it."""
        seen, waiting = self._look(), False
        runs = loading.list_runs(self._index)
        self._note_tasks(runs)
        for run in runs:
            if run.tasks > run.audited:
                yield from self._follow(run, to_end)
                waiting = waiting or not (run.closed or _is_abandoned(run))
            elif run.closed:
                self._followed.pop(run.run, None)
        for number, keys in loading.list_stale(self._index).items():
            yield from self._join(runs, number, keys)
        for run in loading.list_runs(self._index):
            if _is_fit_due(run, to_end):
                yield from self._fit(run)
            waiting = waiting or run.asking
        self._rested = None if waiting else seen

    def _note_tasks(self, runs: Sequence[PendingRun]) -> None:
        """How many tasks there are to audit, for the pages, before the work begins."""
        changed = [replace(run, noted=run.tasks) for run in runs if run.tasks != run.noted]
        if changed:

            def note(db: duckdb.DuckDBPyConnection) -> None:
                for run in changed:
                    note_run(db, run)

            self._write(note)

    def _follow(self, run: PendingRun, to_end: bool) -> Iterator[int]:
        """Read on in a run's journal and audit what is complete."""
        followed = self._followed.get(run.run)
        if followed is None or followed.inode != run.inode or followed.position > run.position:
            while len(self._followed) >= FOLLOWED_MOST:
                self._followed.pop(next(iter(self._followed)))
            followed = self._followed[run.run] = FollowedRun(run.path, run.inode)
            followed.known = loading.list_audited(self._index, run.run)
        try:
            for records in self._read(followed, run, to_end):
                if records is not None and task_key(records.task.id) not in followed.known:
                    followed.measured.append(AuditedTask(examine_task(records), 0.0))
                yield self._store(run, followed) if len(followed.measured) >= WRITE_EVERY else 0
        except FileNotFoundError:
            self._followed.pop(run.run, None)  # deleted meanwhile: the next ingest clears the run
            return
        yield self._store(run, followed)

    def _read(self, followed: FollowedRun, run: PendingRun, to_end: bool) -> Iterator[TaskRecords | None]:
        yield from followed.read_on(run.position)
        if to_end or run.closed or _is_abandoned(run):
            yield from followed.read_open()

    def _store(self, run: PendingRun, followed: FollowedRun) -> int:
        """Write the tasks that were measured, in the light of the run's latest statistics."""
        fresh = {task.key: task for task in followed.measured}
        if not fresh:
            return 0
        checks = loading.load_checks(self._index, run.run, fresh.keys())
        times = loading.load_times(self._index, run.run, fresh.keys())
        placed = []
        for key, task in fresh.items():
            results, merged = checks.get(key, ({}, 0))
            placed.append(replace(task, t=times.get(key, 0.0), results=results, merged=merged))
        rows = self._judge(run, placed)

        def store(db: duckdb.DuckDBPyConnection) -> None:
            store_audits(db, run.run, rows)
            audited = db.execute("SELECT count(*) FROM audits WHERE run = ?", [run.run]).fetchall()[0][0]
            note_run(db, replace(run, noted=run.tasks, audited=audited))

        self._write(store)
        followed.measured = []
        return len(rows)

    def _judge(self, run: PendingRun, tasks: Sequence[AuditedTask]) -> list[Any]:
        view = self._views.get(run.run)
        if view is None:
            known = loading.load_tasks(self._index, run.run) or tasks
            coverage = loading.load_coverage(self._index, run.run)
            view = self._views[run.run] = make_view(self._index, run, known, coverage)
        found = []
        for task in tasks:
            audit = judge_task(task, view)
            found.append((task, audit, measure_task(task, audit)))
        return found

    def _join(self, runs: Sequence[PendingRun], number: int, keys: Sequence[int]) -> Iterator[int]:
        """Take in what models were asked about tasks; their ranks follow with the run's statistics."""
        run = next((run for run in runs if run.run == number), None)
        if run is None:
            return
        for start in range(0, len(keys), WRITE_EVERY):
            tasks = loading.load_tasks(self._index, number, keys[start : start + WRITE_EVERY])
            rows = self._judge(run, tasks)
            self._write(lambda db, rows=rows: store_audits(db, number, rows))  # type: ignore[misc]
            yield 0

    def _fit(self, run: PendingRun) -> Iterator[int]:
        followed = self._followed.get(run.run)
        for view in fit_run(self._index, run, self._write, followed.unreadable if followed else ()):
            if view is not None:
                self._views[run.run] = view
            yield 0

    def _write(self, change: Callable[[duckdb.DuckDBPyConnection], object]) -> None:
        with self._index.write() as db:
            if self._index.cleared != self._cleared:
                raise _Cleared
            change(db)


def audit_pending(
    index: Index, home: Home, *, limit_s: float | None = None, on_tasks: Callable[[int], None] | None = None
) -> AuditReport:
    """Audit what the index holds and is not audited, for about `limit_s` seconds or to the end.

    Whoever calls again and again keeps an `Auditor`, which remembers how far it has read.
    """
    index.home = home
    return Auditor(index).work(limit_s, on_tasks)


def _is_fit_due(run: PendingRun, to_end: bool) -> bool:
    """A run's statistics are made when it has grown by a fifth, when it or an audit of it has ended, and at the end."""
    if run.fit:
        return False
    if to_end or run.closed:
        return to_end or not run.asking
    if run.checked != run.fitted_checked and not run.asking:
        return True
    return run.audited > run.fitted and run.audited >= GROWN * run.fitted


def _is_abandoned(run: PendingRun) -> bool:
    try:
        return time.time() - run.path.stat().st_mtime > ABANDONED_S
    except FileNotFoundError:
        return True
