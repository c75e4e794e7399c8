"""Commands on dataset versions: list, compare, verify, make again, withdraw; and overrides of the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from autodata.cli.data import open_reading_index
from autodata.cli.dataset_stats import push, show_card, show_stats, split_label, take_sample
from autodata.cli.gating import show_gate
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import FINDING, print_json, print_table, report_errors, say
from autodata.dataset.comparing import compare_versions
from autodata.dataset.overrides import record_override, undo_override
from autodata.dataset.reproducing import reproduce_version
from autodata.dataset.standing import VersionState, list_states
from autodata.dataset.verifying import verify_version
from autodata.dataset.withdrawing import withdraw_version
from autodata.errors import BadInput
from autodata.home import Home, open_home
from autodata.index.queries.task import load_task

dataset_app = typer.Typer(no_args_is_help=True, help="What may leave, what left, and whether it still is what it was.")
dataset_app.command("gate")(show_gate)
dataset_app.command("stats")(show_stats)
dataset_app.command("sample")(take_sample)
dataset_app.command("card")(show_card)
dataset_app.command("push")(push)


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(dataset_app, name="dataset")


@dataset_app.command("list")
def show_versions(home: HomeOption = None, json: JsonOption = False) -> None:
    """Every version, by name and then newest first, and how it stands today."""
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            states = list_states(place, index)
        rows = [
            [s.version.name, s.version.version, f"{s.version.items:,}", s.version.created, s.version.hash[:12], s.words]
            for s in states
        ]
        if rows:
            print_table("", ["Dataset", "Version", "Items", "Created", "Hash", "State"], rows, numbers=("Items",))
        else:
            say("No version yet; `autodata export NAME` writes the first.")
        if json:
            print_json({"versions": [_describe_state(state) for state in states]})


@dataset_app.command("diff")
def show_difference(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier version, e.g. proofs/v001.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later version, e.g. proofs/v002.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """What was added, removed and changed between two versions, and in which fields."""
    with report_errors(json):
        found = compare_versions(open_home(home), split_label(before), split_label(after))
        say(found.sentence)
        for name, (old, new) in found.settings.items():
            say(f"Made with another {name}: {orjson.dumps(old).decode()} before, {orjson.dumps(new).decode()} after")
        rows = [["added", task_id, ""] for task_id in found.added]
        rows += [["removed", task_id, ""] for task_id in found.removed]
        rows += [["changed", one.task_id, ", ".join(one.fields)] for one in found.changed]
        if rows:
            print_table("", ["What", "Task", "Fields"], rows)
        if json:
            print_json(
                {
                    "added": list(found.added),
                    "removed": list(found.removed),
                    "changed": {one.task_id: list(one.fields) for one in found.changed},
                    "unchanged": found.unchanged,
                    "settings": {name: list(pair) for name, pair in found.settings.items()},
                }
            )


@dataset_app.command("verify")
def verify(
    label: Annotated[str, typer.Argument(metavar="NAME/vN", help="A version, e.g. proofs/v001.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Check a version's files against its manifest, and that its journals still hold. Exit code 1 when not."""
    with report_errors(json):
        report = verify_version(open_home(home), *split_label(label))
    for problem in report.problems:
        say(problem, "red")
    for journal, count in report.grown.items():
        say(f"{journal} has grown by {count:,} records since.")
    say(f"{label}: {report.files} files and {report.journals} journals {'hold' if report.ok else 'DO NOT HOLD'}.")
    if json:
        print_json({"ok": report.ok, "problems": list(report.problems), "grown": report.grown})
    if not report.ok:
        raise typer.Exit(FINDING)


@dataset_app.command("reproduce")
def reproduce(
    label: Annotated[str, typer.Argument(metavar="NAME/vN", help="A version, e.g. proofs/v001.")],
    into: Annotated[Path | None, typer.Option("--into", help="Keep what was made in this new folder.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Make a version again from its manifest and the journals, and compare. Exit code 1 when the items differ."""
    with report_errors(json):
        made = reproduce_version(open_home(home), *split_label(label), scratch=into)
    for note in made.notes:
        say(note)
    for name in made.files:
        say(f"{name} came out otherwise", "yellow")
    say(
        f"{label}: the same {made.items:,} items, byte for byte."
        if made.same
        else f"{label}: NOT the same; made again {made.items:,} items with hash {made.hash}, wanted {made.wanted}",
        None if made.same else "red",
    )
    if json:
        values = {"same": made.same, "hash": made.hash, "wanted": made.wanted, "items": made.items}
        print_json({**values, "files": list(made.files), "notes": list(made.notes)})
    if not made.same:
        raise typer.Exit(FINDING)


@dataset_app.command("withdraw")
def withdraw(
    label: Annotated[str, typer.Argument(metavar="NAME/vN", help="A version, e.g. proofs/v001.")],
    reason: Annotated[str, typer.Option(help="Why; whoever opens the version reads it.")],
    reviewer: Annotated[str, typer.Option(help="Who withdraws it; in a team with roles that takes a lead.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Say of a version that it should not be used any more. It stays where it is, readable, and says why."""
    with report_errors(json):
        marker = withdraw_version(open_home(home), *split_label(label), reason=reason, reviewer=reviewer)
        say(f"Withdrawn: {label}. {marker} says why.")
        if json:
            print_json({"withdrawn": label, "marker": str(marker)})


@dataset_app.command("override")
def override(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Id of a task.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="Reason of the gate, e.g. alarm_open.")],
    reviewer: Annotated[str, typer.Option(help="Who; in a team with roles that takes a lead.")],
    reason: Annotated[str, typer.Option(help="Why; it is printed in the card of every version that uses it.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the override back.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Let one approved task pass the gate although it has a reason to stay. Never a canary, never a damaged record."""
    with report_errors(json):
        place = open_home(home)
        if undo:
            done = undo_override(place, task, code, reviewer)
            say(f"Taken back: {code} holds {task} again.")
        else:
            done = _override(place, task, code, reason, reviewer)
            say(f"Overridden: {code} does not hold {task} any more.")
        if json:
            print_json({"override_id": done})


def _override(place: Home, task: str, code: str, reason: str, reviewer: str) -> str:
    with open_reading_index(place) as index:
        detail = load_task(index, task)
    if detail is None:
        raise BadInput(f"task {task!r} does not exist in {place.root}; ids are on the Tasks page")
    return record_override(
        place,
        task_id=task,
        run_id=detail.run_id,
        content_sha=detail.content_sha,
        code=code,
        reason=reason,
        reviewer=reviewer,
    )


def _describe_state(state: VersionState) -> dict[str, Any]:
    version, withdrawn = state.version, state.withdrawn
    return {
        "name": version.name,
        "version": version.version,
        "path": str(version.path),
        "items": version.items,
        "hash": version.hash,
        "created": version.created,
        "simulated": version.simulated,
        "problem": version.problem,
        "outdated": state.outdated,
        "withdrawn": {"reason": withdrawn.reason, "reviewer": withdrawn.reviewer} if withdrawn else None,
    }
