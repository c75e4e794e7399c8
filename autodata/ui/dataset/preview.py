"""A dry run for the page: counts, the first tasks that are held back, and all of them as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from autodata.dataset.cells import make_cell
from autodata.dataset.dry_run import COLUMNS, stream_outcomes
from autodata.dataset.gate import GateSummary, Judged
from autodata.dataset.plan import ExportPlan
from autodata.dataset.reasons import CANARY
from autodata.dataset.selection import Selection, select_tasks
from autodata.dataset.splits import count_splits
from autodata.errors import AutodataError
from autodata.index.queries.dataset import load_export_rows
from autodata.index.queries.dataset_gate import TaskFacts
from autodata.index.still import hold_still
from autodata.ui.state import Workbench
from autodata.ui.text import shorten

HELD_SHOWN = 20
LEAVING_SHOWN = 8
QUESTION_SHOWN = 120


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One task of the dry run. `words` say why it is held back; `code` "" and `words` "" for one that leaves."""

    task_id: str
    run_id: str
    content_sha: str
    code: str
    words: str
    question: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an export with a plan would do now. `contaminated` of `compared` tasks share text with a benchmark;
    `spans` are the first such stretches: task, benchmark, text. `splits` is empty where everything is for training."""

    summary: GateSummary
    held: tuple[ShownTask, ...]
    leaving: tuple[ShownTask, ...]
    splits: dict[str, int]
    overridden: int
    compared: int
    contaminated: int
    spans: tuple[tuple[str, str, str], ...]


def preview_plan(bench: Workbench, plan: ExportPlan) -> Preview | str:
    """The dry run, kept until the index changes; a sentence when it cannot be made."""
    return bench.index.remember(("dataset.preview", plan.model_dump_json()), lambda: _preview(bench, plan))


def write_reasons(bench: Workbench, plan: ExportPlan) -> bytes:
    """Every task with what becomes of it and why, as CSV; canaries are not in it. Cells are no formulas."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    with hold_still(bench.index) as still:
        for row in stream_outcomes(select_tasks(still, plan)):
            writer.writerow([make_cell(value) for value in row.values()])
    return file.getvalue().encode("utf-8-sig")


def _preview(bench: Workbench, plan: ExportPlan) -> Preview | str:
    try:
        with hold_still(bench.index) as still:
            selection = select_tasks(still, plan)
            held, leaving = _find_first(selection)
            return Preview(
                summary=selection.summary,
                held=tuple(_show(selection, held)),
                leaving=tuple(_show(selection, leaving)),
                splits=count_splits(selection.splits.values()) if plan.splits else {},
                overridden=len(selection.list_used_overrides()),
                compared=selection.checked,
                contaminated=len(selection.overlaps),
                spans=tuple(_list_spans(selection)),
            )
    except AutodataError as error:
        return str(error)


def _find_first(selection: Selection) -> tuple[list[tuple[TaskFacts, Judged]], list[tuple[TaskFacts, Judged]]]:
    """The first approved tasks that are held back, and the first that leave."""
    held: list[tuple[TaskFacts, Judged]] = []
    leaving: list[tuple[TaskFacts, Judged]] = []
    blocked = min(HELD_SHOWN, sum(selection.summary.held_approved.values()))
    free = min(LEAVING_SHOWN, selection.summary.included)
    for facts, judged in selection.stream_judged():
        if judged.reason == CANARY:
            continue
        if judged.reason and len(held) < blocked:
            held.append((facts, judged))
        elif not judged.reason and len(leaving) < free:
            leaving.append((facts, judged))
        if len(held) >= blocked and len(leaving) >= free:
            break
    return held, leaving


def _show(selection: Selection, chosen: list[tuple[TaskFacts, Judged]]) -> Iterator[ShownTask]:
    rows = {row.task_id: row for row in load_export_rows(selection.index, [f for f, _ in chosen], answers=False)}
    for facts, judged in chosen:
        row = rows.get(facts.task_id)
        question = shorten(row.question, QUESTION_SHOWN) if row else ""
        sha = row.content_sha if row else ""
        yield ShownTask(facts.task_id, facts.run_id, sha, judged.reason, judged.words, question)


def _list_spans(selection: Selection, most: int = 10) -> Iterator[tuple[str, str, str]]:
    for task_id, overlaps in list(selection.overlaps.items())[:most]:
        first = overlaps[0]
        yield task_id, f"{first.benchmark}, row {first.row}", shorten(first.text, QUESTION_SHOWN)
