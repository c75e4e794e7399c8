"""Where reviewing pays most and which runs' alarm rates jumped, as lines among what needs somebody; and where each line
leads. Pure but for the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from autodata.index.queries.cards import Need
from autodata.index.queries.next_steps import AlarmJump, OpenAlarms
from autodata.ui.links import open_page
from autodata.ui.text import count_of

PAYS, JUMPED, DIFFER = "review_pays", "alarm_jump", "votes_differ"


def make_steps(alarms: Sequence[OpenAlarms], jumps: Sequence[AlarmJump]) -> list[Need]:
    """One line a run: first where tasks with an alarm wait, then where alarms became more common."""
    steps = [Need("warning", PAYS, _describe_alarms(run), "Review these", run.run_id) for run in alarms]
    return steps + [Need("warning", JUMPED, _describe_jump(jump), "Open audit", jump.run_id) for jump in jumps]


def follow_need(act: str) -> NoReturn:
    """Leave for the page that a line, `kind|run id`, is about."""
    kind, _, run_id = act.partition("|")
    if kind == PAYS:
        open_page("review", run=run_id)
    if kind == JUMPED:
        open_page("audit", **{"audit.run": run_id})
    if kind == DIFFER:
        open_page("review", decision="disputed")
    open_page("runs", run=run_id)


def _describe_alarms(run: OpenAlarms) -> str:
    parts = [
        count_of(run.violations, "violation") if run.violations else "",
        count_of(run.flags, "flag") if run.flags else "",
    ]
    return f"{run.run_id}: {' and '.join(part for part in parts if part)} among {count_of(run.open, 'open task')}"


def _describe_jump(jump: AlarmJump) -> str:
    share, before = (
        f"{100 * part / whole:.0f} %"
        for part, whole in ((jump.alarms, jump.tasks), (jump.alarms_before, jump.tasks_before))
    )
    p = f"p = {jump.p:.3f}" if jump.p >= 0.0005 else "p < 0.001"
    told = (
        f"{share} of {jump.tasks:,} tasks have an alarm, {before} of {jump.tasks_before:,} in {jump.before} before it"
    )
    pairs = f", {jump.pairs:,} pairs corrected for" if jump.pairs > 1 else ""
    return f"{jump.run_id}: {told} (Fisher's exact test{pairs}, {p})"
