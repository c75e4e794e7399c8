"""JAE-HUN-CHO trajectories: one JSON object per source paper, a file or a folder of them.

Its score is ours, clamp((satisfied positive - |triggered negative|) / positive, 0, 1), so attempt scores are
comparable. Marks, answers, models, the rule in force and everything sent are not stored. The stored gap is null unless
the gap check was reached, so it is kept as a claim only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodata.canon import hash_value
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

NAME = "jae-hun-cho"
FORMULA = "clamp((satisfied positive - |triggered negative|) / positive, 0, 1)"
GAPS = ("seeds", "costs", "call durations")
STATUSES = ("TOO_EASY", "FAILED_STRONG", "FAILED_QV", "ACCEPTED")


def recognises(value: Any) -> bool:
    """Whether a JSON value is one of its trajectories."""
    return isinstance(value, dict) and "paper_id" in value and isinstance(value.get("rounds"), list)


def list_files(path: Path) -> list[Path]:
    """The trajectory files of a path: the file itself, or those of a run's folder in the order of their names."""
    if path.is_file():
        return [path]
    inner = path / "trajectories"
    return sorted(file for file in (inner if inner.is_dir() else path).glob("*.json") if file.is_file())


def parse(path: Path) -> ParsedFile:
    """Read a trajectory file or a folder of them.

    Raises BadInput for a status this importer does not know; a file that is not a trajectory is noted as unused.
    """
    ledger, trajectories = Ledger(), []
    for file in list_files(path):
        try:
            value = read_json(file)
        except BadInput as error:
            ledger.drop(file.name, str(error).removeprefix(f"{file} "))
            continue
        if not recognises(value):
            ledger.drop(file.name, "is not a trajectory: it has no paper_id with a list of rounds")
            continue
        trajectory = _read_trajectory(value, file.name, ledger)
        if trajectory.rounds:
            trajectories.append(trajectory)
        else:
            ledger.drop(file.name, "has no round that could be used")
    return ParsedFile(NAME, tuple(trajectories), tuple(ledger.unused), gaps=GAPS)


def _read_trajectory(value: dict[str, Any], where: str, ledger: Ledger) -> ForeignTrajectory:
    name = str(value["paper_id"])
    rounds: dict[int, ForeignRound] = {}
    for at, item in enumerate(value["rounds"]):
        place = f"{where} rounds[{at}]"
        if not isinstance(item, dict):
            ledger.drop(place, f"is {describe(item)}, not an object")
            continue
        number = ledger.take_count(item, "round", place) or at + 1
        if number in rounds:
            ledger.drop(place, f"round {number} stands there twice; the first one is used")
            continue
        rounds[number] = _read_round(item, number, place, ledger)
    ordered = tuple(rounds[number] for number in sorted(rounds))
    accepted = next((r.number for r in ordered if r.claim.outcome == "accepted"), None)
    reason = ""
    if bool(value.get("accepted")) != (accepted is not None):
        reason = f"the file says accepted: {describe(value.get('accepted'))}, its rounds say otherwise"
    source = Source(hash_value([NAME, name])[:16], name, "", document=where)
    return ForeignTrajectory(where, source, ordered, accepted_round=accepted, reason=reason)


def _read_round(item: dict[str, Any], number: int, where: str, ledger: Ledger) -> ForeignRound:
    status = check_known(item.get("status"), STATUSES, where, "status")
    feedback = ledger.take_text(item, "feedback", where) or ""
    stated = {"status": status, "gap": ledger.take_number(item, "gap", where)}
    rollouts = tuple(
        ForeignRollout(solver, at, stated=StatedScore(score, FORMULA, comparable=True))
        for solver in SOLVERS
        for at, score in ledger.take_scores(item, f"{solver}_scores", where)
    )
    reviews = (ForeignReview(False, feedback),) if status == "FAILED_QV" else ()
    return ForeignRound(
        number=number,
        task=_read_task(item.get("qa"), f"{where}.qa", ledger),
        rollouts=rollouts,
        strong_run=bool(item.get("strong_scores")),
        reviews=reviews,
        claim=Claim(name_outcome(status, feedback, item), feedback, status == "FAILED_QV", stated),
        feedback=feedback,
    )


def name_outcome(status: str, feedback: str, item: Mapping[str, Any]) -> Outcome:
    """Our word for a status; FAILED_STRONG covers three things that its feedback tells apart."""
    if status == "ACCEPTED":
        return "accepted"
    if status == "FAILED_QV":
        return "failed_quality"
    if status == "TOO_EASY":
        return "weak_zero" if "all-zero" in feedback else "too_easy"
    if "saturated" in feedback:
        return "saturated"
    if feedback.startswith("gap"):
        weak, strong = (_mean(item.get(f"{solver}_scores")) for solver in SOLVERS)
        return "inverted" if weak is not None and strong is not None and strong < weak else "narrow_gap"
    return "failed_on_strong"


def _mean(values: Any) -> float | None:
    numbers = [v for v in values if isinstance(v, int | float)] if isinstance(values, list) else []
    return sum(numbers) / len(numbers) if numbers else None


def _read_task(value: Any, where: str, ledger: Ledger) -> ForeignTask | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("question"), str):
        ledger.drop(where, "has no question")
        return None
    rubric, flags = ledger.take_rubric(value, where)
    return ForeignTask(
        question=value["question"],
        context=ledger.take_text(value, "context", where),
        reference_answer=ledger.take_text(value, "reference_answer", where),
        rubric=rubric,
        tags=ledger.take_texts(value, "reasoning_tags", where),
        question_type=ledger.take_text(value, "question_type", where) or "",
        flags=tuple(flags),
    )
