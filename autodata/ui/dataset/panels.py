"""The Dataset page's panels as trees: what is held back, and the versions there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from autodata.dataset.gate import REASONS, GateSummary
from autodata.dataset.versions import DatasetVersion
from autodata.index.queries.overview import Totals
from autodata.ui.marks import draw_bar
from autodata.ui.parts import Column, build_table
from autodata.ui.shell import Figure
from autodata.ui.text import count_of, format_count, format_moment
from autodata.ui.tree import Tree, node

REMEDIES = {
    "record_damaged": "Run autodata verify: it says what is intact",
    "content_changed": "Review it again",
    "not_accepted": "Only accepted tasks leave",
    "request_differs": "Reject it, or sign a contract for the difference",
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
            predicate = REASONS[reason][0 if count == 1 else 1]
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
    """Single approved tasks that are held back: id, reason code, question."""
    style = {"class": "serif cut", "style": "font-size:12.5px;line-height:18px", "dir": "auto"}
    cells: list[list[Tree | None]] = [
        [
            node("span", {"class": "link", "act": f"task|{task_id}"}, task_id),
            REASONS[reason][0],
            node("div", {**style, "title": question}, question),
        ]
        for task_id, reason, question in rows
    ]
    columns = [Column("Task", width="112px"), Column("Reason"), Column("Question")]
    return build_table(columns, cells, "Approved tasks held back", fixed=True)


def build_versions(versions: Sequence[DatasetVersion], chosen: str) -> Tree:
    """One line a version, newest first within its dataset; a click shows its card."""
    rows: list[Tree] = []
    for version in versions:
        name = f"{version.name}/{version.version}"
        back = "background:var(--ad-accent-bg);" if name == chosen else ""
        style = f"{back}padding:7px 10px;border-bottom:1px solid var(--ad-line);cursor:pointer"
        top = node(
            "div",
            "row",
            node("b", None, version.name),
            node("span", None, version.version),
            node("span", "muted", count_of(version.items, "task")) if not version.problem else None,
            node("span", {"class": "chip unchecked push", "style": "height:19px"}, "Simulated")
            if version.simulated
            else None,
        )
        low: Tree = node("div", "small alarm", version.problem) if version.problem else node(
            "div", "row small muted", node("span", None, _write_moment(version.created)),
            node("span", {"class": "mono cut", "title": version.hash}, f"sha256 {version.hash[:16]}"),
        )  # fmt: skip
        attributes = {
            "class": "hover col",
            "style": style,
            "act": name,
            "aria-label": f"Show {version.name} {version.version}",
        }
        rows.append(node("div", {**attributes, "aria-current": "true"} if name == chosen else attributes, top, low))
    return node("div", {"class": "boxed", "style": "max-height:300px;overflow-y:auto"}, *rows)


def _draw_share(share: float, tone: str) -> Tree | None:
    return draw_bar(share, tone=tone) if share else None


def _write_moment(created: str) -> str:
    """A manifest's time of writing as local time; what is no time is shown as it is."""
    try:
        return format_moment(datetime.fromisoformat(created).timestamp())
    except ValueError:
        return created
