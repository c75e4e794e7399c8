"""Dataset versions: data/datasets/<name>/v001/, written whole or not at all, and never changed.

A version is written into `.v001.partial` and renamed when everything in it is on the disk. One lock per dataset
orders exports that run at once; what a killed export left behind is removed by the next one.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autodata.dataset.contamination import ContaminationSettings
from autodata.dataset.folder import (
    DatasetVersion,
    hold_dataset,
    list_versions,
    next_version,
    read_manifest,
    report_disk,
    seal,
)
from autodata.dataset.formats import FormatOptions, check_formats
from autodata.dataset.gate import GateSummary, describe_summary
from autodata.dataset.plan import ExportPlan
from autodata.dataset.policies import APPROVED, GatePolicy
from autodata.dataset.selection import Progress, Selection, select_tasks
from autodata.dataset.splits import SplitSettings
from autodata.dataset.writing import Written, write_version
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home, check_name
from autodata.index.auditing import audit_pending
from autodata.index.database import Index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_versions import list_approved_runs, list_exports
from autodata.index.still import hold_still
from autodata.journal import append_once, verify_journal
from autodata.review.shared import read_reviews

__all__ = [
    "DatasetVersion",
    "ExportResult",
    "Progress",
    "export_dataset",
    "list_versions",
    "preview_export",
    "read_manifest",
]


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A finished version. `path` is its folder, `hash` that of its items, `excluded` reason code to count, `splits`
    split to items."""

    path: Path
    name: str
    version: str
    hash: str
    items: int
    excluded: dict[str, int]
    formats: tuple[str, ...]
    splits: dict[str, int]


def export_dataset(
    home: Home,
    index: Index,
    name: str,
    *,
    formats: Sequence[str] = ("jsonl", "parquet"),
    reviewer_pseudonyms: bool = False,
    progress: Progress | None = None,
    by: str = "",
    policy: GatePolicy = APPROVED,
    options: FormatOptions | None = None,
    splits: SplitSettings | None = None,
    contamination: ContaminationSettings | None = None,
) -> ExportResult:
    """Write what the gate lets through as the next version of dataset `name`, and record it in the reviews journal.

    Brings the index up to date first, so that a decision taken a moment ago counts, and then looks at it as it is at
    that moment. `by` is the person who exports.

    Raises BadInput for a name, format or benchmark that cannot be used, for a person whose role does not allow it and
    when nothing can leave, JournalDamaged when a journal that the tasks come from does not verify, HeldElsewhere when
    another export of this dataset takes too long, StopRequested("disk") when the disk refuses. Nothing is left behind
    then.
    """
    check_name(name, "dataset")
    plan = ExportPlan(
        policy=policy,
        formats=check_formats(formats),
        options=options or FormatOptions(),
        splits=splits,
        contamination=contamination,
        pseudonyms=reviewer_pseudonyms,
    )
    refresh_index(home, index, plan)
    audit_pending(index, home)  # whatever the plan asks for, the card says what the audit found
    with hold_still(index) as still:
        check_journals(home, still, policy)
        read_reviews(home).team.require(by, "export")
        selection = select_tasks(still, plan)
        if not selection.summary.included:
            raise BadInput(_explain_empty(selection.summary))
        folder = home.datasets / name
        with report_disk(folder), hold_dataset(folder):
            version = next_version(folder, [export.version for export in list_exports(index) if export.name == name])
            return _write(home, selection, folder, version, by, progress)


def preview_export(home: Home, index: Index, plan: ExportPlan) -> Selection:
    """A dry run: what an export with this plan would do now, to be read from the selection. Nothing is written.

    Raises BadInput for a benchmark that cannot be read.
    """
    refresh_index(home, index, plan)
    return select_tasks(index, plan)


def refresh_index(home: Home, index: Index, plan: ExportPlan) -> None:
    """Take in what was recorded since, and audit where the plan asks what the audit found."""
    ingest_home(index, home)
    if plan.needs_audit:
        audit_pending(index, home)


def check_journals(home: Home, index: Index, policy: GatePolicy) -> None:
    """Verify the whole chain of every journal that an approved task comes from, and of the reviews.

    Raises JournalDamaged naming the first record that does not hold: what nobody can vouch for does not leave, and a
    part of a run does not leave as if it were the whole.
    """
    for run_id in list_approved_runs(index):
        if run_id not in policy.leave_out_runs:
            remedy = f"leave the run out (--leave-out-run {run_id})"
            _check(home.journal(run_id), remedy)
            _check(home.audit_journal(run_id), remedy)
    _check(home.reviews, "restore the file from a copy")


def _check(path: Path, remedy: str) -> None:
    report = verify_journal(path)
    if not report.ok:
        line = report.records + 1
        raise JournalDamaged(f"{path}, line {line}: {report.problems[0]} Nothing was exported; {remedy}.")


def _write(
    home: Home, selection: Selection, folder: Path, version: str, by: str, progress: Progress | None
) -> ExportResult:
    partial, final = folder / f".{version}.partial", folder / version
    try:
        partial.mkdir()
        written = write_version(
            home, selection, partial, name=folder.name, version=version, created=time.time(), progress=progress
        )
        seal(partial, final)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    result = ExportResult(
        path=final,
        name=folder.name,
        version=version,
        hash=written.hash,
        items=written.contents.items,
        excluded=selection.summary.excluded,
        formats=selection.plan.formats,
        splits=written.contents.count_splits(),
    )
    try:
        _record_export(home, result, written, selection.plan, by)
    except BaseException:
        shutil.rmtree(final, ignore_errors=True)
        raise
    return result


def _record_export(home: Home, result: ExportResult, written: Written, plan: ExportPlan, by: str) -> None:
    manifest = (result.path / "manifest.json").read_bytes()
    append_once(
        home.reviews,
        "export",
        {
            "name": result.name,
            "version": result.version,
            "path": str(result.path.relative_to(home.root)),
            "hash": result.hash,
            "manifest_sha": hashlib.sha256(manifest).hexdigest(),
            "items": result.items,
            "excluded": result.excluded,
            "format": list(result.formats),
            "policy": plan.policy.name,
            "policy_sha": plan.policy.sha,
            "task_ids": written.contents.task_ids,
            **({"by": by} if by else {}),
        },
    )


def _explain_empty(summary: GateSummary) -> str:
    return (
        f"{describe_summary(summary)} Nothing can be exported. Approve accepted tasks on the Review page, or with "
        "`autodata decide TASK approve --reviewer NAME`."
    )
