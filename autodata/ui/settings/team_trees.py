"""The Team panel's pure parts: the rules in words, agreement with its intervals, what each reviewer did."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.review.agreement import Agreement
from autodata.review.canaries import Recall
from autodata.review.faults import FAULTS
from autodata.review.reviewers import STAMP_SECONDS, ReviewerReport, TeamReport
from autodata.team import Team
from autodata.ui.marks import draw_sparkline
from autodata.ui.parts import Column, build_table
from autodata.ui.text import count_of, format_count, format_moment, format_pace
from autodata.ui.tree import Tree, node

SIDES = {"all": "People and judge, by criterion", "weak": "on weak answers", "strong": "on strong answers"}
MEASURES = {"cohen": "Cohen’s κ", "fleiss": "Fleiss’ κ", "krippendorff": "Krippendorff’s α"}
FAULT_WORDS = {"weak_request": "weaker request", "leak": "leaked answer", "foreign_answers": "foreign answers"}


def describe_rules(team: Team) -> str:
    """The rules in force, in a sentence."""
    if team.quorum == 1:
        return "One decision settles a task"
    hidden = "and see each other’s votes only after their own" if team.blind else "and see each other’s votes"
    return f"{team.quorum} reviewers must agree on a task, {hidden}"


def list_warnings(team: Team, *, logged_in: bool) -> list[str]:
    """What the rules leave open, as sentences."""
    found = []
    if logged_in and team.others == "lead":
        found.append("Everybody who can log in is a lead. Name the leads, and make all others reviewers or viewers.")
    if not logged_in and (team.roles or team.quorum > 1):
        found.append(
            "Names are typed, so anybody can take another’s: roles prevent mistakes, not intent. A login prevents both."
        )
    return found


def build_agreement(report: TeamReport) -> Tree:
    """Who agrees with whom beyond chance, each with its interval and n; a line says why where there is no number."""
    lines: list[tuple[str, Agreement]] = [(f"{p.first} and {p.second}", p.agreement) for p in report.pairs]
    lines += [("All of them, on tasks that all voted on", report.group)] if report.group else []
    lines += [("Whoever voted", report.everyone)]
    lines += [(SIDES[side], found) for side, found in report.judge if side == "all" or found.items]
    columns = [
        Column("Between", width="31%"),
        Column("Measure", width="17%"),
        Column("0 to 1, with its 95 % interval"),
        Column("", True, "60px"),
        Column("n", True, "52px"),
    ]
    return build_table(columns, [_build_line(who, found) for who, found in lines], "Agreement", fixed=True)


def build_reviewers(rows: Sequence[ReviewerReport], team: Team, *, lead: bool) -> Tree:
    """What each reviewer did; what they caught of planted faults is for leads."""
    columns = [
        Column("Reviewer", width="18%"),
        Column("Role", width="84px"),
        Column("Decisions", True, "84px"),
        Column("Tasks", True, "64px"),
        Column("14 days", width="104px"),
        Column("A task takes", True, "104px"),
        Column("Last", True, "104px"),
        *([Column("Planted faults caught", width="210px")] if lead else []),
        Column(""),
    ]
    body: list[list[Tree | None]] = []
    for row in rows:
        work = row.work
        spark = draw_sparkline([float(n) for n in work.days], low=0.0, label=f"decisions of {work.reviewer} a day")
        cells: list[Tree | None] = [
            node("b", "cut", work.reviewer),
            team.role_of(work.reviewer),
            format_count(work.decided),
            format_count(work.votes),
            spark or node("span", "muted", "–"),
            format_pace(work.seconds),
            node("span", "muted", format_moment(work.last)),
        ]
        cells += [describe_recall(row.recall) if row.recall else node("span", "muted", "none met yet")] if lead else []
        body.append([*cells, node("span", "muted small", describe_quick(row)) if row.quick else None])
    return build_table(columns, body, "Reviewers", fixed=True)


def describe_recall(recall: Recall) -> str:
    """How many planted faults were caught, with the interval and what was missed."""
    words = f"{recall.caught} of {recall.decided}"
    if recall.rate.low is not None and recall.rate.high is not None:
        words += f" ({100 * recall.rate.low:.0f} to {100 * recall.rate.high:.0f} %)"
    missed = [FAULT_WORDS[name] for name in FAULTS if name in recall.by_fault and _missed(recall.by_fault[name])]
    return f"{words}, missed: {', '.join(missed)}" if missed else words


def describe_quick(row: ReviewerReport) -> str:
    """The rubber-stamp screen: a reason to look, and no more."""
    return (
        f"Half of {count_of(row.work.approvals, 'approval')} took under {STAMP_SECONDS:g} s. "
        "That is not evidence of error; look at a sample."
    )


def describe_doubled(report: TeamReport) -> str:
    """What the agreement rests on."""
    verb = "has" if report.doubled == 1 else "have"
    return f"{count_of(report.doubled, 'task')} {verb} votes given without sight of each other"


def _missed(counts: tuple[int, int]) -> bool:
    caught, decided = counts
    return caught < decided


def _build_line(who: str, found: Agreement) -> list[Tree | None]:
    name = node("span", {"class": "cut", "title": who}, who)
    measure = node("span", "muted", MEASURES[found.measure])
    if found.value is None:
        return [name, measure, node("span", "muted small", found.note), node("span", "muted", "–"), str(found.items)]
    value = node("b", None, f"{found.value:.2f}".replace("-", "−"))
    return [name, measure, _draw_interval(found), value, str(found.items)]


def _draw_interval(found: Agreement) -> Tree:
    """A point with its interval on the scale from 0 to 1; what lies below 0 ends at the edge."""

    def place(value: float) -> str:
        return f"{4 + 92 * min(1.0, max(0.0, value)):.1f}%"

    value = found.value or 0.0
    low, high = (value if end is None else end for end in (found.low, found.high))
    between = f"{low:.2f} to {high:.2f}" if found.low is not None else found.note
    ticks = [
        node("line", {"x1": place(x), "x2": place(x), "y1": "3", "y2": "15", "stroke": "var(--ad-line2)"})
        for x in (0.0, 1.0)
    ]
    ends = {"x1": place(low), "x2": place(high), "y1": "9", "y2": "9", "stroke": "var(--ad-ink)", "stroke-width": "1.4"}
    axis = {"x1": place(0.0), "x2": place(1.0), "y1": "9", "y2": "9", "stroke": "var(--ad-line)"}
    point = node("circle", {"cx": place(value), "cy": "9", "r": "3.6", "fill": "var(--ad-ink)"})
    label = {"role": "img", "aria-label": f"{value:.2f}, 95 % interval {between}", "style": "width:100%;height:18px"}
    shapes = node("svg", {**label, "title": between}, node("line", axis), *ticks, node("line", ends), point)
    return node("div", {"title": between}, shapes)
