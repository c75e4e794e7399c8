"""Records about a run and its sources to rows, and the calls made for them."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from autodata.canon import to_canonical_json
from autodata.index.reader import Line
from autodata.index.staging import Batch, Handler, dump, task_key


def add_run_started(batch: Batch, line: Line) -> None:
    r = line.data
    settings, policy, recipe = r.get("settings") or {}, r.get("policy") or {}, r.get("recipe") or {}
    book = settings.get("seats") or {}
    models = {role: seat.get("model", "") for role, seat in (book.get("seats") or {}).items()}
    batch.allowed = set((book.get("contract") or {}).get("allowed") or ())
    imported = r.get("imported")
    batch.state.update(
        domain=str(settings.get("domain", "")),
        policy_name=str(policy.get("name") or ("not recorded" if imported else "")),
        policy=dump(policy),
        settings=dump(settings),
        recipe=dump(recipe),
        recipe_name=str(recipe.get("name", "")),
        recipe_sha=str(recipe.get("sha", "")),
        software=str(r.get("software", "")),
        warnings=dump(r.get("warnings") or []),
        models=dump(models or r.get("models") or {}),
        simulated=bool(r.get("simulated")),
        imported=dump(imported) if imported else "",
        baseline=bool(settings.get("baseline")),
        host=str(r.get("host", "")),
        pid=r.get("pid"),
        started=r["t"],
        session=r["t"],
        ended=None,
        active_s=0.0,
        last=r["t"],
        state="running",
        reason="",
    )


def add_run_resumed(batch: Batch, line: Line) -> None:
    r, state = line.data, batch.state
    if state.get("ended") is None and state.get("last") is not None:
        state["active_s"] += state["last"] - state["session"]
    state.update(pid=r.get("pid"), host=str(r.get("host", "")), session=r["t"], ended=None, state="running", reason="")
    if terms := _read_terms(r):
        state["settings"] = dump({**orjson.loads(state.get("settings") or "{}"), **terms})


def add_run_ended(batch: Batch, line: Line) -> None:
    r, state = line.data, batch.state
    if state.get("ended") is None and state.get("session") is not None:
        state["active_s"] += r["t"] - state["session"]
    state.update(ended=r["t"], state=str(r.get("state", "done")), reason=str(r.get("reason") or ""))


def add_source(batch: Batch, line: Line) -> None:
    r, s = line.data, line.data["source"]
    sha = batch.keep_text(s.get("text") or "", None)
    batch.keyed["sources"][s["id"]] = (
        batch.run,
        r["seq"],
        s["id"],
        s.get("title") or "",
        s.get("document") or "",
        s.get("passage") or 1,
        s.get("passages") or 1,
        dump(s.get("metadata") or {}),
        sha,
    )
    edit = (s.get("metadata") or {}).get("edit")
    # A document of somebody else may carry metadata of this name, too.
    if isinstance(edit, dict) and isinstance(edit.get("edit_id"), str) and isinstance(edit.get("task_id"), str):
        batch.keyed["trials"][s["id"]] = (batch.run, r["seq"], s["id"], edit["edit_id"], task_key(edit["task_id"]))


def add_source_skipped(batch: Batch, line: Line) -> None:
    r = line.data
    batch.skipped.append((batch.run, r["seq"], str(r["name"]), str(r["reason"])))


def add_call(batch: Batch, line: Line) -> None:
    r = line.data
    role, request, response = r["role"], r.get("request"), r.get("response")
    if r.get("simulated"):  # also a simulated model behind a plain address, which the start could not know
        batch.state["simulated"] = True
    core = bare = None
    if role in ("weak", "strong"):
        # An import that knows only a part of what was sent cannot say that two requests are the same.
        if request and r.get("request_complete") is not False:
            core, bare = _hash_request(batch, request)
        if response:
            batch.keep_text(response, r.get("response_sha"))
    usage, error = r.get("usage") or {}, r.get("error") or {}
    batch.state["calls"] += 1
    batch.state["prompt_tokens"] += usage.get("prompt_tokens") or 0
    batch.state["completion_tokens"] += usage.get("completion_tokens") or 0
    start, end = r.get("t_start"), r.get("t_end")
    batch.calls.append(
        (
            batch.run,
            r["seq"],
            r["t"],
            r.get("source"),
            r.get("round"),
            role,
            r.get("purpose"),
            r.get("subject"),
            r.get("model_returned") or r.get("model_requested"),
            r.get("finish_reason"),
            usage.get("prompt_tokens"),
            usage.get("completion_tokens"),
            usage.get("reasoning_tokens"),
            error.get("kind"),
            error.get("status"),
            error.get("message"),
            end - start if start is not None and end is not None else None,
            core,
            bare,
            line.start,
            line.length,
            r.get("ask"),
            usage.get("cached_tokens"),
            bool(r.get("simulated")),
            r.get("server"),
        )
    )


def add_extract(batch: Batch, line: Line) -> None:
    r, e = line.data, line.data["extract"]
    batch.keyed["extracts"][r["source"]] = (
        batch.run,
        r["seq"],
        r["source"],
        bool(e.get("suitable", True)),
        e.get("note") or "",
        e.get("document_type") or "",
        dump(e.get("topic_keywords") or []),
        dump({name: e.get(name) for name in ("issues", "facts", "holdings")}),
    )


def add_source_done(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["results"][r["source"]] = (
        batch.run,
        r["seq"],
        r["t"],
        r["source"],
        r["outcome"],
        r.get("accepted_round"),
        r.get("task_id"),
        r.get("rounds") or 0,
        r.get("reason") or "",
    )


def _hash_request(batch: Batch, request: dict[str, Any]) -> tuple[int, int]:
    rest = {key: value for key, value in request.items() if key not in ("model", "seed")}
    core = _hash64(rest)
    if not batch.allowed:
        return core, core
    return core, _hash64({key: value for key, value in rest.items() if key not in batch.allowed})


def _read_terms(r: dict[str, Any]) -> dict[str, Any]:
    """What a run was given anew when it was resumed, by the names it has in the settings."""
    terms: dict[str, Any] = {}
    if budget := r.get("budget"):
        terms |= {
            "budget_calls": budget.get("max_calls"),
            "budget_tokens": budget.get("max_tokens"),
            "budget_cost": budget.get("max_cost"),
        }
    if rule := r.get("stop_rule"):
        terms |= {"stop_acceptance_below": rule.get("below"), "stop_after_sources": rule.get("after")}
    if prices := r.get("prices"):
        terms["prices"] = prices
    return terms


def _hash64(value: Any) -> int:
    return int.from_bytes(hashlib.sha256(to_canonical_json(value)).digest()[:8], "big")


HANDLERS: dict[str, Handler] = {
    "run_started": add_run_started,
    "run_resumed": add_run_resumed,
    "run_ended": add_run_ended,
    "source": add_source,
    "source_skipped": add_source_skipped,
    "call": add_call,
    "extract": add_extract,
    "source_done": add_source_done,
}
