"""Runs as the command line shows them."""

from __future__ import annotations

from typing import Any

from autodata import runs
from autodata.cli.output import format_gap, format_score, print_json, print_table, say
from autodata.home import Home
from autodata.prices import describe_cost, format_tokens
from autodata.summary import RunSummary, summarise_run


def print_summary(place: Home, summary: RunSummary, *, json: bool, quiet: bool) -> None:
    """The table of accepted tasks, what rounds came to, how the run stands; with `json` the figures last."""
    figures = summary.figures
    if not quiet:
        rows = [
            [
                task.task_id,
                task.title,
                task.question,
                format_score(task.weak),
                format_score(task.strong),
                format_gap(task.gap),
                task.round,
            ]
            for task in sorted(summary.accepted, key=lambda task: -task.gap)
        ]
        label = " (simulated)" if figures["simulated"] else ""
        print_table(
            f"{figures['run_id']}{label}: {figures['accepted']} accepted of {figures['sources']} sources",
            ["Task", "Source", "Question", "Weak", "Strong", "Gap", "Round"],
            rows,
            numbers={"Weak", "Strong", "Gap", "Round"},
            cut={"Source": 1, "Question": 2},
        )
        outcomes = ", ".join(
            f"{count} {name.replace('_', ' ')}"
            for name, count in sorted(figures["outcomes"].items(), key=lambda i: -i[1])
        )
        if figures["unsuitable"]:
            noun = "source was" if figures["unsuitable"] == 1 else "sources were"
            say(f"{figures['unsuitable']:,} {noun} skipped: the extractor found no task in it.")
        saved = f", {figures['calls_saved']:,} saved by frugal rollouts" if figures["calls_saved"] else ""
        say(f"{figures['rounds']} rounds: {outcomes or 'none yet'}. {figures['calls']:,} calls{saved}.")
        _print_costs(summary)
        for warning in summary.warnings:
            say(f"early warning: {warning.sentence}", "yellow")
        if figures["simulated"]:
            say("Simulated: these scores come from the built-in models, not from real ones.")
    state = _find_state(place, figures)
    if state in ("paused", "stopped", "failed"):
        reason = f": {summary.reason}" if summary.reason else " (its process ended)"
        sentence = f"{figures['run_id']} {state}{reason.rstrip('.')}. `autodata resume {figures['run_id']}` goes on."
        say(sentence)
    if json:
        print_json({**figures, "state": state, "reason": summary.reason})


def print_runs(place: Home, json: bool) -> None:
    """All runs of a home, one line each."""
    figures = [summarise_run(place.journal(run_id), run_id).figures for run_id in runs.list_run_ids(place)]
    figures = [{**one, "state": _find_state(place, one)} for one in figures]
    if json:
        print_json({"runs": figures})
        return
    if not figures:
        say("No run yet. `autodata run samples/` starts one with the simulated models.")
    rows = [
        [f["run_id"], f["state"], f["sources"], f["accepted"], f["rounds"], f["calls"], format_gap(f["accepted_gap"])]
        for f in figures
    ]
    if rows:
        print_table(
            "",
            ["Run", "State", "Sources", "Accepted", "Rounds", "Calls", "Accepted gap"],
            rows,
            numbers={"Sources", "Accepted", "Rounds", "Calls", "Accepted gap"},
        )


def _print_costs(summary: RunSummary) -> None:
    """Tokens and cost of every seat, then of the run and of an accepted task."""
    costs = summary.costs
    if not costs.seats:
        return
    rows = [
        [
            seat.role,
            seat.model,
            f"{seat.use.calls:,}",
            format_tokens(seat.use.prompt_tokens),
            format_tokens(seat.use.completion_tokens),
            describe_cost(seat.cost, costs.currency),
        ]
        for seat in costs.seats
    ]
    columns = ["Seat", "Model", "Calls", "Tokens in", "Tokens out", "Cost"]
    print_table("", columns, rows, numbers={"Calls", "Tokens in", "Tokens out", "Cost"})
    each = costs.describe_per_accepted()
    say(f"Cost: {costs.describe_total()}{f', {each} per accepted task' if each else ''}.")


def _find_state(place: Home, figures: dict[str, Any]) -> str:
    """The journal's word, but for what it cannot know: whether somebody works on the run, or was killed doing so."""
    if runs.is_alive(place, figures["run_id"]):
        return "running"
    return "stopped" if figures["state"] == "running" else str(figures["state"])
