"""K9: another model of weak's class. Where weak alone does badly, the task may hit a quirk of its family.

Not a test of the order weak ≤ mid ≤ strong, which a third to two thirds of honest tasks break. The residual peer - weak
says little per task, because honest peers differ too; pooled over tasks that share a request it says more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Any

import scipy

from autodata.audit.checking import check_finite
from autodata.audit.difference import measure_difference
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, roll_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.prompts import explain_failure
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.tamper import DEFAULT_SIZE
from autodata.audit.variance import sum_squares
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure
from autodata.llm.seat import request_settings
from autodata.model import Rollout

PEER_SD = 0.12
"""How much honest models of one class differ on a task, beyond the noise of their answers."""

FLAG_P = 0.01
FEWEST_GRADED = 3
FEWEST_TASKS = 5
"""Tasks with one request, and tasks without it, from which the two are compared."""


@dataclass(frozen=True, slots=True)
class PeerLead:
    """How far the peer is ahead of weak: `lead` in [-1, 1] with its z and one-sided p."""

    lead: float
    error: float
    z: float
    p: float


async def check_peers(subject: Subject, context: AuditContext, *, count: int = DEFAULT_SIZE) -> Result:
    """K9 with `count` answers of the peer to the neutral request, against as many of weak.

    `numbers["t"]` is the z of the peer's lead. Missing without a seat for a peer.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K9", "not_recorded", missing=lacking)
    seats = context.loop.settings.seats
    if "peer" not in seats.seats:
        return Result("K9", "not_run", missing=("a seat for a peer of the weak model",))
    try:
        peer = await _roll_peer(subject, context, count)
        weak = await roll_neutral(subject, context, "weak", count)
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K9", "failed", missing=(explain_failure(failure),))
    scores = {"peer": list_scores(peer), "weak": list_scores(weak)}
    for rollouts, own in ((peer, scores["peer"]), (weak, scores["weak"])):
        if len(own) < min(FEWEST_GRADED, count):
            return Result("K9", "failed", missing=(explain_ungraded(rollouts),))
    difference = measure_difference(scores["peer"], scores["weak"], choose_noise(context, "weak", scores["weak"]))
    found = measure_lead(difference.value, difference.variance)
    numbers: dict[str, Any] = {
        "lead": found.lead,
        "error": found.error,
        "t": found.z,
        "p": found.p,
        "scores": {name: list(own) for name, own in scores.items()},
        "model": seats.seat("peer").model,
        "same_family": bool(seats.seat("peer").family) and seats.seat("peer").family == seats.seat("weak").family,
        "differs": _list_differing(context),
    }
    return Result("K9", "done", decide_lead(found, seats.seat("peer").model), numbers)


def measure_lead(lead: float, variance: float) -> PeerLead:
    """z = (peer - weak) / √(variance + 0.12²): honest models of one class differ too."""
    error = sqrt(variance + PEER_SD**2)
    return PeerLead(lead, error, lead / error, float(scipy.special.ndtr(-lead / error)))


def decide_lead(found: PeerLead, model: str) -> tuple[Finding, ...]:
    """A flag where the peer's lead is beyond chance and beyond what honest models differ by, with p < 0.01."""
    if found.p >= FLAG_P:
        return ()
    words = f"{model}, of weak's class, scores {found.lead:.2f} more than weak on the same request (p = {found.p:.3f})"
    return (Finding("K9", "flag", words),)


def pool_leads(leads: Mapping[str, Sequence[float]]) -> dict[str, PeerLead]:
    """Each request's mean lead against the mean lead of all other tasks, by request.

    A peer may simply be the better model; only a request on which it leads by more than elsewhere says something.
    z = (d̄ - d̄_rest) / √(s²/n + s²/m), s² the pooled variance but at least 0.12². Requests with fewer than five tasks,
    or with fewer than five tasks left to compare with, are left out. Raises BadInput for a lead that is not finite.
    """
    found = {}
    for name, own in leads.items():
        rest = [lead for other, values in leads.items() if other != name for lead in values]
        if min(len(own), len(rest)) < FEWEST_TASKS:
            continue
        check_finite(name, (*own, *rest))
        pooled = (sum_squares(own) + sum_squares(rest)) / (len(own) + len(rest) - 2)
        error = sqrt(max(pooled, PEER_SD**2) * (1 / len(own) + 1 / len(rest)))
        lead = fmean(own) - fmean(rest)
        found[name] = PeerLead(lead, error, lead / error, float(scipy.special.ndtr(-lead / error)))
    return found


async def _roll_peer(subject: Subject, context: AuditContext, count: int) -> tuple[Rollout, ...]:
    settings, task = context.loop.settings, subject.records.task

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "neutral", index)
        return build_neutral_body(settings.seats.seat("peer"), task, index=index, seed=seed)

    return await roll_fresh(
        subject, context, "weak", "peer", body_of=build, count=count, role="peer", template_sha=NEUTRAL_SHA
    )


def _list_differing(context: AuditContext) -> list[str]:
    """Settings in which the peer's requests differ from weak's: they may explain a lead."""
    seats = context.loop.settings.seats
    peer, weak = request_settings(seats.seat("peer")), request_settings(seats.seat("weak"))
    return sorted(key for key in peer.keys() | weak.keys() if peer.get(key) != weak.get(key))
