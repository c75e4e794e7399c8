"""Writes the files of one version into a folder: the formats, what is in it by item, manifest and card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.dataset.card import gather_facts, write_card
from autodata.dataset.contents import CONTENTS, describe_entry
from autodata.dataset.entry import Entry
from autodata.dataset.folder import hash_files, write_durably
from autodata.dataset.formats import FORMATS, ItemWriter, open_writer
from autodata.dataset.formats.writer import LineFile
from autodata.dataset.items import encode_item, make_item
from autodata.dataset.manifest import Contents, build_manifest
from autodata.dataset.reasons import CANARY, LEFT_OUT, TWIN
from autodata.dataset.selection import Progress, Selection
from autodata.home import Home
from autodata.index.queries.dataset import cut_batches, load_export_rows
from autodata.index.queries.dataset_gate import TaskFacts
from autodata.index.queries.dataset_versions import load_heads

BATCH = 1_000
OVERLAPS = "contamination.jsonl"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: its manifest, the hash of its items, and what they were."""

    manifest: dict[str, Any]
    hash: str
    contents: Contents


def write_version(
    home: Home,
    selection: Selection,
    folder: Path,
    *,
    name: str,
    version: str,
    created: float,
    progress: Progress | None = None,
) -> Written:
    """Stream the selection into `folder`, which is empty; `created` is Unix seconds. Everything is forced to the disk.

    Raises OSError when the disk refuses.
    """
    names = _Names(selection.plan.pseudonyms)
    contents, digest = _write_items(selection, folder, names, progress)
    _write_overlaps(selection, folder)
    held, run_ids = _list_held(selection)
    manifest = build_manifest(
        home,
        contents,
        selection,
        name=name,
        version=version,
        created=created,
        content_hash=digest,
        files=hash_files(folder),
        held=held,
        heads=load_heads(selection.index, run_ids),
        names=names.name,
    )
    write_card(folder, manifest, gather_facts(selection.index, contents.task_ids, manifest))
    manifest["card_files"] = hash_files(folder, skip=manifest["files"])
    write_durably(folder / "manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    return Written(manifest, digest, contents)


def _write_items(selection: Selection, folder: Path, names: _Names, progress: Progress | None) -> tuple[Contents, str]:
    contents, digest, total = Contents(), hashlib.sha256(), selection.summary.included
    plan, writers = selection.plan, dict[str, ItemWriter]()
    files: list[LineFile | ItemWriter] = []
    try:
        listing = LineFile(folder / CONTENTS)
        files.append(listing)
        for one in plan.formats:
            writers[one] = open_writer(one, folder, plan.options, selection.index)
            files.append(writers[one])
        for batch in cut_batches(selection.stream_leaving(), BATCH):
            entries = list(_make_entries(selection, batch, names, contents))
            digest.update(b"".join(encode_item(entry.item) for entry in entries))
            listing.write(b"".join(orjson.dumps(describe_entry(entry)) + b"\n" for entry in entries))
            for writer in writers.values():
                writer.write(entries)
            if progress:
                progress(contents.items, total)
        for file in files:
            file.close()
    except BaseException:
        for file in files:
            with suppress(OSError, ValueError):
                file.close()
        raise
    contents.written = {one: dict(writer.written) for one, writer in writers.items()}
    contents.skipped = {one: dict(sorted(writer.skipped.items())) for one, writer in writers.items()}
    return contents, digest.hexdigest()


def _make_entries(selection: Selection, batch: list[TaskFacts], names: _Names, contents: Contents) -> Iterator[Entry]:
    answers = any(FORMATS[one].answers for one in selection.plan.formats)
    for row in load_export_rows(selection.index, batch, answers=answers):
        reviewer = names.name(row.reviewer)
        entry = Entry(make_item(row, reviewer), row, selection.find_split(row.run_id, row.task_id))
        contents.add(entry, reviewer)
        yield entry


def _list_held(selection: Selection) -> tuple[dict[str, str], list[str]]:
    """Approved tasks that stay with their reason, and the runs that decided what leaves. Neither names a canary, for
    what a version says of itself is read by everybody."""
    held: dict[str, str] = {}
    run_ids: set[str] = set()
    for facts, judged in selection.stream_judged():
        if judged.reason in (CANARY, LEFT_OUT):
            continue
        run_ids.add(facts.run_id)
        if judged.reason and judged.reason != TWIN:
            held[facts.task_id] = judged.reason
    return held, sorted(run_ids)


def _write_overlaps(selection: Selection, folder: Path) -> None:
    """The stretches that tasks share with benchmarks, whether the tasks leave or not."""
    if not selection.overlaps:
        return
    file = LineFile(folder / OVERLAPS)
    try:
        for task_id, overlaps in sorted(selection.overlaps.items()):
            file.write(orjson.dumps({"id": task_id, "overlaps": [asdict(one) for one in overlaps]}) + b"\n")
    finally:
        file.close()


class _Names:
    """Reviewers numbered in the order of the items, so that the same items give the same bytes."""

    def __init__(self, pseudonyms: bool) -> None:
        self._wanted = pseudonyms
        self._known: dict[str, str] = {}

    def name(self, reviewer: str) -> str:
        return self._known.setdefault(reviewer, f"reviewer-{len(self._known) + 1}") if self._wanted else reviewer
