"""The dry run of an export: counts, and every task with its reason as a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import orjson
import typer

from autodata.cli.data import open_reading_index
from autodata.cli.gate_options import (
    BenchmarkOption,
    CertifiedOption,
    LeaveOutOption,
    NgramOption,
    OnePerClusterOption,
    PolicyOption,
    QuorumOption,
    ReportOnlyOption,
    SeedOption,
    TestOption,
    ValidationOption,
    choose_benchmarks,
    choose_policy,
    join_splits,
)
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import print_json, report_errors, say
from autodata.dataset.cells import make_cell
from autodata.dataset.contamination import NGRAM
from autodata.dataset.dry_run import COLUMNS, stream_outcomes
from autodata.dataset.gate import describe_reason, describe_summary
from autodata.dataset.plan import ExportPlan, make_splits
from autodata.dataset.policies import GatePolicy
from autodata.dataset.selection import Selection
from autodata.dataset.splits import count_splits
from autodata.dataset.versions import check_journals, preview_export
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home, check_name, open_home
from autodata.index.database import Index


def show_gate(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")],
    policy: PolicyOption = "approved",
    quorum: QuorumOption = None,
    one_per_cluster: OnePerClusterOption = False,
    certified_above: CertifiedOption = None,
    leave_out_run: LeaveOutOption = None,
    validation: ValidationOption = 0.0,
    test: TestOption = 0.0,
    split_seed: SeedOption = 0,
    benchmark: BenchmarkOption = None,
    ngram: NgramOption = NGRAM,
    contaminated_too: ReportOnlyOption = False,
    tasks: Annotated[
        Path | None, typer.Option("--tasks", help="Write every task with its reason to this .csv or .jsonl file.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """A dry run: what an export would write now, and the reason for everything that it would not. Writes no version.

    Example: autodata dataset gate proofs --policy audited --tasks gate.csv
    """
    with report_errors(json):
        check_name(name, "dataset")
        place = open_home(home)
        plan = ExportPlan(
            policy=choose_policy(place, policy, quorum, one_per_cluster, certified_above, leave_out_run),
            splits=make_splits(validation, test, split_seed),
            contamination=choose_benchmarks(benchmark, ngram, contaminated_too),
        )
        with open_reading_index(place) as index:
            selection = preview_export(place, index, plan)
            refusal = _find_refusal(place, index, plan.policy)
            written = _write_tasks(selection, tasks) if tasks else 0
            splits = count_splits(selection.splits.values()) if plan.splits else {}
            overridden = len(selection.list_used_overrides())
        if refusal:
            say(f"An export would be refused: {refusal}", "red")
        say(describe_summary(selection.summary))
        for reason, count in selection.summary.held_others.items():
            say(f"Not approved: {describe_reason(reason, count)}")
        if plan.contamination:
            say(f"Compared with benchmarks: {selection.checked:,} tasks, {len(selection.overlaps):,} share text")
        if splits:
            say(f"Splits: {join_splits(splits)}")
        if tasks:
            say(f"{written:,} tasks with their reasons in {tasks}")
        if json:
            print_json(
                {
                    "policy": plan.policy.model_dump(mode="json"),
                    "refused": refusal,
                    "approved": selection.summary.approved,
                    "included": selection.summary.included,
                    "excluded": selection.summary.excluded,
                    "overridden": overridden,
                    "contaminated": len(selection.overlaps),
                    "splits": splits,
                }
            )


def _find_refusal(home: Home, index: Index, policy: GatePolicy) -> str:
    """Why no version could be written now, or ""."""
    try:
        check_journals(home, index, policy)
    except JournalDamaged as error:
        return str(error)
    return ""


def _write_tasks(selection: Selection, path: Path) -> int:
    """Every task but canaries with what becomes of it, one after another; returns how many."""
    if path.suffix not in (".csv", ".jsonl"):
        raise BadInput(f"{path} has to end in .csv or .jsonl")
    count = 0
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        if path.suffix == ".csv":
            writer.writerow(COLUMNS)
        for row in stream_outcomes(selection):
            if path.suffix == ".csv":
                writer.writerow([make_cell(value) for value in row.values()])
            else:
                file.write(orjson.dumps(row).decode() + "\n")
            count += 1
    return count
