"""autosynth run.db, versions 1 to 3: the fullest source. Prompts, replies, answers, marks, tokens and cost are stored.

Its total is the judge's own where the reply had one, else sum(weight * mark) / sum(weight) over positive criteria: our
score is computed from the marks, theirs is kept beside it. A judge whose reply could not be parsed is stored there as
a zero; here it is a failure.
"""

from __future__ import annotations

import re
from pathlib import Path

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.importing import autosynth_rows, autosynth_verdict
from autodata.importing.autosynth_calls import CallBook
from autodata.importing.autosynth_rows import MAGIC, Row, RunRows, find_database, load_blob, load_rows
from autodata.importing.fields import Ledger, check_known, is_number, read_time
from autodata.importing.values import (
    ForeignRollout,
    ForeignRound,
    ForeignTask,
    ForeignTrajectory,
    Mark,
    ParsedFile,
    StatedScore,
)
from autodata.model import SOLVERS, Solver, Source
from autodata.policy import Policy, parse_policy

NAME = "autosynth"
FORMULA = "the judge's own total, else sum(weight * mark) / sum(weight)"
RIGHT_OR_WRONG = "1 right, 0 wrong, by the domain's own check"
GAPS = ("seeds", "finish reasons", "reasoning", "model names as the provider returned them", "judge's quotes")
STATES = (
    "PENDING", "NEED_CANDIDATE", "NEED_QUALITY", "NEED_SCORES", "NEED_DECISION", "NEED_AUDIT", "NEED_REFLECTION",
    "ACCEPTED", "REJECTED",
)  # fmt: skip
RUN_STATES = ("running", "completed", "aborted")
_DOCUMENT = re.compile(
    r"^SOURCE_DOCUMENT \(truncated\):\n---\n(.*)\n---\n\nFeedback from previous rounds:", re.S | re.M
)
_QUESTIONS = ("question", "problem", "prompt", "instruction", "task")
_METADATA = ("name", "topic", "difficulty", "title")
"""Fields of a source's metadata that are kept; `path` names a place on somebody's machine."""


def recognises(path: Path) -> bool:
    """Whether a path is a SQLite file, or a run's folder with one."""
    file = find_database(path)
    if not file.is_file():
        return False
    with open(file, "rb") as handle:
        return handle.read(len(MAGIC)) == MAGIC


def hash_file(path: Path) -> str:
    """What names the content of a run.db, its write-ahead log included."""
    return autosynth_rows.hash_rows(find_database(path))


def parse(path: Path) -> ParsedFile:
    """Read a run.db. Raises BadInput for a state or version it does not know."""
    file = find_database(path)
    rows, ledger = load_rows(file), Ledger()
    for cell in rows.unread:
        ledger.drop(f"{file.name} {cell}", "holds bytes where text or a number belongs")
    check_known(rows.run.get("status"), RUN_STATES, f"{file.name} runs", "status")
    book = CallBook(rows)
    mode = autosynth_verdict.find_mode(rows)
    policy, warnings = read_policy(rows, mode)
    trajectories = []
    for item in rows.items:
        where = f"{file.name} items {item['item_id']}"
        check_known(item.get("state"), STATES, where, "state")
        trajectory = _read_item(item, rows, book, policy, mode, where, ledger)
        if trajectory.rounds:
            trajectories.append(trajectory)
        else:
            reason = "; ".join(autosynth_verdict.list_texts(item.get("rejection_reasons")))
            ledger.drop(where, f"no round was begun (state {item['state']}{': ' + reason if reason else ''})")
    if rows.run.get("status") != "completed":
        warnings.append(f"the file says that its run was {rows.run.get('status')}")
    return ParsedFile(
        NAME,
        tuple(trajectories),
        tuple(ledger.unused),
        version=f"run.db user_version {rows.version}",
        domain=rows.domain,
        simulated=book.simulated,
        gaps=GAPS,
        warnings=tuple(warnings),
        kept={"run": rows.run.get("run_id"), "mode": mode, **rows.kept},
    )


def read_policy(rows: RunRows, mode: str) -> tuple[Policy | None, list[str]]:
    """The rule in force as ours, or None with the reason why it cannot be one of ours."""
    a, loop = rows.acceptance, rows.loop
    try:
        values: Row = {
            "name": "custom",
            "weak_rollouts": loop.get("weak_samples", 4),
            "strong_rollouts": loop.get("strong_samples", 4),
            "min_graded": max(1, loop.get("weak_samples", 4), loop.get("strong_samples", 4)),
            "empty": "graded",
        }
        if mode == "judge":
            values |= {"rule": "loop_judge"}
        elif mode == "verifiable":
            values |= {"rule": "counts", "weak_correct_max": a.get("verifiable_weak_max_correct", 1)}
            values |= {"strong_correct_min": a.get("verifiable_strong_min_correct", 3)}
        else:
            values |= {
                "weak_mean_max": a.get("weak_avg_max", 0.65),
                "weak_best_max": a.get("weak_max_max", 0.75),
                "zero_rule": "no_single_zero" if a.get("forbid_weak_zero", True) else "ignore",
                "strong_mean_min": a.get("strong_avg_min", 0.60),
                "strong_mean_max": a.get("strong_avg_max", 0.95) if a.get("strong_avg_max", 0.95) <= 1 else None,
                "gap_min": a.get("min_gap", 0.20),
            }
        return parse_policy(values), []
    except BadInput as error:
        return None, [f"its acceptance settings cannot be one of our rules, so nothing is decided again: {error}"]


def _read_item(
    item: Row, rows: RunRows, book: CallBook, policy: Policy | None, mode: str, where: str, ledger: Ledger
) -> ForeignTrajectory:
    item_id, metadata = item["item_id"], load_blob(item.get("source_metadata"))
    kept = {k: metadata[k] for k in _METADATA if k in metadata} if isinstance(metadata, dict) else {}
    by_number = {row["round_n"]: row for row in rows.rounds.get(item_id, ())}
    numbers = sorted(
        by_number.keys() | {number for own, number in rows.requests if own == item_id and number is not None}
    )
    rounds = tuple(
        _read_round(number, by_number.get(number), item, rows, book, mode, where, ledger) for number in numbers
    )
    text = next((text for number in numbers if (text := _find_document(book, item_id, number))), "")
    title = str(kept.get("name") or kept.get("topic") or item.get("source_id"))
    if text:
        kept["text"] = "taken from the challenger's prompt, which may cut it short"
    source = Source(
        hash_value([NAME, rows.run.get("run_id"), item_id])[:16], title, text, document=title, metadata=kept
    )
    return ForeignTrajectory(
        where,
        source,
        rounds,
        models=book.models,
        policy=policy,
        accepted_round=next((r.number for r in rounds if r.claim.stated.get("accepted")), None),
        reason="; ".join(autosynth_verdict.list_texts(item.get("rejection_reasons"))),
    )


def _find_document(book: CallBook, item_id: str, number: int) -> str:
    """The source's text, which is stored nowhere but in the challenger's prompt."""
    for call in book.find(item_id, number, "challenger"):
        for message in (call.request or {}).get("messages", ()):
            found = _DOCUMENT.search(str(message.get("content"))) if isinstance(message, dict) else None
            if found:
                return found[1]
    return ""


def _read_round(
    number: int, row: Row | None, item: Row, rows: RunRows, book: CallBook, mode: str, where: str, ledger: Ledger
) -> ForeignRound:
    place, item_id = f"{where} round {number}", item["item_id"]
    row = row or {}
    candidate = load_blob(row.get("candidate_blob"))
    candidate = candidate if isinstance(candidate, dict) else {}
    task = None if candidate.get("candidate_id") == "invalid" else _read_task(candidate, place, ledger)
    scores = rows.scores.get(row.get("round_id", ""), [])
    rollouts = tuple(
        rollout
        for solver in SOLVERS
        for rollout in _read_side(solver, [s for s in scores if s["solver"] == solver], item_id, number, book, mode)
    )
    quality = load_blob(row.get("quality_blob"))
    audit = load_blob(rows.accepted.get(row.get("round_id", ""), {}).get("payload_blob"))
    reviews = autosynth_verdict.read_reviews(quality, audit.get("audit") if isinstance(audit, dict) else None)
    return ForeignRound(
        number=number,
        task=task,
        rollouts=rollouts,
        strong_run=any(r.solver == "strong" for r in rollouts),
        reviews=reviews,
        claim=autosynth_verdict.classify(row, item, candidate, quality, scores, rows.acceptance),
        feedback="\n".join(autosynth_verdict.list_texts(row.get("reflection"))) or None,
        calls=book.find_others(item_id, number),
        ended=read_time(row.get("ended_at")),
    )


def _read_task(candidate: Row, where: str, ledger: Ledger) -> ForeignTask | None:
    payload = candidate.get("payload")
    if not isinstance(payload, dict):
        return None
    name = next((name for name in _QUESTIONS if isinstance(payload.get(name), str) and payload[name].strip()), None)
    if name is None:
        ledger.drop(f"{where} candidate", "the payload has no question that could be read")
        return None
    rubric, flags = ledger.take_rubric(candidate, where, "description")
    return ForeignTask(
        question=payload[name],
        context=ledger.take_text(payload, "context", where),
        reference_answer=ledger.take_text(candidate, "reference_output", where),
        rubric=rubric,
        tags=ledger.take_texts(payload, "reasoning_skills", where),
        flags=tuple(flags),
        kept={k: v for k, v in payload.items() if k not in (name, "context", "reasoning_skills")},
    )


def _read_side(
    solver: Solver, scores: list[Row], item_id: str, number: int, book: CallBook, mode: str
) -> list[ForeignRollout]:
    """Graded attempts in their order, then those that were answered or failed and never graded."""
    calls = {call.attempt: call for call in book.find(item_id, number, solver)}
    graded = {score["attempt"]: score for score in scores}
    found = []
    for attempt in sorted(graded.keys() | calls.keys()):
        score, call = graded.get(attempt), calls.get(attempt)
        if score is None:
            answer = call.response if call else None
            failure = (call.error if call else "") or ("never answered" if answer is None else "never graded")
            found.append(ForeignRollout(solver, attempt, answer=answer, call=call, failure=failure))
        else:
            found.append(_read_score(solver, score, book, mode))
    return found


def _read_score(solver: Solver, score: Row, book: CallBook, mode: str) -> ForeignRollout:
    failures = autosynth_verdict.list_texts(score.get("failure_modes"))
    failure = next((text for text in failures if text.startswith(("judge_parse_error", "verify_error"))), "")
    marks = load_blob(score.get("per_criterion"))
    verifiable = mode == "verifiable"
    correct = score.get("correct")
    total = float(score["total"]) if is_number(score.get("total")) else None
    if verifiable:
        unread = (
            "" if correct in (0, 1) else "the domain's check could not read the answer, and 0 is stored in its place"
        )
        stated = StatedScore(total if not unread else None, RIGHT_OR_WRONG, comparable=not unread, reason=unread)
    elif failure:
        stated = StatedScore(None, FORMULA, reason="the judge's reply could not be read, and 0 is stored in its place")
    else:
        stated = StatedScore(total, FORMULA, reason="the judge may have stated a total of its own beside its marks")
    answer = score.get("raw_response")
    return ForeignRollout(
        solver,
        score["attempt"],
        answer=answer if isinstance(answer, str) else None,
        stated=stated,
        marks={str(k): Mark(float(v)) for k, v in marks.items() if is_number(v) and 0 <= v <= 1}
        if isinstance(marks, dict) and not failure
        else {},
        graded_by="symbolic" if verifiable else "judge",
        failure=failure,
        note="; ".join(text for text in failures if text != failure),
        call=book.by_id(score.get("solver_response_id")),
        judge=None if verifiable else book.by_id(score.get("judge_response_id")),
    )
