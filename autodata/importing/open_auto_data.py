"""Open-AutoData records: one JSON list with a record per round (trajectories.json or accepted.json).

Scores run from 0 to 100 by 100 * met weights / weights, positive criteria only, rounded to one decimal: divided by 100
they are ours. Means and gap are rounded, so they stay claims. Verdicts, prompts and models are not stored. An earlier
writer stored no rubric and no attempt scores; its rounds cannot be audited.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.importing.fields import Ledger, check_known, describe, read_json, read_time
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
from autodata.model import SOLVERS, Outcome, Solver, Source

NAME = "open-autodata"
FORMULA = "100 * met weights / weights, positive criteria only, rounded to 0.1"
GAPS = ("seeds", "costs", "call durations", "source text")
STATUSES = ("REVISE", "ACCEPTED", "REJECTED", "PENDING")
MODES = ("TOO_EASY", "TOO_HARD", "FAILED_ON_STRONG", "FAILED_QV", None)
ARMS = ("loop", "baseline", None)
_OUTCOMES: dict[str, Outcome] = {
    "TOO_EASY": "too_easy",
    "TOO_HARD": "weak_zero",
    "FAILED_ON_STRONG": "failed_on_strong",
    "FAILED_QV": "failed_quality",
}
CEILING = 95.0
"""Strong scores from here up are filed as TOO_EASY there; here they are `saturated`."""


def recognises(value: Any) -> bool:
    """Whether a JSON value is a list of its records."""
    return isinstance(value, list) and any(is_record(item) for item in value)


def is_record(item: Any) -> bool:
    """Whether a JSON value has what a record needs."""
    return isinstance(item, dict) and {"chunk_id", "round_num", "question", "status"} <= item.keys()


def find_file(path: Path) -> Path:
    """The records of a path, which may be the tool's `data` folder."""
    return path / "trajectories.json" if path.is_dir() else path


def parse(path: Path) -> ParsedFile:
    """Read the file, or `trajectories.json` of a folder. Raises BadInput for a status it does not know."""
    file = find_file(path)
    value = read_json(file)
    if not isinstance(value, list):
        raise BadInput(f"{file} holds {describe(value)}; Open-AutoData files hold one list of records")
    ledger = Ledger()
    groups: dict[tuple[str, str, str], dict[int, tuple[ForeignRound, str]]] = {}
    records = 0
    demo = 0
    for at, item in enumerate(value):
        where = f"{file.name}[{at}]"
        if not is_record(item):
            ledger.drop(where, "is not a record with chunk_id, round_num, question and status")
            continue
        number = ledger.take_count(item, "round_num", where)
        if not number or not isinstance(item["question"], str):
            ledger.drop(where, "has no round number from 1 up" if not number else "has no question")
            continue
        arm = check_known(item.get("arm"), ARMS, where, "arm") or "loop"
        rounds = groups.setdefault((str(item.get("run_id") or ""), arm, str(item["chunk_id"])), {})
        if number in rounds:
            ledger.drop(where, f"round {number} of this chunk stands there twice; the first one is used")
            continue
        records, demo = records + 1, demo + (item.get("demo") is True)
        rounds[number] = (_read_round(item, number, arm, where, ledger), where)
    trajectories = tuple(_join(key, rounds) for key, rounds in groups.items())
    return ParsedFile(
        NAME,
        trajectories,
        tuple(ledger.unused),
        baseline=bool(groups) and all(arm == "baseline" for _, arm, _ in groups),
        demo=demo > 0,
        simulated=demo > 0,
        gaps=GAPS,
        warnings=(f"{demo} of {records} records say that they are a demo: nothing in them is evidence",)
        if demo
        else (),
    )


def _join(key: tuple[str, str, str], rounds: Mapping[int, tuple[ForeignRound, str]]) -> ForeignTrajectory:
    run, arm, chunk = key
    ordered = tuple(rounds[number][0] for number in sorted(rounds))
    title = chunk + (" (baseline)" if arm == "baseline" else "") + (f", {run}" if run else "")
    source = Source(hash_value([NAME, *key])[:16], title, "", document=chunk)
    where = rounds[min(rounds)][1]
    accepted = next((r.number for r in ordered if r.claim.outcome == "accepted"), None)
    return ForeignTrajectory(where, source, ordered, accepted_round=accepted, kept={"run_id": run, "arm": arm})


def _read_round(item: dict[str, Any], number: int, arm: str, where: str, ledger: Ledger) -> ForeignRound:
    status = check_known(item["status"], STATUSES, where, "status")
    mode = check_known(item.get("failure_mode"), MODES, where, "failure_mode")
    feedback = ledger.take_text(item, "verifier_feedback", where) or ""
    reason = ledger.take_text(item, "fail_reason", where) or ""
    rubric, flags = ledger.take_rubric(item, where)
    sides = {solver: _read_side(item, solver, where, ledger) for solver in SOLVERS}
    stated = {
        name: item.get(name) for name in ("status", "failure_mode", "weak_score", "strong_score", "score_gap", "arm")
    }
    outcome, why, settled = _name_outcome(item, status, mode, reason, arm)
    reviews = (ForeignReview(False, feedback),) if mode == "FAILED_QV" else ()
    if feedback and not reviews:
        reviews = (ForeignReview(True, feedback),)
    return ForeignRound(
        number=number,
        task=ForeignTask(
            question=item["question"],
            context=ledger.take_text(item, "context", where),
            reference_answer=ledger.take_text(item, "reference_answer", where),
            rubric=rubric,
            tags=ledger.take_texts(item, "skill_tags", where),
            question_type=ledger.take_text(item, "question_type", where) or "",
            flags=tuple(flags),
        ),
        rollouts=sides["weak"] + sides["strong"],
        strong_run=bool(sides["strong"]),
        reviews=reviews,
        claim=Claim(outcome, why, settled, stated),
        feedback=ledger.take_text(item, "judge_feedback", where),
        ended=read_time(item.get("timestamp")),
    )


def _name_outcome(
    item: Mapping[str, Any], status: str, mode: str | None, reason: str, arm: str
) -> tuple[Outcome | None, str, bool]:
    """Our outcome, the words behind it, and whether no number can overrule it."""
    if item.get("demo") is True:
        return "undecided", f"a demo record, never evidence; it says {status}", True
    if reason.startswith("error: "):
        return "undecided", reason, True
    if status == "ACCEPTED":
        return ("passed_baseline" if arm == "baseline" else "accepted"), reason, False
    if mode is None:
        return None, reason, False
    strong = item.get("strong_score")
    if mode == "TOO_EASY" and isinstance(strong, int | float) and strong >= CEILING:
        return "saturated", reason or "TOO_EASY with a strong score at the ceiling", False
    return _OUTCOMES[mode], reason or mode, mode == "FAILED_QV"


def _read_side(item: dict[str, Any], solver: Solver, where: str, ledger: Ledger) -> tuple[ForeignRollout, ...]:
    """One side's rollouts by their place in the two lists, which may be of different length.

    Blank answers without a single score are places of a side that was not asked.
    """
    scores = dict(ledger.take_scores(item, f"{solver}_attempt_scores", where))
    answers: dict[int, str] = {}
    for at, answer in enumerate(ledger.take_list(item, f"{solver}_answer", where)):
        if isinstance(answer, str):
            answers[at] = answer
        else:
            ledger.drop(f"{where}.{solver}_answer[{at}]", f"is {describe(answer)}, not text")
    if not scores and not any(answers.values()):
        return ()
    return tuple(
        ForeignRollout(
            solver,
            at,
            answer=answers.get(at),
            stated=StatedScore(scores[at], FORMULA, 0.0, 100.0, comparable=True) if at in scores else None,
        )
        for at in sorted(scores.keys() | answers.keys())
    )
