"""Records of searches for better recipes to rows. Every part of an iteration is a row of its own.

The runs and audits that a search makes lie in a home of its own and are not taken in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodata.index.reader import Line
from autodata.index.staging import Batch, Handler, dump


def add_started(batch: Batch, line: Line) -> None:
    r = line.data
    settings = r.get("settings") or {}
    # Its folder, not what the record says: a copied folder is a search of its own, as everywhere else.
    batch.keyed["optimizations"][batch.name] = (
        batch.run,
        r["seq"],
        r["t"],
        batch.name,
        r.get("mode") or "search",
        settings.get("domain") or "",
        settings.get("policy") or "",
        bool(r.get("simulated")),
        dump(settings),
        dump(r.get("sets") or {}),
        dump(r.get("warnings") or []),
        int(settings.get("iterations") or 0),
        r.get("pid"),
        str(r.get("host") or ""),
    )


def add_resumed(batch: Batch, line: Line) -> None:
    _add_phase(batch, line.data, "running", "", {})


def add_ended(batch: Batch, line: Line) -> None:
    r = line.data
    _add_phase(batch, r, str(r.get("state") or "done"), str(r.get("reason") or ""), r.get("totals") or {})


def add_source(batch: Batch, line: Line) -> None:
    r = line.data
    source = r["source"]
    row = (batch.run, r["seq"], source["id"], source["title"], source.get("document") or "", r["set"])
    batch.keyed["search_sources"][source["id"]] = row


def add_version(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["recipe_versions"][r["version"]] = (
        batch.run,
        r["seq"],
        r["t"],
        r["version"],
        r.get("name") or "",
        r.get("parent"),
        r.get("iteration"),
        r.get("by") or "",
        r.get("note") or "",
        r.get("state") or "testing",
        sum(len(text) for text in r["files"].values()),
        dump(r["files"]),
    )


def add_iteration(batch: Batch, line: Line) -> None:
    r = line.data
    row = (batch.run, r["seq"], r["t"], r["iteration"], r["parent"], dump(r["minibatch"]), dump(r["shown"]))
    batch.keyed["search_iterations"][r["iteration"]] = row


def add_analysis(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["search_analyses"][r["iteration"]] = (
        batch.run,
        r["seq"],
        r["t"],
        r["iteration"],
        r["root_cause"],
        r["suggestion"],
        r.get("file") or "",
        dump(r["citations"]),
        dump(r["trajectories"]),
        r.get("call"),
    )


def add_edit(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["search_edits"][r["iteration"]] = (
        batch.run,
        r["seq"],
        r["t"],
        r["iteration"],
        r.get("summary") or "",
        dump(r["files"]),
        dump(r["refusals"]),
        r.get("child"),
        r.get("call"),
    )


def add_decision(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["search_decisions"][r["iteration"]] = (
        batch.run,
        r["seq"],
        r["t"],
        r["iteration"],
        r["parent"],
        r.get("child"),
        r["state"],
        r.get("reason") or "",
        r.get("evidence") or "",
        dump(r.get("numbers") or {}),
    )


def add_evaluation(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["recipe_evaluations"][r["slot"], r["block"]] = (
        batch.run,
        r["seq"],
        r["t"],
        r["slot"],
        r["block"],
        r["run_id"],
        r["version"],
        r.get("iteration"),
        r["purpose"],
        r["accepted"],
        r["failed"],
        r["undecided"],
        r["calls"],
        dump(r["outcomes"]),
    )


def add_certified(batch: Batch, line: Line) -> None:
    r = line.data
    counts = [r[name] for name in ("population", "real", "not_real", "undecided", "unmeasured")]
    row = (batch.run, r["seq"], r["t"], r["label"], r["version"], *counts, dump(r["tasks"]))
    batch.keyed["recipe_certified"][r["label"]] = row


def add_samples(batch: Batch, line: Line) -> None:
    r = line.data
    for number, task in enumerate(r["tasks"]):
        row = (batch.run, r["seq"], r["iteration"], r["side"], number, r["version"], r["run_id"], dump(task))
        batch.keyed["recipe_samples"][r["iteration"], r["side"], number] = row


def add_alarm(batch: Batch, line: Line) -> None:
    _add_event(batch, line.data, line.data["version"])


def add_confirmation(batch: Batch, line: Line) -> None:
    _add_event(batch, line.data, line.data["second"])


def add_promoted(batch: Batch, line: Line) -> None:
    data = {key: value for key, value in line.data.items() if key != "replaced_files"}
    _add_event(batch, data, data["version"])


def _add_phase(batch: Batch, r: Mapping[str, Any], state: str, reason: str, totals: Mapping[str, Any]) -> None:
    row = (batch.run, r["seq"], r["t"], state, reason, r.get("iterations"), dump(totals), r.get("pid"))
    batch.keyed["search_phases"][r["seq"]] = row


def _add_event(batch: Batch, r: Mapping[str, Any], version: str) -> None:
    envelope = ("seq", "t", "kind", "prev", "sha")
    data = dump({key: value for key, value in r.items() if key not in envelope})
    batch.keyed["recipe_events"][r["seq"]] = (batch.run, r["seq"], r["t"], r["kind"], version, data)


HANDLERS: dict[str, Handler] = {
    "optimization_started": add_started,
    "optimization_resumed": add_resumed,
    "optimization_ended": add_ended,
    "source": add_source,
    "version": add_version,
    "iteration_started": add_iteration,
    "analysis": add_analysis,
    "edit": add_edit,
    "decision": add_decision,
    "evaluation": add_evaluation,
    "certified": add_certified,
    "samples": add_samples,
    "alarm": add_alarm,
    "confirmation": add_confirmation,
    "promoted": add_promoted,
}
