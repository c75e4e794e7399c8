"""The numbers of one run as trees: progress, key figures, what failed, what was used."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pandas as pd

from autodata.index.queries.runs import RunDetail
from autodata.prices import format_tokens
from autodata.ui.marks import draw_bar
from autodata.ui.names import is_given
from autodata.ui.parts import (
    Column,
    build_counts,
    build_section,
    build_segments,
    build_sentences,
    build_stack,
    build_table,
)
from autodata.ui.runs.money import describe_cost_figure
from autodata.ui.runs.state import RunState
from autodata.ui.shell import Figure
from autodata.ui.text import (
    OUTCOME_WORDS,
    count_of,
    format_duration,
    format_gap,
    format_moment,
    format_share,
)
from autodata.ui.tree import Tree, node

SPEC = "minmax(0, 1.3fr) minmax(0, 1fr)"
"""Columns of the page's body, the same in every row."""

ERROR_WORDS = {
    "rate_limited": "rate limited (429)",
    "server_error": "server error (5xx)",
    "timeout": "timed out",
    "connection": "no connection",
    "bad_body": "unusable reply",
    "auth": "key refused",
    "not_found": "model not found",
    "bad_request": "request refused",
    "malformed": "malformed reply",
    "refused_setting": "setting refused, sent without",
}


def list_figures(detail: RunDetail, progress: pd.DataFrame) -> list[Figure]:
    """Sources, accepted, rounds, calls, tokens, cost, rate; what says something by its course has a sparkline."""
    card = detail.card
    tokens = detail.prompt_tokens + detail.completion_tokens
    baseline = bool(detail.settings.get("baseline"))
    mean = detail.mean_rounds_to_accept
    rounds = f"{mean:.1f} a task, mean" if mean else "none accepted" if card.state == "done" else "none accepted yet"
    if baseline or is_given(detail.recipe):
        rounds = "one a source"
    running = f"over {format_duration(max(1.0, detail.seconds_running))}"
    gap = Figure(
        "Accepted", f"{card.accepted:,}", f"gap {format_gap(card.gap)}" if card.gap is not None else "no gap yet",
        _series(progress, "accepted") if card.accepted else (), reach=38,
    )  # fmt: skip
    if baseline:
        first = next((value for value in card.gap_by_round if value is not None), None)
        gap = Figure("Gap, mean", format_gap(first), "nothing selected")
    return [
        Figure("Sources done", f"{card.sources_done:,}", f"of {card.sources:,}"),
        gap,
        Figure("Rounds", f"{card.rounds:,}", rounds),
        Figure("Calls", f"{card.calls:,}", _describe_calls(detail)),
        Figure("Tokens", format_tokens(tokens), _budget(tokens, detail.budget_tokens)),
        describe_cost_figure(detail),
        Figure("Calls a minute", f"{detail.calls_per_minute:,.0f}", running),
    ]


def build_progress(detail: RunDetail, state: RunState) -> Tree:
    """Sources by how they ended, as one bar with its numbers under it."""
    card = detail.card
    whole = max(1, card.sources)
    baseline = bool(detail.settings.get("baseline"))
    ends = [
        ("accent", card.accepted, "accepted"),
        ("easy", detail.exhausted, _name_exhausted(detail)),
        ("hard", card.undecided, "undecided"),
        ("line2", len(detail.unsuitable), "unsuitable"),
    ]
    label = f"{card.sources_done} of {card.sources} sources done, {card.accepted} accepted"
    legend: list[Tree | None] = [
        node(
            "span",
            "row small",
            node("span", {"style": f"width:10px;height:10px;flex:none;background:var(--ad-{tone})"}),
            f"{count:,} {word}",
        )
        for tone, count, word in ends
        if count or (word == "accepted" and not baseline)
    ]
    waiting = card.sources - card.sources_done - detail.in_flight_sources
    if detail.in_flight_sources:
        words = "in work" if state.moving else "begun, not finished"
        legend.append(node("span", "small muted", f"{detail.in_flight_sources:,} {words}"))
    if waiting > 0:
        legend.append(node("span", "small muted", f"{waiting:,} waiting"))
    if state.moving and detail.seconds_left is not None:
        legend.append(node("span", "small muted push", f"about {format_duration(detail.seconds_left)} left"))
    bar = build_segments([(tone, count / whole) for tone, count, _ in ends], label, height=10)
    return node("div", {"class": "col", "style": "gap:6px"}, bar, node("div", "row wide wrap", *legend))


def build_losses(detail: RunDetail) -> Tree:
    """Why rounds were not accepted."""
    rounds = detail.card.rounds
    failures = [(OUTCOME_WORDS.get(outcome, outcome), n) for outcome, n in detail.failures]
    if detail.settings.get("baseline"):
        note = "nothing is accepted in a baseline"
        return build_section("Rounds by outcome", build_counts(failures, total=rounds), note)
    body = (
        build_counts(failures, total=rounds)
        if failures
        else node("span", "muted", "Every round was accepted." if rounds else "No round has ended yet.")
    )
    return build_section("Rounds not accepted", body, f"{sum(n for _, n in failures):,} of {rounds:,}")


def build_errors(detail: RunDetail) -> Tree:
    """What went wrong on the way to the models."""
    errors = [(ERROR_WORDS.get(kind, kind), n) for kind, n in detail.errors]
    if not errors:
        return build_section("Failed attempts", node("span", "muted", "No attempt has failed."))
    latest = _build_lines([(e.t, _spell_error(e.sentence)) for e in detail.last_errors][:3])
    body = build_stack(build_counts(errors, tone="alarm", width=140), latest, gap=8)
    return build_section("Failed attempts", body, f"of {count_of(detail.card.calls, 'call')}, each tried again")


def build_notices(detail: RunDetail) -> Tree | None:
    """Warnings of the start, skipped files and undecided sources; None when there is nothing to say."""
    parts: list[Tree] = []
    if detail.warnings:
        parts.append(build_section("Warnings", build_sentences(detail.warnings, "flag")))
    skipped = "row not used" if is_given(detail.recipe) else "file skipped"
    for title, plural, rows, note in (
        (skipped, skipped.replace(" ", "s ", 1), detail.skipped, "the rest went on"),
        ("unsuitable source", "", detail.unsuitable, "found so by the extractor; no task was written"),
        ("undecided source", "", detail.undecided, "resume tries them again"),
    ):
        if rows:
            cells: list[list[Tree | None]] = [
                [node("span", {"dir": "auto"}, row.name), node("span", {"class": "muted", "dir": "auto"}, row.reason)]
                for row in rows[:20]
            ]
            more = f", first 20 of {len(rows):,}" if len(rows) > 20 else ""
            name = count_of(len(rows), title, plural)
            table = build_table([Column("Name", width="38%"), Column("Reason")], cells, name)
            parts.append(build_section(name, table, note + more))
    return build_stack(*parts) if parts else None


def build_log(detail: RunDetail, limit: int = 8) -> Tree:
    """The latest events, newest first."""
    newest = sorted(detail.events, key=lambda event: event.t, reverse=True)[:limit]
    if not newest:
        return build_section("What happened", node("span", "muted", "Nothing yet."))
    lines = _build_lines([(event.t, event.sentence) for event in newest], "passages")
    return build_section("What happened", lines, "newest first")


def build_run_row(run_id: str, word: str, note: str, share: float, accepted: str, *, chosen: bool, alarm: bool) -> Tree:
    """One line of the list of runs; a click on it shows the run. A long name is cut, its end is in the title."""
    back = "background:var(--ad-accent-bg);" if chosen else ""
    style = f"{back}padding:7px 10px;border-bottom:1px solid var(--ad-line);cursor:pointer"
    top = node(
        "div", "row", node("b", {"class": "cut", "title": run_id}, run_id),
        node("span", f"small keep {'alarm' if alarm else 'muted'}", word), node("span", "push small keep", accepted),
    )  # fmt: skip
    low = node(
        "div", "row", node("span", {"style": "width:84px;flex:none"}, draw_bar(share, thin=True)),
        node("span", "small muted cut", note),
    )  # fmt: skip
    label = f"Show {run_id}, {word}, {note}"
    attributes = {"class": "hover col", "style": style, "act": run_id, "aria-label": label}
    return node("div", {**attributes, "aria-current": "true"} if chosen else attributes, top, low)


def _build_lines(events: Sequence[tuple[float, str]], noun: str = "times") -> Tree:
    """Time and sentence, one line each; the same sentence twice in a row is one line that says how often."""
    lines: list[Tree] = []
    for sentence, group in groupby(events, key=lambda event: event[1]):
        times = [t for t, _ in group]
        often = node("span", "muted", f", {len(times)} {noun}") if len(times) > 1 else None
        words = node("span", {"class": "cut", "dir": "auto", "title": sentence}, sentence, often)
        grid = {"style": "display:grid;grid-template-columns:auto minmax(0,1fr);gap:12px"}
        lines.append(node("div", grid, node("span", "muted", format_moment(times[0])), words))
    return node("div", {"class": "col", "style": "gap:3px"}, *lines)


def _spell_error(sentence: str) -> str:
    """`weak: server_error 500: …` with the kind in words."""
    for kind, words in ERROR_WORDS.items():
        sentence = sentence.replace(f": {kind}", f": {words.partition(' (')[0]}", 1)
    return sentence


def _series(progress: pd.DataFrame, column: str, points: int = 24) -> tuple[float | None, ...]:
    if column not in progress or len(progress) < 2:
        return ()
    step = max(1, len(progress) // points)
    values = [float(value) for value in progress[column].tolist()]
    return (*values[:-1:step], values[-1])


def _name_exhausted(detail: RunDetail) -> str:
    """Sources that ended without an accepted task; only a loop can be exhausted."""
    if detail.settings.get("baseline"):
        return "measured once"
    return "not accepted" if is_given(detail.recipe) else "exhausted"


def _describe_calls(detail: RunDetail) -> str:
    """The share of the budget, else what a frugal run did without."""
    if not detail.budget_calls and detail.calls_saved:
        return f"{detail.calls_saved:,} saved"
    return _budget(detail.card.calls, detail.budget_calls)


def _budget(used: int, budget: int | None) -> str:
    return f"{format_share(used, budget)} of {format_tokens(budget)}" if budget else "no budget"
