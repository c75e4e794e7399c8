"""What is the matter, in one sentence, and the one next action. Pure: totals and runs in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.index.queries.alarms import AlarmTotals
from autodata.index.queries.overview import FunnelStage, Need, RunCard, Sparklines, Totals
from autodata.ui.shell import Figure
from autodata.ui.text import (
    OUTCOME_WORDS,
    count_of,
    format_count,
    format_gap,
)

STAGES = {
    "sources": "Sources",
    "tasks": "Tasks written",
    "quality": "Passed quality",
    "accepted": "Accepted by the rule",
    "approved": "Approved",
    "dataset": "In a dataset",
}
LOSSES = {
    **OUTCOME_WORDS,
    "exhausted": "exhausted",
    "skipped": "unsuitable",
    "rejected": "rejected",
    "flagged": "flagged",
    "open": "open",
    "not_exported": "not exported yet",
}
LIST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Matter:
    """The page's opening. `target`: review, runs, dataset or start; `run_id` for the run to watch."""

    sentence: str
    note: str
    action: str
    target: str
    run_id: str = ""


def find_matter(totals: Totals, moving: Sequence[RunCard], alarms: AlarmTotals | None = None) -> Matter:
    """Open tasks come first, because a person is the bottleneck; then what runs, what can leave, and a new start.

    `alarms`: what the audit found; until it has, plain facts of the record say how many tasks to look at first.
    """
    scale = f"{count_of(totals.runs, 'run')}, {count_of(totals.sources, 'source')}, {count_of(totals.rounds, 'round')}."
    if totals.baseline_rounds:
        scale = f"{scale.removesuffix('.')}, and {totals.baseline_rounds:,} of a baseline."
    running = _describe_moving(moving)
    if totals.open:
        look = _describe_alarms(totals, alarms)
        verb = "waits" if totals.open == 1 else "wait"
        sentence = f"{count_of(totals.open, 'task')} {verb} for a decision{look}"
        return Matter(sentence, f"{scale} {running}".strip(), "Review the riskiest first", "review")
    if moving:
        card = moving[0]
        done = f"{card.sources_done:,} of {count_of(card.sources, 'source')} done"
        decided = "Everything accepted so far is decided. " if totals.accepted else ""
        verb = "is still running" if totals.accepted else "is running"
        return Matter(f"{decided}{card.run_id} {verb}: {done}", scale, f"Watch {card.run_id}", "runs", card.run_id)
    waiting = totals.approved - totals.exported
    if waiting > 0:
        verb = "is" if waiting == 1 else "are"
        sentence = f"Everything is decided. {count_of(waiting, 'approved task')} {verb} in no dataset yet"
        return Matter(sentence, scale, "Export the dataset", "dataset")
    if totals.exported:
        noun = count_of(totals.exported, "task")
        return Matter(f"Everything is decided and exported: {noun} in a dataset", scale, "Start another run", "start")
    return Matter("No task was accepted and left to decide", scale, "Start another run", "start")


def list_figures(totals: Totals, lines: Sparklines, alarms: AlarmTotals | None = None) -> list[Figure]:
    """The six key figures; an estimate carries its n. Certified gaps take the place of gaps by round."""
    lowest = min(lines.calls_per_accepted, default=None)
    per = f"{totals.calls_per_accepted:.1f}" if totals.calls_per_accepted is not None else "–"
    price = f"{totals.calls:,} in all"
    if lowest is not None and len(lines.calls_per_accepted) > 1:
        price = f"lowest {lowest:.1f}"
    mine = f", you {totals.decided_today_by_me:,}" if totals.decided_today_by_me else ""
    return [
        Figure(
            "Accepted by the rule",
            format_count(totals.accepted),
            f"of {count_of(totals.rounds, 'round')}",
            lines.accepted,
        ),
        Figure(
            "Claimed gap, mean",
            format_gap(totals.claimed_gap),
            f"n = {totals.claimed_gap_n:,}",
            lines.gap,
        ),
        _make_gap_figure(lines, alarms),
        Figure(
            "Waiting for a decision",
            format_count(totals.open),
            _note_open(totals, alarms),
        ),
        Figure(
            "Approved",
            format_count(totals.approved),
            f"{totals.decided_today:,} decided today{mine}",
            lines.approved,
        ),
        Figure(
            "Calls per accepted task",
            per,
            price,
            lines.calls_per_accepted,
        ),
    ]


def describe_stage(stage: FunnelStage, sources: int) -> str:
    """What is lost at a stage, the largest losses first, with the outcome words."""
    if stage.stage == "tasks" and sources:
        return f"{stage.count / sources:.1f} per source"
    words = [f"{n:,} {LOSSES.get(word, word)}" for word, n in stage.losses]
    if stage.stage == "sources":
        words.insert(0, f"passages of {count_of(stage.documents, 'document')}")
    more = sum(n for _, n in stage.losses[LIST_SHOWN:])
    return ", ".join([*words[:LIST_SHOWN], *([f"{more:,} other"] if more else [])])


def add_dead_runs(needs: Sequence[Need], dead: Sequence[RunCard]) -> list[Need]:
    """Runs whose process ended without a word stand among the warnings, ahead of the notes."""
    found = [
        Need("warning", "run_dead", f"{card.run_id} stopped: its process ended", "Resume run", card.run_id)
        for card in dead
    ]
    rank = {"alarm": 0, "warning": 1, "note": 2}
    return sorted([*found, *needs], key=lambda need: rank.get(need.severity, 3))


def _describe_moving(moving: Sequence[RunCard]) -> str:
    if not moving:
        return ""
    names = ", ".join(card.run_id for card in moving[:3])
    return f"{names} {'is' if len(moving) == 1 else 'are'} running."


def _describe_alarms(totals: Totals, alarms: AlarmTotals | None) -> str:
    if alarms is not None and alarms.open_violations:
        return f", {alarms.open_violations:,} of them with a violation"
    if alarms is not None and alarms.audited >= totals.accepted:
        return f", {alarms.open_flags:,} of them flagged" if alarms.open_flags else ""
    return f", {totals.open_risky:,} of them with something to look at first" if totals.open_risky else ""


def _note_open(totals: Totals, alarms: AlarmTotals | None) -> str:
    if alarms is None or not alarms.audited:
        return f"{totals.open_risky:,} to look at first" if totals.open_risky else "none stands out"
    rest = max(0, totals.accepted - alarms.audited)
    parts = [f"{alarms.open_violations:,} violated" if alarms.open_violations else ""]
    parts += [f"{alarms.open_flags:,} flagged" if alarms.open_flags else "", f"{rest:,} not audited" if rest else ""]
    return ", ".join(part for part in parts if part) or "no alarm"


def _make_gap_figure(lines: Sparklines, alarms: AlarmTotals | None) -> Figure:
    if alarms is not None and alarms.certified:
        note = f"n = {alarms.certified:,}" + (f", {alarms.refuted:,} not real" if alarms.refuted else "")
        return Figure("Certified gap, mean", format_gap(alarms.certified_gap), note)
    return Figure(
        "Gap by round, mean",
        _write_ends(lines.gap_by_round),
        f"{len(lines.gap_by_round)} rounds",
        lines.gap_by_round,
    )


def _write_ends(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return format_gap(values[0]) if len(values) == 1 else f"{format_gap(values[0])} to {format_gap(values[-1])}"
