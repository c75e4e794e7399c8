"""Values to the records of an ordinary run, in the order in which a run of our own writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from autodata import __version__
from autodata.importing.round_records import Append, make_task, write_round
from autodata.importing.settle import Settled, settle_round
from autodata.importing.values import ForeignRound, ForeignTrajectory, ParsedFile
from autodata.model import SourceOutcome
from autodata.policy import Policy


@dataclass(frozen=True, slots=True)
class Difference:
    """A round whose claim and recorded scores part."""

    where: str
    sentence: str


@dataclass(slots=True)
class Written:
    """What was written, counted. `accepted` counts sources."""

    trajectories: int = 0
    rounds: int = 0
    rollouts: int = 0
    calls: int = 0
    accepted: int = 0
    undecided: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    differing: list[Difference] = field(default_factory=list)

    def add_round(self, outcome: str, rollouts: int, calls: int) -> None:
        """Count one round."""
        self.rounds += 1
        self.rollouts += rollouts
        self.calls += calls
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def write_records(parsed: ParsedFile, run_id: str, provenance: Mapping[str, Any], append: Append) -> Written:
    """Append a whole run: its start with where it comes from, sources, rounds, what was not used, its end."""
    policy = find_policy(parsed)
    models = find_models(parsed)
    append("run_started", _describe_start(parsed, run_id, provenance, policy, models))
    for trajectory in parsed.trajectories:
        append("source", {"source": asdict(trajectory.source), "imported": {"where": trajectory.where}})
    for unused in parsed.unused:
        append("source_skipped", {"name": unused.where, "reason": unused.reason})
    written = Written()
    for trajectory in parsed.trajectories:
        _write_trajectory(trajectory, parsed, run_id, policy, models, append, written)
    totals = {"sources": written.trajectories, "accepted": written.accepted, "undecided": written.undecided}
    append(
        "run_ended",
        {
            "state": "done",
            "reason": f"imported from {provenance['file']} ({parsed.format})",
            "totals": {**totals, "calls": written.calls or None},
        },
    )
    return written


def find_policy(parsed: ParsedFile) -> Policy | None:
    """The one rule of all trajectories; None where they name none, or several."""
    policies = {trajectory.policy.sha: trajectory.policy for trajectory in parsed.trajectories if trajectory.policy}
    named = all(trajectory.policy for trajectory in parsed.trajectories)
    return next(iter(policies.values())) if named and len(policies) == 1 else None


def find_models(parsed: ParsedFile) -> dict[str, str]:
    """Seats to models, where all trajectories that name one agree; several stand side by side."""
    found: dict[str, dict[str, None]] = {}
    for trajectory in parsed.trajectories:
        for seat, model in trajectory.models.items():
            found.setdefault(seat, {})[model] = None
    return {seat: ", ".join(models) for seat, models in found.items()}


def _describe_start(
    parsed: ParsedFile, run_id: str, provenance: Mapping[str, Any], policy: Policy | None, models: Mapping[str, str]
) -> dict[str, Any]:
    name = policy.name if policy else ""
    return {
        "run_id": run_id,
        "software": __version__,
        "settings": {
            "domain": parsed.domain or "not recorded",
            "policy": name,
            "baseline": parsed.baseline,
            "inputs": [provenance["file"]],
        },
        "policy": policy.model_dump(mode="json") if policy else {},
        "recipe": {"name": "", "sha": "", "files": {}},
        "models": dict(models),
        "simulated": parsed.simulated,
        "sources": len(parsed.trajectories),
        "warnings": list(parsed.warnings),
        "imported": dict(provenance),
        "host": "",
        "pid": None,
    }


def _write_trajectory(
    trajectory: ForeignTrajectory,
    parsed: ParsedFile,
    run_id: str,
    policy: Policy | None,
    models: Mapping[str, str],
    append: Append,
    written: Written,
) -> None:
    source = trajectory.source.id
    settled: list[tuple[ForeignRound, str | None, Settled]] = []
    for item in trajectory.rounds:
        own = settle_round(item, trajectory.policy)
        task = make_task(item.task, run_id, source, item.number) if item.task else None
        rollouts, calls = write_round(trajectory, item, task, own, append)
        written.add_round(own.outcome, rollouts, calls)
        settled.append((item, task.id if task else None, own))
        if own.differs:
            written.differing.append(Difference(f"{trajectory.where} round {item.number}", own.differs))
    accepted = next(((item, task) for item, task, own in settled if own.outcome == "accepted"), None)
    last = settled[-1][2]
    outcome: SourceOutcome = "accepted" if accepted else "undecided" if last.outcome == "undecided" else "exhausted"
    reason = trajectory.reason or (last.reason if outcome == "undecided" else "")
    if trajectory.accepted_round and not accepted:
        here = next((own for item, _, own in settled if item.number == trajectory.accepted_round), None)
        said = f"the file says accepted in round {trajectory.accepted_round}"
        reason = f"{said}{f', which is {here.outcome} here: {here.reason}' if here else ', which it does not hold'}"
    own_policy = trajectory.policy if policy is None else None
    kept = {
        "policy": own_policy.model_dump(mode="json") if own_policy else None,
        "models": dict(trajectory.models) if dict(trajectory.models) != dict(models) else None,
        "kept": dict(trajectory.kept) or None,
        "claimed_round": trajectory.accepted_round,
    }
    append(
        "source_done",
        {
            "source": source,
            "outcome": outcome,
            "accepted_round": accepted[0].number if accepted else None,
            "task_id": accepted[1] if accepted else None,
            "rounds": trajectory.rounds[-1].number,
            "reason": reason,
            "imported": {name: value for name, value in kept.items() if value is not None},
        },
    )
    written.trajectories += 1
    written.accepted += outcome == "accepted"
    written.undecided += outcome == "undecided"
