"""The generic format `autodata-trajectory/1`: JSON lines, one trajectory each. docs/import.md has every field.

Only `rounds[].task.question` is needed; what is absent is not recorded. A line, round or field that cannot be used is
noted and left out, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from autodata.canon import hash_text, hash_value
from autodata.errors import BadInput
from autodata.importing import dataset_items
from autodata.importing.fields import Ledger, check_known, describe, load_json, read_bytes
from autodata.importing.generic_calls import read_calls
from autodata.importing.generic_rollouts import read_rollouts
from autodata.importing.values import (
    Claim,
    ForeignReview,
    ForeignRound,
    ForeignTask,
    ForeignTrajectory,
    ParsedFile,
)
from autodata.model import OUTCOMES, Outcome, Source
from autodata.policy import parse_policy

NAME = "generic"
FORMAT = "autodata-trajectory/1"
SETTLED: tuple[Outcome, ...] = ("undecided", "failed_quality", "failed_audit", "improve")
"""Outcomes that rest on more than scores, so that no score can overrule them."""


def recognises(value: Any) -> bool:
    """Whether a JSON value is one of its lines, or one item of a dataset of ours."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("format"), str) and value["format"].startswith("autodata-trajectory/"):
        return True
    rounds = value.get("rounds")
    tasks = isinstance(rounds, list) and any(isinstance(r, dict) and isinstance(r.get("task"), dict) for r in rounds)
    return tasks or dataset_items.recognises(value)


def parse(path: Path) -> ParsedFile:
    """Read a file line by line. Raises BadInput for a version of the format this importer does not know."""
    ledger, trajectories, flags = Ledger(), [], []
    taken: dict[str, int] = {}
    for number, line in _read_lines(path):
        where = f"line {number}"
        try:
            value = load_json(line)
        except ValueError as error:
            known = isinstance(error, orjson.JSONDecodeError)
            ledger.drop(where, f"{'is not JSON' if known else 'cannot be read'}: {error}")
            continue
        if not isinstance(value, dict):
            ledger.drop(where, f"is {describe(value)}, not an object")
            continue
        if dataset_items.recognises(value):
            value = dataset_items.make_line(value)
        check_known(value.get("format"), (FORMAT, None), f"{path.name} {where}", "format")
        trajectory = _read_trajectory(value, where, ledger, taken)
        if trajectory is None:
            continue
        trajectories.append(trajectory)
        flags.append({name: value.get(name) for name in ("domain", "baseline", "simulated")})
    domains = {str(flag["domain"]) for flag in flags if isinstance(flag["domain"], str) and flag["domain"]}
    return ParsedFile(
        NAME,
        tuple(trajectories),
        tuple(ledger.unused),
        version=FORMAT,
        domain=", ".join(sorted(domains)),
        baseline=bool(flags) and all(flag["baseline"] is True for flag in flags),
        simulated=any(flag["simulated"] is True for flag in flags),
    )


def _read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    # Not splitlines, which also ends lines where JSON may not.
    for number, line in enumerate(read_bytes(path).split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _read_trajectory(
    value: dict[str, Any], where: str, ledger: Ledger, taken: dict[str, int]
) -> ForeignTrajectory | None:
    accepted = ledger.take_count(value, "accepted_round", where)
    rounds: dict[int, ForeignRound] = {}
    for at, item in enumerate(ledger.take_list(value, "rounds", where)):
        place = f"{where} rounds[{at}]"
        if not isinstance(item, dict):
            ledger.drop(place, f"is {describe(item)}, not an object")
            continue
        number = ledger.take_count(item, "round", place) or len(rounds) + 1
        if number in rounds:
            ledger.drop(place, f"round {number} stands there twice; the first one is used")
            continue
        found = _read_round(item, number, number == accepted, place, ledger)
        if found:
            rounds[number] = found
    if not rounds:
        ledger.drop(where, "has no round that could be used")
        return None
    policy = None
    if values := ledger.take_object(value, "policy", where):
        try:
            policy = parse_policy(values)
        except BadInput as error:
            ledger.drop(f"{where}.policy", str(error))
    models = ledger.take_object(value, "models", where)
    return ForeignTrajectory(
        where,
        _read_source(value, where, ledger, taken),
        tuple(rounds[number] for number in sorted(rounds)),
        models={str(seat): model for seat, model in models.items() if isinstance(model, str) and model},
        policy=policy,
        accepted_round=accepted or None,
        reason=ledger.take_text(value, "reason", where) or "",
        kept=ledger.take_object(value, "kept", where),
    )


def _read_source(value: dict[str, Any], where: str, ledger: Ledger, taken: dict[str, int]) -> Source:
    """The source under its own id; a second trajectory of it gets a number behind the id."""
    item = ledger.take_object(value, "source", where)
    text = ledger.take_text(item, "text", f"{where}.source") or ""
    title = ledger.take_text(item, "title", f"{where}.source") or ""
    own = ledger.take_text(item, "id", f"{where}.source")
    own = _number_again(own or (hash_text(text) if text else hash_value([title, value.get("rounds")]))[:16], taken)
    return Source(
        own,
        title or own,
        text,
        document=ledger.take_text(item, "document", f"{where}.source") or "",
        passage=ledger.take_count(item, "passage", f"{where}.source") or 1,
        passages=ledger.take_count(item, "passages", f"{where}.source") or 1,
        metadata=ledger.take_object(item, "metadata", f"{where}.source"),
    )


def _number_again(own: str, taken: dict[str, int]) -> str:
    """`own`, or with the next free number behind it where it is taken."""
    number = taken.get(own, 0) + 1
    name = own if number == 1 else f"{own}-{number}"
    while name in taken:
        number += 1
        name = f"{own}-{number}"
    taken[own] = number
    taken.setdefault(name, 1)
    return name


def _read_round(item: dict[str, Any], number: int, accepted: bool, where: str, ledger: Ledger) -> ForeignRound | None:
    outcome: Outcome | None = item.get("outcome")
    if outcome is not None and outcome not in OUTCOMES:
        ledger.drop(where, f"outcome {describe(outcome)} is not one of {', '.join(OUTCOMES)}")
        return None
    task = _read_task(item, where, ledger)
    if task is None and outcome not in SETTLED:
        ledger.drop(where, "has no task.question")
        return None
    outcome = outcome or ("accepted" if accepted else None)
    claimed = ledger.take_object(item, "claimed", where)
    if claimed:  # what the first source said, kept through any number of imports
        claimed = {"outcome": None, "reason": "", **claimed}
    rollouts = read_rollouts(item, where, ledger)
    strong_run = item.get("strong_run")
    return ForeignRound(
        number=number,
        task=task,
        rollouts=rollouts,
        strong_run=strong_run if isinstance(strong_run, bool) else None,
        reviews=tuple(_read_reviews(item, where, ledger)),
        claim=Claim(outcome, ledger.take_text(item, "reason", where) or "", outcome in SETTLED, claimed),
        feedback=ledger.take_text(item, "feedback", where),
        calls=read_calls(item, where, ledger),
        ended=ledger.take_number(item, "ended", where),
    )


def _read_task(item: dict[str, Any], where: str, ledger: Ledger) -> ForeignTask | None:
    task = ledger.take_object(item, "task", where)
    where = f"{where}.task"
    question = ledger.take_text(task, "question", where)
    if not question or not question.strip():
        return None
    rubric, flags = ledger.take_rubric(task, where)
    return ForeignTask(
        question=question,
        context=ledger.take_text(task, "context", where),
        reference_answer=ledger.take_text(task, "reference_answer", where),
        rubric=rubric,
        tags=ledger.take_texts(task, "tags", where),
        question_type=ledger.take_text(task, "question_type", where) or "",
        flags=(*ledger.take_texts(task, "flags", where), *flags),
        kept=ledger.take_object(task, "kept", where),
    )


def _read_reviews(item: dict[str, Any], where: str, ledger: Ledger) -> Iterator[ForeignReview]:
    for at, review in enumerate(ledger.take_list(item, "reviews", where)):
        place = f"{where}.reviews[{at}]"
        if not isinstance(review, dict) or not isinstance(review.get("passed"), bool):
            ledger.drop(place, "does not say passed: true or false")
            continue
        checks = ledger.take_object(review, "checks", place)
        yield ForeignReview(
            review["passed"],
            ledger.take_text(review, "feedback", place) or "",
            by=ledger.take_text(review, "by", place) or "verifier",
            checks={str(name): str(word) for name, word in checks.items()},
            purpose=ledger.take_text(review, "purpose", place) or "review",
        )
