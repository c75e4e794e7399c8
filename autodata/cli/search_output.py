"""How a search and its versions are printed."""

from __future__ import annotations

from typing import Any

from autodata.cli.output import print_table, say


def print_search(figures: dict[str, Any]) -> None:
    """A search or a test: its state, its best version beside the first, the confirmation, refusals."""
    label = " (simulated)" if figures["simulated"] else ""
    ends = ", ".join(f"{count} {state}" for state, count in sorted(figures["ended"].items())) or "none ended"
    say(f"{figures['name']}{label}: {figures['state']}{'. ' + figures['reason'] if figures['reason'] else ''}")
    if figures["mode"] == "search":
        say(f"iterations: {ends} of {figures['iterations']}; {figures['calls']:,} calls")
    for warning in figures["warnings"]:
        say(f"warning: {warning}", "yellow")
    rows = [row_of("first", figures["baseline"])]
    if figures["winner"]:
        rows.append(row_of("best kept", figures["winner"]))
    if figures["mode"] == "search":
        print_table("", ["", "Version", "Selected by", "Measured again", "Third set", "Certified"], rows)
    if figures["confirmation"]:
        say(describe_confirmation(figures["confirmation"]))
    for code, count in figures["refusals"].items():
        say(f"refused {count} {'edit' if count == 1 else 'edits'}: {code}", "yellow")
    if figures["alarm"]:
        say(figures["alarm"], "red")


def row_of(label: str, version: dict[str, Any]) -> list[str]:
    """One version's cells: hash, shares with intervals, certified share."""
    certified = version["certified"]
    return [
        label,
        version["version"][:8],
        show_share(version["selected"]),
        show_share(version["remeasured"]),
        show_share(version["third"]),
        f"{certified['real']} of {certified['measured']}" if certified["measured"] else "–",
    ]


def show_share(counts: dict[str, Any]) -> str:
    """`43 % (31–56, 26 of 60)`, or an en dash where nothing was measured."""
    if counts["share"] is None:
        return "–"
    low, high = 100 * counts["low"], 100 * counts["high"]
    return f"{100 * counts['share']:.0f} % ({low:.0f}–{high:.0f}, {counts['accepted']} of {counts['of']})"


def describe_confirmation(data: dict[str, Any]) -> str:
    """Paired outcomes of two recipes in one sentence."""
    where = "on the third set" if data["purpose"] == "third" else "on the same sources"
    difference = 100 * (data["second_rate"] - data["first_rate"])
    return (
        f"{where}: {data['first'][:8]} {100 * data['first_rate']:.0f} %, {data['second'][:8]} "
        f"{100 * data['second_rate']:.0f} % of {data['pairs']} pairs, a difference of {difference:+.0f} points (90 % "
        f"interval {100 * data['lower']:+.0f} to {100 * data['upper']:+.0f}); chance of such a lead without any effect "
        f"{data['p']:.3f}"
    )
