"""Where an audit with model calls stands, in one word, and what can be done about it: record, process and request."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.queries.audit_runs import AuditSession

PROCESS_ENDED = "its process ended without a word; nothing recorded is lost, and Resume goes on without repeating calls"


@dataclass(frozen=True, slots=True)
class AuditState:
    """An audit's standing. `word` is what is shown, "" for none; `moving`: look again in a second."""

    word: str
    reason: str = ""
    moving: bool = False
    can_pause: bool = False
    can_resume: bool = False
    alarm: bool = False


NO_AUDIT = AuditState("")


def judge_audit(session: AuditSession | None, *, alive: bool, request: str = "", starting: bool = False) -> AuditState:
    """Combine what the audit's journal says with whether a process works on it.

    `session` is the run's latest; `request` is what the control file asks for ("" for nothing); `starting`: a process
    was launched a moment ago and has recorded nothing since.
    """
    if alive:
        if request in ("pause", "stop"):
            word = "pausing" if request == "pause" else "stopping"
            return AuditState(word, "the calls in flight are being finished", moving=True)
        return AuditState("running", moving=True, can_pause=True)
    if starting:
        return AuditState("starting", "its process was launched a moment ago", moving=True)
    if session is None:
        return NO_AUDIT
    if session.state == "running":
        return AuditState("stopped", PROCESS_ENDED, can_resume=True)
    if session.state == "failed":
        return AuditState("failed", session.reason, can_resume=True, alarm=True)
    if session.state in ("paused", "stopped"):
        return AuditState(session.state, session.reason.removeprefix(f"{session.state}; "), can_resume=True)
    return AuditState("done", session.reason)


def write_progress(run_id: str, session: AuditSession | None, state: AuditState) -> str:
    """The strip's sentence: which run, what state, how many calls of how many expected ones."""
    word = {"failed": "has failed", "done": "is done"}.get(state.word, f"is {state.word}")
    head = f"The audit of {run_id} {word}"
    if session is None or state.word == "starting":
        return head
    planned = f" of about {session.planned:,.0f}" if session.planned and state.word != "done" else ""
    kinds = f"{session.solver_calls:,} by solvers, {session.judge_calls:,} by judges"
    return f"{head}: {session.calls:,}{planned} calls, {kinds}"


def measure_progress(session: AuditSession | None) -> float:
    """The share of the expected calls that were made, in [0, 1]."""
    if session is None or not session.planned:
        return 0.0
    return min(1.0, session.calls / session.planned)
