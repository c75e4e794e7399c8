"""The Dataset page's panels as trees: the gate's counts, single tasks, and the versions there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from autodata.dataset.folder import DatasetVersion
from autodata.dataset.gate import REASONS, GateSummary
from autodata.dataset.standing import VersionState
from autodata.index.queries.overview import Totals
from autodata.ui.marks import draw_bar, draw_chip
from autodata.ui.parts import Column, build_counts, build_table
from autodata.ui.shell import Figure
from autodata.ui.text import count_of, format_count, format_moment
from autodata.ui.tree import Tree, node

REMEDIES = {
    "record_damaged": "Run autodata verify: it says what is intact",
    "content_changed": "Review it again",
    "not_accepted": "Only accepted tasks leave",
    "request_differs": "Reject it, or sign a contract for the difference",
    "run_left_out": "The policy leaves its run out",
    "request_unknown": "A policy that does not ask for it, or an override",
    "not_audited": "The app audits what it reads; wait a moment",
    "alarm_open": "Label the finding on the Review page",
    "alarm_confirmed": "Reject it",
    "gap_not_real": "Reject it",
    "not_certified": "Certify it on the Audit page",
    "certified_gap_low": "More certified answers, or another bar",
    "quorum_not_met": "More reviewers vote on the Review page",
    "contaminated": "Reject it, or edit what it shares",
    "twin": "It leaves once, from its first run",
    "near_copy": "The best of the group leaves",
    "not_decided": "Decide on the Review page",
    "waiting": "More reviewers vote on the Review page",
    "disputed": "A lead settles it on the Review page",
    "skipped": "Decide on the Review page",
    "rejected": "",
    "flagged": "Settle the flag on the Review page",
}
DECISIONS = {
    "not_decided": "open",
    "waiting": "waiting",
    "disputed": "disputed",
    "skipped": "open",
    "rejected": "rejected",
    "flagged": "flagged",
}
"""Reason to the decision filter of the Tasks page that shows these tasks."""


def list_figures(summary: GateSummary, totals: Totals, versions: Sequence[DatasetVersion]) -> list[Figure]:
    """From accepted to exported, in the order a task goes."""
    blocked = sum(summary.held_approved.values())
    newest = max(versions, key=lambda version: version.created, default=None)
    return [
        Figure("Accepted by the rule", format_count(totals.accepted), f"of {count_of(totals.rounds, 'round')}"),
        Figure(
            "Wait for a decision",
            format_count(totals.open),
            f"{totals.skipped:,} skipped" if totals.skipped else "none skipped",
        ),
        Figure("Approved", format_count(totals.approved), f"{totals.rejected:,} rejected, {totals.flagged:,} flagged"),
        Figure("Can be exported", format_count(summary.included), f"{blocked:,} approved and held back"),
        Figure("In a dataset", format_count(totals.exported), "of the approved tasks"),
        Figure("Versions", format_count(len(versions)), f"{newest.name} {newest.version}" if newest else "none yet"),
    ]


def build_gate(summary: GateSummary) -> Tree:
    """Held back tasks by reason, approved ones first: those are the surprise. A click on a count shows the tasks."""
    held = [*summary.held_approved.values(), *summary.held_others.values()]
    most = max([summary.included, *held, 1])
    rows: list[list[Tree | None]] = [
        [
            node("b", None, format_count(summary.included)),
            node("b", None, "can be exported"),
            _draw_share(summary.included / most, "accent"),
            None,
        ]
    ]
    for counts, approved in ((summary.held_approved, True), (summary.held_others, False)):
        for reason, count in counts.items():
            one, several, _ = REASONS[reason]
            predicate = one if count == 1 else several
            words = f"approved, but {predicate}" if approved else predicate
            act = f"decision|{DECISIONS.get(reason, 'approved')}"
            number = node("span", {"class": "link", "act": act, "title": "Show these tasks"}, format_count(count))
            tone = "alarm" if approved else "easy"
            remedy = node("span", "muted small", REMEDIES.get(reason, ""))
            rows.append([number, words, _draw_share(count / most, tone), remedy])
    columns = [
        Column("Tasks", True, "48px"),
        Column("State"),
        Column("", width="22%"),
        Column("What to do", width="32%"),
    ]
    return build_table(columns, rows, "The export gate")


def build_leaving(rows: Sequence[tuple[str, str]]) -> Tree:
    """Tasks that an export would write now: id, question."""
    style = {"class": "serif cut", "style": "font-size:12.5px;line-height:18px", "dir": "auto"}
    cells: list[list[Tree | None]] = [
        [
            node("span", {"class": "link", "act": f"task|{task_id}"}, task_id),
            node("div", {**style, "title": question}, question),
        ]
        for task_id, question in rows
    ]
    return build_table([Column("Task", width="112px"), Column("Question")], cells, "Tasks to be exported", fixed=True)


def build_held(rows: Sequence[tuple[str, str, str]]) -> Tree:
    """Single approved tasks that are held back: id, why as a predicate, question."""
    style = {"class": "serif cut", "style": "font-size:12.5px;line-height:18px", "dir": "auto"}
    cells: list[list[Tree | None]] = [
        [
            node("span", {"class": "link", "act": f"task|{task_id}"}, task_id),
            words,
            node("div", {**style, "title": question}, question),
        ]
        for task_id, words, question in rows
    ]
    columns = [Column("Task", width="112px"), Column("Reason"), Column("Question")]
    return build_table(columns, cells, "Approved tasks held back", fixed=True)


def build_spans(rows: Sequence[tuple[str, str, str]]) -> Tree:
    """Stretches that tasks share with a benchmark: task, where in the benchmark, the words."""
    cells: list[list[Tree | None]] = [
        [
            node("span", {"class": "link", "act": f"task|{task_id}"}, task_id),
            node("span", "small muted", where),
            node("span", {"class": "serif", "style": "font-size:12.5px;line-height:18px", "dir": "auto"}, text),
        ]
        for task_id, where, text in rows
    ]
    columns = [Column("Task", width="112px"), Column("Benchmark", width="28%"), Column("Shared words")]
    return build_table(columns, cells, "Text shared with benchmarks", fixed=True)


def build_splits(splits: Mapping[str, int]) -> Tree:
    """How many tasks go to each side."""
    return build_counts([(name.capitalize(), count) for name, count in splits.items()], tone="accent",
        total=sum(splits.values()))  # fmt: skip


def build_outdated(rows: Sequence[tuple[str, str]]) -> Tree:
    """Tasks of a version that would not leave with it again: id, what people say of it now."""
    cells: list[list[Tree | None]] = [
        [node("span", {"class": "link", "act": f"task|{task_id}"}, task_id), state] for task_id, state in rows
    ]
    return build_table([Column("Task", width="112px"), Column("Now")], cells, "Tasks decided otherwise", fixed=True)


def build_versions(states: Sequence[VersionState], chosen: str) -> Tree:
    """One line a version, newest first within its dataset; a click shows it."""
    rows: list[Tree] = []
    for state in states:
        version, name = state.version, f"{state.version.name}/{state.version.version}"
        back = "background:var(--ad-accent-bg);" if name == chosen else ""
        style = f"{back}padding:7px 10px;border-bottom:1px solid var(--ad-line);cursor:pointer"
        attributes = {
            "class": "hover col",
            "style": style,
            "act": name,
            "aria-label": f"Show {version.name} {version.version}",
        }
        lines = (_build_version_top(state), _build_version_low(state))
        rows.append(node("div", {**attributes, "aria-current": "true"} if name == chosen else attributes, *lines))
    return node("div", {"class": "boxed", "style": "max-height:420px;overflow-y:auto"}, *rows)


def _build_version_top(state: VersionState) -> Tree:
    version = state.version
    chips: list[Tree | None] = []
    if state.withdrawn:
        chips.append(draw_chip("Withdrawn", "violation"))
    elif state.outdated:
        chips.append(draw_chip(f"{state.outdated:,} outdated", "flag"))
    if version.simulated:
        chips.append(node("span", {"class": "chip unchecked", "style": "height:19px"}, "Simulated"))
    return node(
        "div",
        "row",
        node("b", None, version.name),
        node("span", None, version.version),
        node("span", "muted", count_of(version.items, "task")) if not version.problem else None,
        node("span", "row push", *chips),
    )


def _build_version_low(state: VersionState) -> Tree:
    version = state.version
    if version.problem:
        return node("div", "small alarm", version.problem)
    written = node("span", None, _write_moment(version.created))
    sha = node("span", {"class": "mono cut", "title": version.hash}, f"sha256 {version.hash[:16]}")
    return node(
        "div",
        {"class": "col", "style": "gap:2px"},
        node("div", "row small muted", written, sha),
        node("div", {"class": "small alarm", "dir": "auto"}, state.words) if state.words else None,
    )


def _draw_share(share: float, tone: str) -> Tree | None:
    return draw_bar(share, tone=tone) if share else None


def _write_moment(created: str) -> str:
    """A manifest's time of writing as local time; what is no time is shown as it is."""
    try:
        return format_moment(datetime.fromisoformat(created).timestamp())
    except ValueError:
        return created
