"""What fresh answers to a run's tasks say of them together: how far judges agree (Z6), the bias of the run's judge
(K5), and a peer's lead on one request against all others (K9). Nothing here asks a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from autodata.audit.fresh.peers import FEWEST_TASKS, FLAG_P, pool_leads
from autodata.audit.fresh.rejudge import pool_rejudge, rate_reliability
from autodata.audit.fresh.result import Result
from autodata.audit.run_finding import RunFinding
from autodata.errors import BadInput

_UNREADABLE = (BadInput, KeyError, TypeError, ValueError, AttributeError)
"""What numbers of a check raise that are not what the check writes: a journal may have been edited."""


def study_fresh(results: Iterable[Mapping[str, Result]]) -> list[RunFinding]:
    """Findings on a run from its tasks' checks, each by detector. K5 and K9 are left out where no task had them."""
    found = list(results)
    graded, peers = ([own[name] for own in found if name in own] for name in ("K5", "K9"))
    return [*_study_judges(graded), *_study_peers([result for result in peers if result.coverage == "done"])]


def _study_judges(graded: Sequence[Result]) -> list[RunFinding]:
    if not graded:
        return [RunFinding("Z6", "not_run", "no answer of this run was graded by a second judge")]
    try:
        reliability, offset = rate_reliability(graded), pool_rejudge(graded)
    except _UNREADABLE as error:
        return [RunFinding("Z6", "failed", f"the second judge's grades cannot be read: {error}")]
    found = [_describe_reliability(reliability)]
    if offset is not None:
        words = f"the run's judge gives {offset.offset:+.2f} more gap than a blind one over {offset.tasks} tasks"
        numbers = {"tasks": offset.tasks, "offset": offset.offset, "z": offset.z, "p": offset.p}
        found.append(
            RunFinding("K5", "done", f"{words} (p = {offset.p:.2g})", "flag" if offset.reasons else "", numbers)
        )
    return found


def _describe_reliability(found: Result) -> RunFinding:
    if found.findings:
        first = found.findings[0]
        return RunFinding("Z6", found.coverage, first.sentence, first.severity, found.numbers)
    words = found.missing[0] if found.missing else str(found.numbers.get("note") or "the judges' verdicts agree")
    return RunFinding("Z6", found.coverage, words, numbers=found.numbers)


def _study_peers(done: Sequence[Result]) -> list[RunFinding]:
    """The peer's lead on each request that enough tasks share, against its lead on all others."""
    if not done:
        return []
    leads: dict[str, list[float]] = defaultdict(list)
    try:
        for result in done:
            leads[str(result.numbers.get("wrapper") or "")].append(float(result.numbers["lead"]))
        pooled = pool_leads(leads)
    except _UNREADABLE as error:
        return [RunFinding("K9", "failed", f"the peer's leads cannot be read: {error}")]
    if not pooled:
        words = f"a peer's lead takes {FEWEST_TASKS} tasks with one request and {FEWEST_TASKS} with another"
        return [RunFinding("K9", "not_run", words)]
    findings = []
    for name, lead in pooled.items():
        words = (
            f"on {len(leads[name])} tasks with request {name[:8] or 'none'} the peer of weak leads by {lead.lead:+.2f} "
            f"more than elsewhere (p = {lead.p:.2g})"
        )
        numbers = {"tasks": len(leads[name]), "lead": lead.lead, "z": lead.z, "p": lead.p, "wrapper": name}
        findings.append(RunFinding("K9", "done", words, "flag" if lead.p < FLAG_P else "", numbers))
    return findings
