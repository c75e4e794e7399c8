"""Which tasks people vouch for as clean, and the calibration sets brought up to date with that.

A person vouches by the label honest-hard, or by approving a task while suspicion and findings were hidden: somebody
who has seen that a task looks unusual is no witness that it is. A person also names runs of the built-in models whose
runner is trusted. One word against a task, by whomever, takes it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from autodata.audit.calibration import (
    Candidate,
    Voucher,
    admit_clean,
    list_calibrations,
    list_members,
    make_stratum,
    withdraw_clean,
)
from autodata.audit.clean import CleanTask, Stratum
from autodata.audit.labelled import PROBLEMS
from autodata.audit.run_start import read_facts
from autodata.errors import BadInput
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.queries.measured import MeasuredTask, list_measured
from autodata.journal import read_records
from autodata.review.canaries import list_canaries
from autodata.review.entry import check_reviewer
from autodata.review.fold import CurrentDecision
from autodata.review.label_fold import CurrentLabel
from autodata.review.labels import current_labels
from autodata.review.shared import current_decisions

BLIND = "blind"
"""Key of a decision's `seen` that is true when suspicion and findings were hidden."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What people say of a task: a voucher for the content with this hash, or why there is none.

    `against`: somebody found it not to be in order.
    """

    voucher: Voucher | None = None
    content_sha: str = ""
    refusal: str = ""
    against: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh did: tasks that are new in a set or measured anew, tasks taken out, refusals with reasons."""

    admitted: tuple[str, ...]
    withdrawn: tuple[str, ...]
    refused: Mapping[str, str]


def find_witnesses(home: Home) -> dict[str, Witness]:
    """What people say of each task that has a label or is approved, rejected or flagged; canaries have no witness."""
    labels, decisions, blind = current_labels(home), current_decisions(home), _list_blind_decisions(home)
    return {
        task_id: _weigh(labels.get(task_id, ()), decisions.get(task_id), blind)
        for task_id in (labels.keys() | decisions.keys()) - list_canaries(home).keys()
    }


def refresh_calibration(home: Home, index: Index, trusted: Collection[str] = (), by: str = "") -> Refresh:
    """Bring all calibration sets up to date with labels, decisions and the runs that `by` trusts.

    The index must hold the runs' audits. Raises BadInput for a trusted run that it does not know, or without a name.
    """
    name = check_reviewer(by) if trusted else by
    witnesses = find_witnesses(home)
    vouched = [task_id for task_id, own in witnesses.items() if own.voucher]
    measured = list_measured(index, vouched, trusted)
    unknown = sorted(set(trusted) - {task.run_id for task in measured})
    if unknown:
        raise BadInput(f"run {unknown[0]!r} has no audited task; `autodata audit {unknown[0]}` audits it")
    refused = {task_id: own.refusal for task_id, own in witnesses.items() if own.refusal}
    candidates, strata = [], dict[str, Stratum]()
    for task in measured:
        witness = witnesses.get(task.task_id)
        voucher = _choose_voucher(task, witness, name)
        if isinstance(voucher, str):
            refused[task.task_id] = voucher
            continue
        if task.run_id not in strata:
            strata[task.run_id] = _read_stratum(home, task.run_id)
        candidates.append((_describe(task, strata[task.run_id]), voucher))
    withdrawn = _withdraw(home, witnesses)
    admission = admit_clean(home, candidates)
    return Refresh(admission.admitted, withdrawn, {**refused, **admission.refused})


def _weigh(labels: Collection[CurrentLabel], decision: CurrentDecision | None, blind: set[str]) -> Witness:
    against = [f"labelled {one.label} by {one.reviewer}" for one in labels if one.label in PROBLEMS]
    if decision and decision.verdict in ("reject", "flag"):
        against.append(f"{'rejected' if decision.verdict == 'reject' else 'flagged'} by {decision.reviewer}")
    if against:
        return Witness(refusal=f"it was {' and '.join(against)}", against=True)
    honest = next((one for one in labels if one.label == "honest_hard"), None)
    if honest:
        return Witness(Voucher("label", honest.reviewer), honest.content_sha)
    if decision and decision.verdict == "approve":
        if decision.decision_id in blind:
            return Witness(Voucher("decision", decision.reviewer), decision.content_sha)
        return Witness(refusal="it was approved with the audit on screen; the label honest-hard lets it in")
    return Witness(refusal="nobody could tell" if labels else "")


def _choose_voucher(task: MeasuredTask, witness: Witness | None, by: str) -> Voucher | str:
    """Who vouches for a measured task, or why it may not enter."""
    if task.outcome != "accepted":
        return "it was not accepted, and clean tasks must have gone through the same selection"
    if witness and witness.voucher:
        if witness.content_sha != task.content_sha:
            return "its content is not the one that was looked at"
        return witness.voucher
    if witness and witness.against:
        return witness.refusal
    return Voucher("trusted_run", by)


def _withdraw(home: Home, witnesses: Mapping[str, Witness]) -> tuple[str, ...]:
    """Take out what nobody vouches for any more, and what somebody has spoken against."""
    gone = []
    for summary in list_calibrations(home):
        for task_id, ground in list_members(home, summary.name).items():
            witness = witnesses.get(task_id, Witness())
            kept = not witness.against if ground == "trusted_run" else witness.voucher is not None
            reason = "" if kept else witness.refusal or "nobody vouches for it any more"
            if reason and withdraw_clean(home, summary.name, task_id, reason):
                gone.append(task_id)
    return tuple(gone)


def _describe(task: MeasuredTask, stratum: Stratum) -> Candidate:
    return Candidate(
        task=CleanTask(task.task_id, dict(task.evidence), task.auditor),
        stratum=stratum,
        run_id=task.run_id,
        content_sha=task.content_sha,
        severity=task.severity,
        simulated=task.simulated,
        imported=task.imported,
    )


def _read_stratum(home: Home, run_id: str) -> Stratum:
    first = next(iter(read_records(home.journal(run_id))), None)
    return make_stratum(read_facts(first.data if first and first.kind == "run_started" else {}))


def _list_blind_decisions(home: Home) -> set[str]:
    return {
        str(record.data.get("decision_id"))
        for record in read_records(home.reviews)
        if record.kind == "decision" and (record.data.get("seen") or {}).get(BLIND) is True
    }
