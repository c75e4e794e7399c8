"""Records of audits with model calls to rows: sessions, fresh answers, results of checks."""

from __future__ import annotations

from typing import Any

from autodata.index.reader import Line
from autodata.index.staging import Batch, Handler, dump, task_key
from autodata.model import SOLVERS

_JUDGES = ("judge", "auditor_judge")
_SOLVERS = (*SOLVERS, "peer")

SESSION: dict[str, Any] = {
    "run": 0,
    "seq": 0,
    "audit_id": "",
    "plan": "",
    "tasks": "[]",
    "seats": "{}",
    "simulated": False,
    "started": None,
    "ended": None,
    "last": None,
    "state": "running",
    "reason": "",
    "calls": 0,
    "solver_calls": 0,
    "judge_calls": 0,
    "planned": None,
    "pid": None,
    "host": "",
}
"""A row of `audit_sessions` before anything is known."""


def add_audit_started(batch: Batch, line: Line) -> None:
    r = line.data
    batch.session = {
        **SESSION,
        "run": batch.run,
        "seq": r["seq"],
        "audit_id": str(r["audit_id"]),
        "plan": str(r.get("plan") or ""),
        "tasks": dump(r.get("tasks") or []),
        "seats": dump(r.get("seats") or {}),
        "simulated": bool(r.get("simulated")),
        "started": r["t"],
        "planned": r.get("planned"),
        "pid": r.get("pid"),
        "host": str(r.get("host") or ""),
    }
    _keep_session(batch, line)


def add_audit_resumed(batch: Batch, line: Line) -> None:
    r = line.data
    host = str(r.get("host") or batch.session.get("host") or "")
    batch.session |= {"ended": None, "state": "running", "reason": "", "pid": r.get("pid"), "host": host}
    _keep_session(batch, line)


def add_audit_ended(batch: Batch, line: Line) -> None:
    r = line.data
    batch.session |= {"ended": r["t"], "state": str(r.get("state") or "done"), "reason": str(r.get("reason") or "")}
    _keep_session(batch, line)


def add_call(batch: Batch, line: Line) -> None:
    """Counted in its session; of a reply only the text is kept, for whoever looks at the fresh answer."""
    r = line.data
    role, response = r["role"], r.get("response")
    if batch.session:
        batch.session["calls"] += 1
        batch.session["solver_calls"] += role in _SOLVERS
        batch.session["judge_calls"] += role in _JUDGES
        batch.session["simulated"] |= bool(r.get("simulated"))
    if response and role not in _JUDGES:
        batch.keep_text(response, r.get("response_sha"))
    _keep_session(batch, line)


def add_fresh(batch: Batch, line: Line) -> None:
    r = line.data
    task_id, sha, score = str(r["source"]), r.get("answer_sha") or "", r.get("score") or {}
    key = task_key(task_id)
    batch.keyed["fresh"][task_id, r["arm"], r["solver"], r["index"]] = (
        batch.run,
        r["seq"],
        key,
        task_id,
        r["arm"],
        r["solver"],
        r["index"],
        r.get("status") or "ok",
        r.get("finish_reason") or "",
        sha,
        score.get("value"),
        dump(score),
        dump(r.get("verdicts") or {}),
        r.get("judge") or "",
        r.get("note") or "",
    )
    _keep_session(batch, line)


def add_check(batch: Batch, line: Line) -> None:
    r = line.data
    task_id = str(r["source"])
    batch.keyed["checks"][task_id, r["detector"]] = (
        batch.run,
        r["seq"],
        r["t"],
        task_key(task_id),
        task_id,
        r.get("audit_id") or "",
        r["detector"],
        r["coverage"],
        dump(r.get("numbers") or {}),
        dump(r.get("findings") or []),
        dump(r.get("missing") or []),
    )
    _keep_session(batch, line)


def _keep_session(batch: Batch, line: Line) -> None:
    """The session as it is after this record; an audit that nobody started has none."""
    if batch.session.get("audit_id"):
        batch.session["last"] = line.data["t"]
        batch.keyed["audit_sessions"][batch.session["audit_id"]] = tuple(batch.session[name] for name in SESSION)


HANDLERS: dict[str, Handler] = {
    "audit_started": add_audit_started,
    "audit_resumed": add_audit_resumed,
    "audit_ended": add_audit_ended,
    "call": add_call,
    "fresh": add_fresh,
    "check": add_check,
}
