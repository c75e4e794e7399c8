"""Imports a path: parse, write the journal aside, move it into place. Whole or not at all, and once per content.

The run's id comes from the content, so the same file gives the same run. What a killed import left aside is nothing
that any other part of the program looks at, and the next import takes it away.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from autodata import __version__
from autodata.errors import BadInput, StopRequested
from autodata.home import Home
from autodata.importing.detect import AUTO, Format, choose_format, hash_input
from autodata.importing.missing import Missing, list_missing
from autodata.importing.records import Written, write_records
from autodata.importing.report import ImportReport
from autodata.importing.values import ForeignRound, ForeignTrajectory, ParsedFile, Unused
from autodata.journal import JournalWriter, read_records
from autodata.locks import take_lock

ASIDE = ".importing-"
LOCK_WAIT_S = 60.0
_ID_LETTERS = 10


def import_path(home: Home, path: Path, format_name: str = AUTO, *, dry_run: bool = False) -> ImportReport:
    """Make a run of what stands at `path`, or say what it would be.

    Raises BadInput when the path, its format or everything in it cannot be used, HeldElsewhere when another import
    takes too long, StopRequested("disk") when the disk refuses; nothing is left behind then.
    """
    entry = choose_format(path, format_name)
    sha, size = hash_input(path, entry)
    parsed = drop_orphans(entry.parse(path))
    if not parsed.trajectories:
        raise BadInput(f"{path} holds nothing that can be imported as {entry.title}: {_list_reasons(parsed.unused)}")
    missing = list_missing(parsed)
    run_id = name_run(entry, sha)
    provenance = _describe(entry, path, sha, size, parsed, missing)
    if dry_run or _holds(home, run_id, sha):
        written = write_records(parsed, run_id, provenance, _count_only())
        return _report(
            run_id, parsed, provenance, missing, written, dry_run=dry_run, existing=_holds(home, run_id, sha)
        )
    with _hold_imports(home):
        if _holds(home, run_id, sha):  # another import of the same content was faster
            written = write_records(parsed, run_id, provenance, _count_only())
            return _report(run_id, parsed, provenance, missing, written, dry_run=False, existing=True)
        written = _write_aside(home, run_id, parsed, provenance)
    return _report(run_id, parsed, provenance, missing, written, dry_run=False, existing=False)


def name_run(entry: Format, sha: str) -> str:
    """The id of a content's run. It ends in letters: runs of our own are numbered after the highest number there is."""
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in sha[:_ID_LETTERS])
    return f"imported-{entry.name}-{letters}"


def drop_orphans(parsed: ParsedFile) -> ParsedFile:
    """Without answers of rounds that hold no task, which nothing could show; each is noted as unused."""
    unused = list(parsed.unused)

    def check(trajectory: ForeignTrajectory, item: ForeignRound) -> ForeignRound:
        if item.task or not item.rollouts:
            return item
        reason = f"{len(item.rollouts)} answers or scores belong to a task that is not recorded"
        unused.append(Unused(f"{trajectory.where} round {item.number}", reason))
        stated = {
            f"{solver}_scores": [r.stated.value if r.stated else r.score for r in item.of(solver)]
            for solver in ("weak", "strong")
        }
        return replace(item, rollouts=(), claim=replace(item.claim, stated={**item.claim.stated, **stated}))

    kept = tuple(
        replace(trajectory, rounds=tuple(check(trajectory, item) for item in trajectory.rounds))
        for trajectory in parsed.trajectories
    )
    return replace(parsed, trajectories=kept, unused=tuple(unused))


def _write_aside(home: Home, run_id: str, parsed: ParsedFile, provenance: dict[str, Any]) -> Written:
    final = home.run(run_id)
    if final.exists():
        raise BadInput(f"{final} is there already and is not an import of this file; move it away and import again")
    aside: Path | None = None
    try:
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=home.runs))
        aside.chmod(0o755)
        with JournalWriter(aside / "journal.jsonl") as journal:
            written = write_records(parsed, run_id, provenance, lambda kind, data: journal.append(kind, data).seq)
        aside.rename(final)
        _sync_folder(home.runs)
    except OSError as error:
        raise StopRequested(
            "disk", f"cannot write {home.runs}: {error.strerror or error}. Nothing half-imported was kept"
        ) from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
    return written


@contextmanager
def _hold_imports(home: Home) -> Iterator[None]:
    """One import at a time. What a killed one left is taken away: with the lock held nobody can be writing it."""
    try:
        home.runs.mkdir(parents=True, exist_ok=True)
        fd = os.open(home.runs / ".importing.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BadInput(f"{home.runs} cannot be written: {error.strerror}. Give another folder with --home") from error
    try:
        take_lock(fd, LOCK_WAIT_S, f"another import into {home.root} is being written. Wait for it, then import again.")
        for left in home.runs.glob(f"{ASIDE}*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(fd)


def _holds(home: Home, run_id: str, sha: str) -> bool:
    """Whether the run is there and is an import of exactly this content."""
    first = next(read_records(home.journal(run_id)), None)
    return first is not None and (first.data.get("imported") or {}).get("sha256") == sha


def _describe(
    entry: Format, path: Path, sha: str, size: int, parsed: ParsedFile, missing: tuple[Missing, ...]
) -> dict[str, Any]:
    return {
        "format": entry.name,
        "title": entry.title,
        "version": parsed.version,
        "file": path.name or entry.name,
        "sha256": sha,
        "bytes": size,
        "importer": f"autodata {__version__}",
        "not_recorded": [entry.words for entry in missing],
        "demo": parsed.demo,
        "kept": dict(parsed.kept),
    }


def _report(
    run_id: str,
    parsed: ParsedFile,
    provenance: dict[str, Any],
    missing: tuple[Missing, ...],
    written: Written,
    *,
    dry_run: bool,
    existing: bool,
) -> ImportReport:
    return ImportReport(
        run_id=run_id,
        format=provenance["format"],
        file=provenance["file"],
        sha256=provenance["sha256"],
        dry_run=dry_run,
        existing=existing,
        simulated=parsed.simulated,
        trajectories=written.trajectories,
        rounds=written.rounds,
        rollouts=written.rollouts,
        calls=written.calls,
        accepted=written.accepted,
        undecided=written.undecided,
        outcomes=dict(sorted(written.outcomes.items(), key=lambda entry: -entry[1])),
        unused=parsed.unused,
        missing=missing,
        differing=tuple(written.differing),
        warnings=parsed.warnings,
    )


def _count_only() -> Any:
    """An append that numbers records and keeps none."""
    numbers = iter(range(1, 2**62))
    return lambda kind, data: next(numbers)


def _list_reasons(unused: tuple[Unused, ...]) -> str:
    shown = "; ".join(f"{entry.where} {entry.reason}" for entry in unused[:3])
    rest = f"; and {len(unused) - 3:,} more" if len(unused) > 3 else ""
    return f"{shown}{rest}" if shown else "it is empty"


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
