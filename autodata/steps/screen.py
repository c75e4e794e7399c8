"""Screening: several challengers write at once, weak candidates are dropped, and the best goes on (paper Sec 3.3).

Checks in code come first, then one look of the screener at what is left. A promising candidate that was not the best
is tried in the next round, before anybody writes anew. Everything is in the journal: candidates, ranks and reasons.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from typing import Any

from autodata.agents import screener
from autodata.agents.candidates import check_candidate, find_similar
from autodata.agents.challenger import Draft
from autodata.asking import ask_until_read
from autodata.canon import derive_seed
from autodata.recorder import CallKey
from autodata.steps.work import SourceWork
from autodata.steps.write import Written, ask_challenger, commit_task, write_task


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate and what became of it. `rank` is its place among those kept, 1 is best; None when dropped."""

    id: str
    angle: str
    draft: Draft | None
    rank: int | None = None
    reason: str = ""
    by: str = ""


async def choose_candidate(work: SourceWork, number: int) -> Written:
    """The round's task: the next promising candidate of an earlier round, else the best of a new batch.

    Raises MalformedReply when the screener never gave a readable ranking. A baseline is one shot: nobody screens.
    """
    if work.context.settings.baseline:
        return await write_task(work, number)
    if work.waiting:
        return commit_task(work, number, work.waiting.pop(0))
    candidates = _drop_weak(await _write_candidates(work, number), work)
    left = [one for one in candidates if one.draft and not one.reason]
    call: int | None = None
    if left:
        ranking, call = await _ask_screener(work, number, left)
        candidates = _rank(candidates, ranking)
    identity = (work.source.id, number)
    data = {"source": work.source.id, "round": number, "candidates": [asdict(one) for one in candidates], "call": call}
    work.context.recorder.commit("screen", identity, data)
    kept = sorted((one for one in candidates if one.rank), key=lambda one: one.rank or 0)
    if not kept:
        reasons = "; ".join(f"{one.id}: {one.reason}" for one in candidates)
        return Written(None, f"no candidate was worth trying: {reasons}")
    drafts = [one.draft for one in kept if one.draft]
    work.waiting = drafts[1:]
    return commit_task(work, number, drafts[0])


async def _write_candidates(work: SourceWork, number: int) -> list[Candidate]:
    limits = work.context.recipe.limits
    count, angles = limits.flow.candidates, limits.angles or ("",)
    chosen = [angles[((number - 1) * count + index) % len(angles)] for index in range(count)]
    replies = await asyncio.gather(
        *(ask_challenger(work, number, index, angle) for index, angle in enumerate(chosen)), return_exceptions=True
    )
    drafts = []
    for reply in replies:
        if isinstance(reply, BaseException):
            raise reply  # only now, so that the others were waited for and are recorded
        drafts.append(reply)
    return [
        Candidate(f"k{index}", angle, None, reason=draft, by="checks")
        if isinstance(draft, str)
        else Candidate(f"k{index}", angle, draft)
        for index, (angle, draft) in enumerate(zip(chosen, drafts, strict=True), start=1)
    ]


def _drop_weak(candidates: list[Candidate], work: SourceWork) -> list[Candidate]:
    """Candidates with the reason why code drops them, if it does: no verifiable task, or nearly one seen before."""
    verifiable = work.context.recipe.limits.flow.grading == "answer"
    earlier = {failure.question: f"round {failure.round}" for failure in work.failures if failure.question}
    checked = []
    for one in candidates:
        draft = one.draft
        reasons = check_candidate(draft) if draft and verifiable else []
        if draft and (same := find_similar(draft.question, earlier)):
            reasons.append(f"nearly the question of {earlier[same]}")
        if draft and not reasons:
            earlier[draft.question] = f"candidate {one.id}"
        checked.append(replace(one, reason="; ".join(reasons), by="checks") if reasons else one)
    return checked


def _rank(candidates: list[Candidate], ranking: tuple[screener.Screened, ...]) -> list[Candidate]:
    said = {one.id: one for one in ranking}
    ranks = {name: rank for rank, name in enumerate((one.id for one in ranking if one.keep), start=1)}
    return [
        replace(one, rank=ranks.get(one.id), reason=said[one.id].reason, by="screener") if one.id in said else one
        for one in candidates
    ]


async def _ask_screener(
    work: SourceWork, number: int, candidates: list[Candidate]
) -> tuple[tuple[screener.Screened, ...], int]:
    context, source = work.context, work.source
    settings, nonce = context.settings, work.nonce(number, "verifier")
    drafts = {one.id: one.draft for one in candidates if one.draft}

    def build(ask: int) -> dict[str, Any]:
        return screener.build_screener_body(
            settings.seats.seat("verifier"),
            context.recipe,
            source,
            drafts,
            seed=derive_seed(settings.seed, source.id, number, "screen", ask),
            nonce=nonce,
        )

    key = CallKey(source.id, number, "verifier", purpose="screen")
    return await ask_until_read(
        context, "screener", key, build, lambda text: screener.parse_ranking(text, list(drafts))
    )
