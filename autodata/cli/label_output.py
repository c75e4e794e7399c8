"""What labels say of the audit, on the terminal and as JSON."""

from __future__ import annotations

from typing import Any

from autodata.audit.labelled import LabelReport
from autodata.cli.output import print_table, say

SHOWN = 20
"""Disputed tasks on the terminal; all of them are in the JSON."""


def describe_labels(report: LabelReport) -> dict[str, Any]:
    """The report as plain values."""
    misses, agreement = report.misses, report.agreement
    return {
        "labels": report.labels,
        "tasks": report.tasks,
        "blind": report.blind,
        "counts": dict(report.counts),
        "disputed": list(report.disputed),
        "precision": {
            name: {
                "mean": found.mean,
                "low": found.low,
                "high": found.high,
                "confirmed": found.confirmed,
                "refuted": found.refuted,
                "retire": found.retire,
            }
            for name, found in report.precision.items()
        },
        "missed": {
            "share": misses.rate.estimate,
            "low": misses.rate.low,
            "high": misses.rate.high,
            "bound": misses.bound,
            "reviewed": misses.reviewed,
            "misses": misses.misses,
            "note": misses.rate.note,
        },
        "agreement": {
            "alpha": agreement.alpha,
            "low": agreement.low,
            "high": agreement.high,
            "tasks": agreement.units,
            "reliable": report.reliable,
            "note": agreement.note,
        },
    }


def print_labels(report: LabelReport, cleared: int, drawn: int) -> None:
    """The table on stdout, then the sentences on stderr. Of `cleared` tasks `drawn` are for a random look."""
    if report.precision:
        rows = [
            [
                name,
                f"{found.mean:.2f}",
                f"{found.low:.2f} to {found.high:.2f}",
                found.confirmed,
                found.refuted,
                "retire" if found.retire else "",
            ]
            for name, found in report.precision.items()
        ]
        columns = ["Detector", "Precision", "90 % interval", "Confirmed", "Refuted", ""]
        print_table("", columns, rows, numbers={"Precision", "Confirmed", "Refuted"})
    counts = ", ".join(f"{count:,} {name.replace('_', '-')}" for name, count in report.counts.items() if count)
    say(f"{report.labels:,} labels on {report.tasks:,} tasks ({counts or 'none'}), {report.blind:,} given blind.")
    misses = report.misses
    if misses.rate.estimate is None:
        say(f"Missed: unknown. {drawn:,} of {cleared:,} cleared tasks are drawn for a random look, none has a label.")
    else:
        say(
            f"Missed: {misses.rate.estimate:.1%} of {cleared:,} cleared tasks (95 % interval {misses.rate.low:.1%} to "
            f"{misses.rate.high:.1%}); {misses.misses} of {misses.reviewed} looked at, so at most {misses.bound:.1%}."
        )
    agreement = report.agreement
    if agreement.alpha is None:
        say(f"Agreement: unknown ({agreement.note}). Two reviewers should label one task in five.", "yellow")
    else:
        enough = "" if report.reliable else ", below 0.667: do not rest anything on these labels"
        style = None if report.reliable else "yellow"
        say(f"Agreement: alpha {agreement.alpha:.2f} on {agreement.units:,} tasks labelled twice{enough}.", style)
    if report.disputed:
        say(f"Disputed, and counted for no detector: {', '.join(report.disputed[:SHOWN])}.")
