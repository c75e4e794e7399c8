"""YalmanchiliTejas checkpoints: one JSON object with candidates, their evaluations and the events of every attempt.

Its score is (raw - min) / (max - min), under which a blank answer scores above zero as soon as a rubric has a negative
criterion: comparable with ours only where the rubric has none. Answers, marks and models are not stored; paths of
the author's machine are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodata.canon import hash_value, to_canonical_json
from autodata.errors import BadInput
from autodata.importing.fields import Ledger, check_known, describe, read_json
from autodata.importing.values import (
    Claim,
    ForeignReview,
    ForeignRollout,
    ForeignRound,
    ForeignTask,
    ForeignTrajectory,
    ParsedFile,
    StatedScore,
)
from autodata.model import SOLVERS, Outcome, Source

NAME = "yalmanchilitejas"
FORMULA = "(raw - min) / (max - min)"
VERSION = 1
GAPS = ("seeds", "costs", "call durations", "source text")
STRUCTURE = "rejected_structure"
EVENTS = (
    "generating",
    "challenger_task",
    STRUCTURE,
    "rejected_evaluation",
    "orchestrator_feedback",
    "orchestrator_feedback_fallback",
    "orchestrator_skipped",
    "accepted",
    "rejected_utility",
    "rejected_dataset_quality",
    "generation_or_parse_error",
    "inference_error",
)
_ENDS = frozenset(
    {STRUCTURE, "rejected_evaluation", "accepted", "rejected_utility", "rejected_dataset_quality"}
    | {"generation_or_parse_error", "inference_error"}
)
"""Events that end an attempt."""

_QUESTIONS = ("prompt", "question", "problem", "instruction", "task")
"""Payload fields that may hold the question, in the order in which they are tried."""


def recognises(value: Any) -> bool:
    """Whether a JSON value is a checkpoint."""
    return isinstance(value, dict) and "accepted_candidates" in value and "audit_events" in value


def parse(path: Path) -> ParsedFile:
    """Read a checkpoint. Raises BadInput for another version or an event this importer does not know."""
    value, ledger = read_json(path), Ledger()
    if not isinstance(value, dict):
        raise BadInput(f"{path} holds {describe(value)}; a checkpoint is one object")
    if value.get("version") != VERSION:
        raise BadInput(f"{path}: version is {describe(value.get('version'))}; this importer reads version {VERSION}")
    candidates = _gather_candidates(value, path.name, ledger)
    attempts = _gather_attempts(value, candidates, path.name, ledger)
    scopes: dict[tuple[str, str], list[ForeignRound]] = {}
    for (task, source), items in attempts.items():
        scopes[task, source] = [
            _read_round(number, candidate, event, where, ledger) for number, candidate, event, where in items
        ]
    trajectories = tuple(_join(key, rounds, path.name, candidates) for key, rounds in scopes.items() if rounds)
    complete = value.get("complete") is True
    return ParsedFile(
        NAME,
        trajectories,
        tuple(ledger.unused),
        version=f"checkpoint version {VERSION}",
        gaps=GAPS,
        warnings=() if complete else ("the checkpoint says that its run was not complete",),
    )


Attempt = tuple[int, dict[str, Any] | None, dict[str, Any] | None, str]
"""Number, candidate, the event that ended it, and where it stands."""


def _gather_candidates(value: Mapping[str, Any], file: str, ledger: Ledger) -> dict[str, dict[str, Any]]:
    """Candidates by id; one that stands in both lists is taken once, as it was accepted."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("accepted_candidates", "last_attempts"):
        for at, item in enumerate(ledger.take_list(value, name, file)):
            where = f"{file} {name}[{at}]"
            if not isinstance(item, dict) or not isinstance(item.get("id"), str):
                ledger.drop(where, "is not a candidate with an id")
            elif not isinstance(item.get("payload"), dict):
                ledger.drop(where, "has no payload")
            elif item["id"] not in found:
                found[item["id"]] = {**item, "where": where}
    return found


def _gather_attempts(
    value: Mapping[str, Any], candidates: Mapping[str, dict[str, Any]], file: str, ledger: Ledger
) -> dict[tuple[str, str], list[Attempt]]:
    """Attempts of every (task, source): ends in the events first, then candidates no event speaks of."""
    found: dict[tuple[str, str], list[Attempt]] = {}
    placed: set[str] = set()
    for at, event in enumerate(ledger.take_list(value, "audit_events", file)):
        where = f"{file} audit_events[{at}]"
        if not isinstance(event, dict):
            ledger.drop(where, f"is {describe(event)}, not an event")
            continue
        status = check_known(event.get("status"), EVENTS, where, "status")
        own = event.get("candidate_id")
        own = own if isinstance(own, str) else None
        if status not in _ENDS or own in placed:
            continue
        candidate = candidates.get(own) if own else None
        if candidate:
            placed.add(str(own))
        scope = (str(event.get("task") or ""), str(event.get("source_id") or ""))
        number = ledger.take_count(event, "attempt", where)
        _place(found.setdefault(scope, []), number, candidate, event, where)
    for own, candidate in candidates.items():
        if own not in placed:
            scope = (str(candidate.get("task_name") or ""), str(candidate.get("source_id") or ""))
            _place(found.setdefault(scope, []), None, candidate, None, str(candidate["where"]))
    return {scope: sorted(items, key=lambda item: item[0]) for scope, items in found.items()}


def _place(
    items: list[Attempt],
    number: int | None,
    candidate: dict[str, Any] | None,
    event: dict[str, Any] | None,
    where: str,
) -> None:
    """Add an attempt under its own number, or the next free one where that is taken or absent."""
    taken = {item[0] for item in items}
    if not number or number in taken:
        number = max(taken, default=0) + 1
    items.append((number, candidate, event, where))


def _join(
    key: tuple[str, str], rounds: list[ForeignRound], file: str, candidates: Mapping[str, dict[str, Any]]
) -> ForeignTrajectory:
    task, source = key
    accepted = next((r.number for r in rounds if r.claim.stated.get("accepted") is True), None)
    metadata = next(
        (_keep_metadata(c) for c in candidates.values() if (c.get("task_name"), c.get("source_id")) == key), {}
    )
    title = str(metadata.get("relative_path") or source)
    about = Source(hash_value([NAME, *key])[:16], title, "", document=source, metadata=metadata)
    return ForeignTrajectory(
        f"{file} {task} {source}", about, tuple(rounds), accepted_round=accepted, kept={"task": task}
    )


def _keep_metadata(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept of a candidate's source: its absolute path names a person's machine, so it is dropped."""
    provenance = candidate.get("provenance")
    metadata = provenance.get("source_metadata") if isinstance(provenance, dict) else None
    if not isinstance(metadata, dict):
        return {}
    return {name: metadata[name] for name in ("relative_path", "suffix", "license", "chunk") if name in metadata}


def _read_round(
    number: int, candidate: dict[str, Any] | None, event: dict[str, Any] | None, where: str, ledger: Ledger
) -> ForeignRound:
    owner = candidate or event or {}
    evaluation = ledger.take_object(owner, "evaluation", where)
    status = str((event or {}).get("status") or evaluation.get("status") or "")
    task = _read_task(candidate, where, ledger) if candidate else None
    reasons = list(ledger.take_texts(evaluation, "reasons", where)) or list(
        ledger.take_texts(event or {}, "reasons", where)
    )
    accepted = candidate.get("accepted") is True if candidate else status == "accepted"
    stated = {name: evaluation[name] for name in _STATED if name in evaluation}
    outcome, settled = _name_outcome(status, evaluation, accepted)
    rollouts = tuple(
        ForeignRollout(solver, at, stated=_state(score, task))
        for solver in SOLVERS
        for at, score in ledger.take_scores(evaluation, f"{solver}_rollouts", where)
    )
    return ForeignRound(
        number=number,
        task=task,
        rollouts=rollouts,
        strong_run=bool(evaluation.get("strong_rollouts")) if evaluation else None,
        reviews=_read_reviews(status, evaluation, reasons),
        claim=Claim(outcome, "; ".join(reasons), settled, {"status": status, "accepted": accepted, **stated}),
        feedback=ledger.take_text(evaluation, "suggestion_for_writer", where),
    )


_STATED = ("valid", "weak_score", "strong_score", "judge_score", "gap", "verdict", "failure_kind")


def _name_outcome(status: str, evaluation: Mapping[str, Any], accepted: bool) -> tuple[Outcome | None, bool]:
    """Our outcome, and whether no number can overrule it: its loop judge decides there, not the scores."""
    review = evaluation.get("quality_verifier")
    if status in ("generation_or_parse_error", "inference_error") or evaluation.get("failure_kind"):
        return "undecided", True
    if accepted:
        return "accepted", False
    if status == STRUCTURE or evaluation.get("status") == STRUCTURE:
        return "failed_quality", True
    if isinstance(review, dict) and review.get("passed") is False:
        return "failed_quality", True
    if status in ("rejected_utility", "rejected_dataset_quality"):
        return "failed_audit", True
    return ("improve", True) if evaluation else (None, False)


def _read_reviews(status: str, evaluation: Mapping[str, Any], reasons: list[str]) -> tuple[ForeignReview, ...]:
    if status == STRUCTURE or evaluation.get("status") == STRUCTURE:
        return (ForeignReview(False, "; ".join(reasons), by="checks"),)
    review = evaluation.get("quality_verifier")
    if not isinstance(review, dict) or not isinstance(review.get("passed"), bool):
        return ()
    checks = review.get("checks")
    words = {str(k): "passed" if v is True else "failed" for k, v in checks.items()} if isinstance(checks, dict) else {}
    feedback = review.get("feedback")
    return (ForeignReview(review["passed"], feedback if isinstance(feedback, str) else "", checks=words),)


def _read_task(candidate: Mapping[str, Any], where: str, ledger: Ledger) -> ForeignTask:
    """The payload as a task; one of a kind this importer does not know is kept whole, as JSON text."""
    payload = candidate["payload"]
    rubric, flags = ledger.take_rubric(payload, where)
    name = next((name for name in _QUESTIONS if isinstance(payload.get(name), str) and payload[name].strip()), None)
    if name is None:
        flags.append("the payload is of a kind this importer does not know; it is kept whole as the question")
    capabilities = candidate.get("capabilities")
    return ForeignTask(
        question=payload[name] if name else to_canonical_json(payload).decode(),
        context=ledger.take_text(payload, "starter_code", where),
        reference_answer=ledger.take_text(payload, "reference_solution", where),
        rubric=rubric,
        tags=tuple(str(item) for item in capabilities) if isinstance(capabilities, list) else (),
        question_type=str(candidate.get("task_name") or ""),
        flags=tuple(flags),
        kept={key: item for key, item in payload.items() if key not in {name, *_USED}} if name else {},
    )


_USED = ("starter_code", "reference_solution", "rubric")


def _state(score: float, task: ForeignTask | None) -> StatedScore:
    if task is None or task.rubric is None:
        return StatedScore(score, FORMULA, reason="no rubric is recorded, so its formula cannot be told from ours")
    if any(criterion.weight < 0 for criterion in task.rubric):
        reason = "its formula gives a blank answer more than 0 where a rubric has negative criteria"
        return StatedScore(score, FORMULA, reason=reason)
    return StatedScore(score, FORMULA, comparable=True)
