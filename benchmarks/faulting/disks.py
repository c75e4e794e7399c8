"""Disks that refuse: full, only for reading, permission taken away while a run writes."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.journal import read_records
from benchmarks.faulting.equal import find_differences
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import (
    Command,
    Done,
    bind_permissions,
    find_action,
    read_page,
    run_command,
    serve_app,
    wait_for,
)
from benchmarks.faulting.trial import (
    RUN,
    Trial,
    count_answered_twice,
    count_lost,
    count_records,
    is_intact,
    read_complete,
    read_result,
)
from tests.support.journals import write_run

FILE_LIMIT = 400_000
"""Bytes that a file may have where the system refuses longer ones: half of the run's journal."""


def try_disks(trial: Trial) -> list[Outcome]:
    return [
        _try_limit(trial),
        _try_full(trial),
        _try_full_app(trial),
        _try_full_export(trial),
        _try_read_only(trial),
        _try_permission(trial),
    ]


def limit_files() -> None:
    """In a new process: no file may grow beyond FILE_LIMIT, as under a quota."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))


def _try_limit(trial: Trial) -> Outcome:
    """A quota that the journal reaches: the run stops with a clean last line and goes on once it may."""
    outcome = Outcome("disk: quota reached by a run", 1)
    home = trial.copy("limit")
    stopped = run_command(home, "resume", RUN, "--quiet", setup=limit_files)
    acknowledged = read_complete(home.journal(RUN))
    _judge_stop(outcome, home, stopped)
    _judge_end(outcome, trial, home, acknowledged)
    return outcome


def _try_full(trial: Trial) -> Outcome:
    """A disk that fills while a run writes."""
    outcome = Outcome("disk: full, during a run", 1)
    with mount_small(900) as disk:
        if disk is None:
            outcome.skipped = "a file system cannot be mounted here; the quota above stands in"
            return outcome
        shutil.copytree(trial.begun.root, disk / "home")
        home = Home(disk / "home")
        stopped = run_command(home, "resume", RUN, "--quiet")
        acknowledged = read_complete(home.journal(RUN))
        _judge_stop(outcome, home, stopped)
        _grow(disk, 60_000)
        _judge_end(outcome, trial, home, acknowledged)
    return outcome


def _try_full_app(trial: Trial) -> Outcome:
    """A disk that is full when the reviewer decides: the page says so, and is itself again once there is room."""
    outcome = Outcome("disk: full, while the app is open", 1)
    with mount_small(60_000) as disk:
        if disk is None:
            outcome.skipped = "a file system cannot be mounted here"
            return outcome
        home = Home(disk / "home")
        written = write_run(home, "cs-0001", 12, plans=[("accepted",)], words=30)
        home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
        with serve_app(home) as app:
            page = _decide(app, app.open("review"))
            before = read_complete(home.reviews)
            _fill(disk)
            page = _decide(app, page)
            # A short line may still fit where the index finds no room: then the page says that it is recorded.
            recorded = read_complete(home.reviews) != before
            words = ("recorded", "space") if recorded else ("reviews.jsonl", "space")
            outcome.expect_told(_find_sentence(read_page(page), "Approved: " if recorded else "cannot write"), *words)
            time.sleep(2)
            app.open("overview")
            (disk / "filler").unlink()
            wait_for(lambda: find_action(app.open("review"), "review.approve."), 20, 0.5)
            page = app.open("review")
            for _ in range(3):
                page = _decide(app, page)
        decided = [r.data["task_id"] for r in read_records(home.reviews)]
        made = 4 + recorded
        outcome.expect(len(decided) == made, f"{len(decided)} decisions are recorded, {made} were made")
        outcome.lost += count_lost(home.reviews, before)
        outcome.twice += len(decided) - len(set(decided))
        differing = find_differences(home)
        outcome.expect(not differing, f"the index differs from one made anew in {', '.join(differing)}")
        outcome.expect(written.run_id == "cs-0001" and is_intact(home), "the chain does not hold")
    return outcome


def _try_full_export(trial: Trial) -> Outcome:
    """A disk that is full in the middle of an export: no version, nothing half-written, the next one is whole."""
    outcome = Outcome("disk: full, during an export", 1)
    with mount_small(60_000) as disk:
        if disk is None:
            outcome.skipped = "a file system cannot be mounted here"
            return outcome
        shutil.copytree(trial.whole.root, disk / "home")
        home = Home(disk / "home")
        for _, task_id, *_ in trial.result.accepted.values():
            run_command(home, "decide", str(task_id), "approve", "--reviewer", "ann")
        _fill(disk, leave=12_288)
        full = run_command(home, "export", "proofs")
        outcome.expect(full.code == 3, f"the export ended with code {full.code}: {full.said[-300:]}")
        outcome.expect_told(full.said, "space")
        left = [path.name for path in (home.datasets / "proofs").glob("*")] if home.datasets.exists() else []
        outcome.expect(not [name for name in left if name != ".lock"], f"something was left behind: {left}")
        (disk / "filler").unlink()
        done = run_command(home, "export", "proofs")
        outcome.expect(done.result.get("version") == "v001", f"the next export failed: {done.said[-300:]}")
        outcome.lost += len(trial.result.accepted) - int(done.result.get("items", 0))
    return outcome


def _try_read_only(trial: Trial) -> Outcome:
    """A home on a file system that is only for reading: what reads works, what writes says why it cannot."""
    outcome = Outcome("disk: only for reading", 1)
    home = trial.copy("read-only", trial.whole)
    with mount_read_only(home.root) as mounted:
        if not mounted:
            outcome.skipped = "a file system cannot be mounted here"
            return outcome
        for command in (("verify",), ("status",), ("doctor",)):
            done = run_command(home, *command)
            outcome.expect("Traceback" not in done.said, f"{command[0]} showed a traceback: {done.said[-300:]}")
        read = run_command(home, "audit", RUN, "--plan", "static")
        outcome.expect(read.result.get("tasks"), f"the record could not be audited: {read.said[-300:]}")
        writing = run_command(home, "run", "samples/cs", "--limit", "1", "--no-test-first", "--quiet")
        outcome.expect(writing.code in (2, 3), f"a run ended with code {writing.code}")
        outcome.expect_told(writing.said, "read-only", str(home.root.name))
        task = str(next(iter(trial.result.accepted.values()))[1])
        decided = run_command(home, "decide", task, "approve", "--reviewer", "ann")
        outcome.expect(decided.code in (2, 3), f"a decision ended with code {decided.code}: {decided.said[-200:]}")
        outcome.expect(
            "read-only" in decided.said.lower(), f"a decision was refused without why: {decided.said[-300:]}"
        )
        with serve_app(home) as app:
            words = read_page(app.open("overview"))
            outcome.expect("read-only" in words.lower(), f"the app does not say what is wrong: {words[:300]}")
    outcome.expect(read_result(home) == trial.result, "something was changed")
    return outcome


def _try_permission(trial: Trial) -> Outcome:
    """The run's folder is closed to it while it writes; then it is opened again."""
    outcome = Outcome("disk: permission lost in the middle of a run", 1)
    home = trial.copy("permission")
    folder = home.run(RUN)
    process = Command(home, "resume", RUN, "--quiet", setup=bind_permissions)
    at = (count_records(trial.begun.journal(RUN)) + trial.records) // 2
    wait_for(lambda: count_records(home.journal(RUN)) >= at or not process.alive)
    folder.chmod(0o000)
    try:
        first = process.finish()
        closed = run_command(home, "resume", RUN, "--quiet", setup=bind_permissions)
    finally:
        folder.chmod(0o755)
    acknowledged = read_complete(home.journal(RUN))
    outcome.expect("Traceback" not in first.said, f"the run showed a traceback: {first.said[-300:]}")
    outcome.expect(closed.code in (2, 3), f"resume ended with code {closed.code}")
    outcome.expect_told(closed.said, "permission")
    _judge_end(outcome, trial, home, acknowledged, may_be_done=True)
    return outcome


def _judge_stop(outcome: Outcome, home: Home, stopped: Done) -> None:
    outcome.expect(stopped.code == 3, f"the run ended with code {stopped.code}: {stopped.said[-300:]}")
    outcome.expect_told(str(stopped.result.get("reason") or stopped.said), "cannot write", "space", "resume")
    outcome.expect(is_intact(home), "the journal does not end with a whole line")


def _judge_end(outcome: Outcome, trial: Trial, home: Home, acknowledged: bytes, *, may_be_done: bool = False) -> None:
    resumed = run_command(home, "resume", RUN, "--quiet")
    done = may_be_done and "nothing to resume" in resumed.said
    outcome.expect(resumed.code == 0 or done, f"the run could not go on: {resumed.said[-300:]}")
    outcome.lost += count_lost(home.journal(RUN), acknowledged)
    outcome.twice += count_answered_twice(home)
    outcome.expect(read_result(home) == trial.result, "the run came to another result")
    with open_index(home) as index:
        outcome.expect(not ingest_home(index, home).damaged, "the index calls the journal damaged")


def _decide(app, page):  # type: ignore[no-untyped-def]
    key = find_action(page, "review.approve.")
    return app.ask(session_id=page["session_id"], trigger={"key": key}) if key else page


def _find_sentence(words: str, begin: str) -> str:
    at = words.find(begin)
    return words[at : at + 300] if at >= 0 else words[:300]


def _fill(disk: Path, leave: int = 0) -> None:
    """Write until nothing more fits but `leave` bytes."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
        if leave:
            file.truncate(max(0, file.tell() - leave))


@contextmanager
def mount_small(kilobytes: int) -> Iterator[Path | None]:
    """A file system of this size; None where the machine does not allow one."""
    folder = Path(tempfile.mkdtemp(prefix="autodata-disk-"))
    mounted = _call("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "autodata-faults", str(folder))
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            _call("umount", "--lazy", str(folder))
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def mount_read_only(folder: Path) -> Iterator[bool]:
    """The folder, only for reading; False where the machine does not allow that."""
    bound = _call("mount", "--bind", str(folder), str(folder))
    mounted = bound and _call("mount", "-o", "remount,ro,bind", str(folder))
    try:
        yield mounted
    finally:
        if bound:
            _call("umount", "--lazy", str(folder))


def _grow(disk: Path, kilobytes: int) -> None:
    _call("mount", "-o", f"remount,size={kilobytes}k", str(disk))


def _call(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
