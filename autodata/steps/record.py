"""The journal's words on a round and a source: rollouts, outcome, what other policies would have said."""

from __future__ import annotations

from dataclasses import asdict

from autodata.acceptance import find_band, select_scores
from autodata.agents.feedback import describe_failure
from autodata.clauses import measure_spread
from autodata.frugal import Side, count_saved, foresee_presets, foresee_without_flagged
from autodata.model import Outcome, Rollout, Solver, SourceOutcome, Task
from autodata.steps.work import RoundResult, SourceWork, diagnose_round, grade


def commit_round(work: SourceWork, number: int, result: RoundResult) -> None:
    """Write rollouts and the round's outcome to the journal."""
    context, source = work.context, work.source
    for rollout in (*result.weak, *(result.strong or ())):
        identity = (source.id, number, rollout.solver, rollout.index)
        context.recorder.commit("rollout", identity, _describe_rollout(source.id, number, result, rollout))
    policy, acceptance = context.settings.policy, result.acceptance
    weak, strong = grade(result.weak), grade(result.strong or ())
    sides = Side(tuple(weak), policy.weak_rollouts), Side(tuple(strong), policy.strong_rollouts)
    measured, scored = bool(result.weak), not (result.task and result.task.rubric)
    rollouts = _count_rollouts(work, result, *sides, scored) if measured else {}
    context.recorder.commit(
        "round",
        (source.id, number),
        {
            "source": source.id,
            "round": number,
            "task_id": result.task.id if result.task else None,
            "outcome": result.outcome,
            "reason": result.reason,
            "weak_mean": acceptance.weak_mean if acceptance else None,
            "strong_mean": acceptance.strong_mean if acceptance else None,
            "gap": acceptance.gap if acceptance else None,
            "weak_scores": [answer.score for answer in weak],
            "strong_scores": [answer.score for answer in strong],
            "weak_statuses": [answer.status for answer in weak],
            "strong_statuses": [answer.status for answer in strong],
            "band": find_band(policy, acceptance.weak_mean, acceptance.strong_mean) if acceptance else None,
            "policy": policy.name,
            "policy_sha": policy.sha,
            "clauses": [asdict(clause) for clause in acceptance.clauses] if acceptance else [],
            "weak_spread": measure_spread(select_scores(policy, weak, "weak")[0]),
            "rollouts": rollouts,
            "calls_saved": sum(side["saved"] for side in rollouts.values()) * (1 if scored else 2),
            "presets": foresee_presets(*sides, scored=scored) if measured else {},
            "outcome_without_flagged": _foresee_without_flagged(work, result, *sides, scored) if measured else None,
            "calls": context.recorder.count_calls(source.id, number),
            "feedback": "" if result.outcome == "accepted" else describe_failure(diagnose_round(number, result)),
        },
    )


def commit_end(work: SourceWork, outcome: SourceOutcome, rounds: int, task: Task | None, reason: str) -> SourceOutcome:
    """Write how the source ended; `task` is the accepted one, of round `rounds`."""
    work.context.recorder.commit(
        "source_done",
        (work.source.id,),
        {
            "source": work.source.id,
            "outcome": outcome,
            "accepted_round": rounds if outcome == "accepted" else None,
            "task_id": task.id if task else None,
            "rounds": rounds,
            "reason": reason,
        },
    )
    return outcome


def _count_rollouts(
    work: SourceWork, result: RoundResult, weak: Side, strong: Side, scored: bool
) -> dict[Solver, dict[str, int]]:
    """Planned and asked rollouts of each side, and those a frugal round saved; none where nothing was decided."""
    context, acceptance = work.context, result.acceptance
    saved: dict[Solver, int] = {}
    if acceptance and acceptance.outcome != "undecided":
        together = context.recipe.limits.flow.order == "together" or context.settings.baseline
        saved = count_saved(context.settings.policy, weak, strong, together=together, scored=scored)
    sides: dict[Solver, Side] = {"weak": weak, "strong": strong}
    return {
        solver: {"planned": side.planned, "asked": len(side.answers), "saved": saved.get(solver, 0)}
        for solver, side in sides.items()
    }


def _foresee_without_flagged(work: SourceWork, result: RoundResult, weak: Side, strong: Side, scored: bool) -> Outcome:
    """What the round would be without flagged answers; where acceptance stays, so does what followed from it."""
    found = foresee_without_flagged(work.context.settings.policy, weak, strong, scored=scored)
    return result.outcome if result.acceptance and found == result.acceptance.outcome else found


def _describe_rollout(source_id: str, number: int, result: RoundResult, rollout: Rollout) -> dict[str, object]:
    data = asdict(rollout)
    del data["answer"]
    return {
        "source": source_id,
        "round": number,
        "task_id": result.task.id if result.task else None,
        **data,
        "verdicts": {
            verdict.criterion_id: {"met": verdict.met, "quote": verdict.quote} for verdict in rollout.verdicts
        },
    }
