"""Dataset versions: data/datasets/<name>/v001/, written whole or not at all, and never changed.

A version is written into `.v001.partial` and renamed when everything in it is on the disk. One lock per dataset
orders exports that run at once; what a killed export left behind is removed by the next one.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.dataset.folder import (
    DatasetVersion,
    hash_files,
    hold_dataset,
    list_versions,
    next_version,
    read_manifest,
    report_disk,
    seal,
    write_durably,
)
from autodata.dataset.formats import WRITERS, ItemWriter, check_formats
from autodata.dataset.gate import CANARY, apply_gate, count_reasons, describe_summary, summarise_gate
from autodata.dataset.items import encode_item, make_gate_row, make_item
from autodata.dataset.manifest import Contents, build_manifest, render_card
from autodata.errors import BadInput
from autodata.home import Home, check_name
from autodata.index.database import Index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset import ExportRow, count_gate, list_exports, stream_export_rows
from autodata.index.queries.votes import find_team
from autodata.journal import append_once

__all__ = ["DatasetVersion", "ExportResult", "Progress", "export_dataset", "list_versions", "read_manifest"]

Progress = Callable[[int, int], None]
"""Called with tasks written so far and tasks to write."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A finished version. `path` is its folder, `hash` that of its items, `excluded` reason code to count."""

    path: Path
    name: str
    version: str
    hash: str
    items: int
    excluded: dict[str, int]
    formats: tuple[str, ...]


def export_dataset(
    home: Home,
    index: Index,
    name: str,
    *,
    formats: Sequence[str] = ("jsonl", "parquet"),
    reviewer_pseudonyms: bool = False,
    progress: Progress | None = None,
    by: str = "",
) -> ExportResult:
    """Write what the gate lets through as the next version of dataset `name`, and record it in the reviews journal.

    Brings the index up to date first, so that a decision taken a moment ago counts. `by` is the person who exports.

    Raises BadInput for a name or format that cannot be used, for a person whose role does not allow it and when nothing
    can leave, HeldElsewhere when another
    export of this dataset takes too long, StopRequested("disk") when the disk refuses. Nothing is left behind then.
    """
    check_name(name, "dataset")
    chosen = check_formats(formats)
    ingest_home(index, home)
    find_team(index).require(by, "export")
    summary = summarise_gate(count_gate(index))
    if not summary.included:
        raise BadInput(
            f"{describe_summary(summary)} Nothing can be exported. Approve accepted tasks on the Review page, or with "
            "`autodata decide TASK approve --reviewer NAME`."
        )
    folder = home.datasets / name
    with report_disk(folder), hold_dataset(folder):
        version = next_version(folder, [export.version for export in list_exports(index) if export.name == name])
        partial = folder / f".{version}.partial"
        final = folder / version
        try:
            partial.mkdir()
            batches = stream_export_rows(index, decisions=("approved",))
            contents, content_hash = _write_items(
                partial, batches, chosen, reviewer_pseudonyms, summary.included, progress
            )
            excluded = {**count_reasons(contents.held.values()), **summary.held_others}
            manifest = build_manifest(
                home,
                contents,
                name=name,
                version=version,
                created=time.time(),
                content_hash=content_hash,
                files=hash_files(partial),
                excluded=excluded,
                pseudonyms=reviewer_pseudonyms,
            )
            write_durably(partial / "manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
            write_durably(partial / "README.md", render_card(manifest).encode())
            seal(partial, final)
            result = ExportResult(final, name, version, content_hash, contents.items, excluded, chosen)
            _record_export(home, result, contents.task_ids, by)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            shutil.rmtree(final, ignore_errors=True)
            raise
    return result


def _write_items(
    partial: Path,
    batches: Iterable[list[ExportRow]],
    formats: Sequence[str],
    pseudonyms: bool,
    total: int,
    progress: Progress | None,
) -> tuple[Contents, str]:
    """Stream the tasks that pass the gate into one file per format; returns what they were and their hash."""
    contents, digest, names = Contents(), hashlib.sha256(), _Pseudonyms(pseudonyms)
    writers: list[ItemWriter] = []
    try:
        writers.extend(WRITERS[name](partial / f"tasks.{name}") for name in formats)
        for batch in batches:
            items = list(_pass_gate(batch, contents, names))
            digest.update(b"".join(encode_item(item) for item in items))
            for writer in writers:
                writer.write(items)
            if progress:
                progress(contents.items, total)
    except BaseException:
        for writer in writers:
            with suppress(OSError, ValueError):
                writer.close()
        raise
    for writer in writers:
        writer.close()
    if not contents.items:
        raise BadInput(
            "Every approved task was decided again meanwhile. Nothing can be exported; look at the gate again."
        )
    return contents, digest.hexdigest()


def _pass_gate(batch: list[ExportRow], contents: Contents, names: _Pseudonyms) -> Iterator[dict[str, Any]]:
    gate = apply_gate(make_gate_row(row) for row in batch)
    # What a version says of itself is read by everybody, so canaries are not named in it.
    contents.held.update({task_id: reason for task_id, reason in gate.held.items() if reason != CANARY})
    for row in batch:
        if row.task_id not in gate.held:
            reviewer = names.name(row.reviewer)
            contents.add(row, reviewer)
            yield make_item(row, reviewer)


class _Pseudonyms:
    """Reviewers numbered in the order of the items, so that the same items give the same bytes."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._known: dict[str, str] = {}

    def name(self, reviewer: str) -> str:
        return self._known.setdefault(reviewer, f"reviewer-{len(self._known) + 1}") if self._wanted else reviewer


def _record_export(home: Home, result: ExportResult, task_ids: list[str], by: str) -> None:
    append_once(
        home.reviews,
        "export",
        {
            "name": result.name,
            "version": result.version,
            "path": str(result.path.relative_to(home.root)),
            "hash": result.hash,
            "items": result.items,
            "excluded": result.excluded,
            "format": list(result.formats),
            "task_ids": task_ids,
            **({"by": by} if by else {}),
        },
    )
