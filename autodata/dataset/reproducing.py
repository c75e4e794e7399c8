"""Make a version again from its manifest: the same journals up to the same records, the same settings, the same bytes.

Journals go on growing, so they are copied up to the recorded head into a home of its own, where an index is built and
the export repeated. What was compared with benchmarks is taken from the manifest: their files may lie elsewhere now.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata import __version__
from autodata.dataset.folder import read_manifest, report_disk
from autodata.dataset.plan import parse_plan
from autodata.dataset.reasons import CONTAMINATED
from autodata.dataset.selection import select_tasks
from autodata.dataset.verifying import check_folder, check_head, find_journal
from autodata.dataset.versions import refresh_index
from autodata.dataset.writing import OVERLAPS, write_version
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home
from autodata.index.database import open_index
from autodata.journal import read_records
from autodata.journals.files import open_journal


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A version made again. `files` are those that came out otherwise; `notes` say what moved since, as sentences."""

    name: str
    version: str
    items: int
    hash: str
    wanted: str
    files: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the items are the same byte for byte; files may still differ with another version of a library."""
        return self.hash == self.wanted


def reproduce_version(home: Home, name: str, version: str, scratch: Path | None = None) -> Reproduction:
    """Make `name` `version` again in a folder of its own and compare. `scratch` keeps what was made, else it is thrown
    away; it takes about as much room as the journals and the version.

    Raises BadInput for a version that is not there or was written without what this takes, JournalDamaged when a
    journal does not hold the records that it was made from, StopRequested("disk") when the disk refuses.
    """
    manifest = read_manifest(home, name, version)
    if "journals" not in manifest or "settings" not in manifest:
        raise BadInput(f"{name} {version} was written without journal heads and settings, so it cannot be made again")
    plan = parse_plan(manifest["settings"])
    held = manifest["gate"]["held_tasks"]
    contaminated = [task_id for task_id, reason in held.items() if reason == CONTAMINATED]
    overridden = [one["task_id"] for one in manifest["gate"]["overrides"] if one["code"] == CONTAMINATED]
    with _open_scratch(scratch) as folder, report_disk(folder):
        place, notes = Home(folder / "home"), _copy_journals(home, Home(folder / "home"), manifest["journals"])
        with open_index(place) as index:
            refresh_index(place, index, plan)
            known = [*contaminated, *overridden] if plan.contamination else None
            selection = select_tasks(index, plan, contaminated=known)
            made = folder / version
            made.mkdir()
            written = write_version(place, selection, made, name=name, version=version, created=0.0)
    if manifest.get("software") != written.manifest["software"]:
        notes.append(f"it was made by {manifest.get('software')}, and again by autodata {__version__}")
    if problems := check_folder(home, name, version):
        more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
        notes.append(f"its folder is not as it was exported: {problems[0]}{more}; only the manifest was compared with")
    files = manifest["files"]
    differing = [
        one
        for one in sorted({*files, *written.manifest["files"]} - {OVERLAPS})
        if not _is_same(one, files, written.manifest["files"])
    ]
    return Reproduction(
        name=name,
        version=version,
        items=written.contents.items,
        hash=written.hash,
        wanted=manifest["hash"],
        files=tuple(differing),
        notes=tuple(notes),
    )


def _is_same(name: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    return name in one and name in other and one[name]["sha256"] == other[name]["sha256"]


@contextmanager
def _open_scratch(scratch: Path | None) -> Iterator[Path]:
    if scratch is None:
        with tempfile.TemporaryDirectory(prefix="autodata-reproduce-") as folder:
            yield Path(folder)
        return
    if scratch.exists() and any(scratch.iterdir()):
        raise BadInput(f"{scratch} is not empty; give a new folder")
    scratch.mkdir(parents=True, exist_ok=True)
    yield scratch


def _copy_journals(home: Home, place: Home, heads: list[dict[str, Any]]) -> list[str]:
    """Copy every journal up to its recorded head; returns which of them have grown since, as sentences."""
    grown: dict[str, int] = {}
    for head in heads:
        if problem := check_head(home, head, grown):
            raise JournalDamaged(f"{problem}. The version cannot be made again from it.")
        source, target = find_journal(home, head["journal"]), find_journal(place, head["journal"])
        end = next(record.end for record in read_records(source) if record.seq == head["records"])
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_journal(source) as read, open(target, "xb") as write:
            left = end
            while left and (chunk := read.read(min(left, 1 << 20))):
                write.write(chunk)
                left -= len(chunk)
    return [f"{name} has grown by {count:,} records since, which were left out" for name, count in grown.items()]
