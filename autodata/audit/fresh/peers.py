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
from autodata.audit.fresh.arms import roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, roll_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.prompts import explain_failure
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.stepwise import compare_step_by_step
from autodata.audit.fresh.wrapper import find_wrappers, name_wrappers
from autodata.audit.variance import sum_squares
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure
from autodata.llm.seat import request_settings
from autodata.model import Rollout

PEER_SD = 0.12
"""How much honest models of one class differ on a task, beyond the noise of their answers."""

FLAG_P = 0.01
FEWEST_TASKS = 5
"""Tasks with one request, and tasks without it, from which the two are compared."""


@dataclass(frozen=True, slots=True)
class PeerLead:
    """How far the peer is ahead of weak: `lead` in [-1, 1] with its z and one-sided p."""

    lead: float
    error: float
    z: float
    p: float


async def check_peers(subject: Subject, context: AuditContext) -> Result:
    """K9: answers of the peer to the neutral request against those of weak, three a side and five where it leads.

    `numbers["t"]` is the z of the peer's lead. Not run without a seat for a peer; failed when a side has fewer than two
    graded answers.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K9", "not_recorded", missing=lacking)
    seats = context.loop.settings.seats
    if "peer" not in seats.seats:
        return Result("K9", "not_run", missing=("a seat for a peer of the weak model",))
    try:
        compared = await compare_step_by_step(
            lambda count, first: _roll_peer(subject, context, count, first),
            lambda count, first: roll_neutral(subject, context, "weak", count, first=first),
            lambda scores: choose_noise(context, "weak", scores),
        )
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K9", "failed", missing=(explain_failure(failure),))
    if compared.difference is None:
        return Result("K9", "failed", missing=compared.missing)
    found = measure_lead(compared.difference.value, compared.difference.variance)
    numbers: dict[str, Any] = {
        "lead": found.lead,
        "error": found.error,
        "t": found.z,
        "p": found.p,
        "left_out": compared.left_out,
        "scores": dict(zip(("peer", "weak"), map(list, compared.scores), strict=True)),
        "wrapper": name_wrappers(find_wrappers(subject.records, "weak")),
        "model": seats.seat("peer").model,
        "same_family": bool(seats.seat("peer").family) and seats.seat("peer").family == seats.seat("weak").family,
        "differs": _list_differing(context),
    }
    return Result("K9", "done", decide_lead(found, seats.seat("peer").model, compared.left_out), numbers)


def measure_lead(lead: float, variance: float) -> PeerLead:
    """z = (peer - weak) / √(variance + 0.12²): honest models of one class differ too."""
    error = sqrt(variance + PEER_SD**2)
    return PeerLead(lead, error, lead / error, float(scipy.special.ndtr(-lead / error)))


def decide_lead(found: PeerLead, model: str, left_out: str = "") -> tuple[Finding, ...]:
    """A flag where the peer's lead is beyond chance and beyond what honest models differ by, with p < 0.01."""
    if found.p >= FLAG_P:
        return ()
    words = (
        f"{model}, of weak's class, scores {found.lead:.2f} more than weak on the same request "
        f"(p = {found.p:.3f}{left_out})"
    )
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


async def _roll_peer(subject: Subject, context: AuditContext, count: int, first: int) -> tuple[Rollout, ...]:
    settings, task = context.loop.settings, subject.records.task

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "neutral", index)
        return build_neutral_body(settings.seats.seat("peer"), task, index=index, seed=seed)

    return await roll_fresh(
        subject,
        context,
        "weak",
        "peer",
        body_of=build,
        count=count,
        first=first,
        role="peer",
        template_sha=NEUTRAL_SHA,
    )


def _list_differing(context: AuditContext) -> list[str]:
    """Settings in which the peer's requests differ from weak's: they may explain a lead."""
    seats = context.loop.settings.seats
    peer, weak = request_settings(seats.seat("peer")), request_settings(seats.seat("weak"))
    return sorted(key for key in peer.keys() | weak.keys() if peer.get(key) != weak.get(key))
