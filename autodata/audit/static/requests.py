"""S1 to S3: what weak and strong were sent, byte for byte, against each other and against the pinned templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import autodata
from autodata.agents.solver import SOLVER_TEMPLATE_SHA, build_solver_body
from autodata.audit.records import Call, TaskRecords
from autodata.audit.static.check import Check, Sheet, shorten_sha, tell_difference
from autodata.audit.static.rendering import render_judge_body
from autodata.canon import hash_text, to_canonical_json
from autodata.llm.quirks import adapt_body
from autodata.model import SOLVERS

OWN_TO_EACH = frozenset({"model", "seed"})
"""Fields that may differ between any two requests."""

TEXT_FIELDS = frozenset({"messages", "prompt", "input", "system", "instructions", "tools", "tool_choice", "functions"})
"""What a model reads (S1); every other field is a setting (S3)."""

_ABSENT = b"absent"


def check_symmetry(task: TaskRecords) -> Check:
    """S1: every request of either solver reads the same, whichever attempt; a signed contract may allow a field."""
    sheet = Sheet("S1")
    calls = _take_recorded(task, sheet)
    _compare_fields(task, sheet, calls, TEXT_FIELDS)
    return sheet.close()


def check_parameters(task: TaskRecords) -> Check:
    """S3: every setting is the same in all requests of both solvers and, in our own runs, the one of the seat.

    An absent setting is the server's default, so it must be absent everywhere.
    """
    sheet = Sheet("S3")
    calls = _take_recorded(task, sheet)
    fields = {key for call in calls for key in call.read_body()} - TEXT_FIELDS - OWN_TO_EACH
    _compare_fields(task, sheet, calls, fields)
    if task.run.seats and not task.run.imported:
        for call in calls:
            _compare_with_seat(task, sheet, call)
    return sheet.close()


def check_templates(task: TaskRecords) -> Check:
    """S2: trusted code, asked to render the request of this task again, gives the recorded bytes.

    For solvers the pinned prompt, context and question and nothing else; for judges the recipe's templates. Other
    systems have templates of their own: there it is only checked that the task stands in each request.
    """
    sheet = Sheet("S2")
    calls = _take_recorded(task, sheet)
    if task.run.imported:
        sheet.lack("the request templates")
        for call in calls:
            _find_task_text(task, sheet, call)
        return sheet.close()
    for call in calls:
        wanted = build_solver_body(_any_seat(task, call), task.task, seed=0)["messages"] if task.run.seats else None
        if wanted is None:
            sheet.lack("the seats")
        elif call.read_body().get("messages") != wanted:
            older = task.run.software != autodata.__version__ and call.template_sha != SOLVER_TEMPLATE_SHA
            said = tell_difference(call.prompt, wanted[0]["content"], f"{call.role} request", "template")
            words = f"record {call.seq:,} is not the pinned solver request: {said}"
            if older:
                sheet.flag(f"{words} (written by version {task.run.software})")
            else:
                sheet.violation(words)
    _check_judge_templates(task, sheet)
    return sheet.close()


def _take_recorded(task: TaskRecords, sheet: Sheet) -> list[Call]:
    """Solver calls whose requests are recorded; says what is missing."""
    calls = [call for call in task.solver_calls if call.request is not None]
    known = {call.seq for call in calls}
    used = [a for solver in SOLVERS for a in task.list_answers(solver) if a.status != "failed"]
    if any(a.answer_call not in known for a in used) or len(calls) < len(task.solver_calls):
        sheet.lack("requests")
    return calls


def _compare_fields(task: TaskRecords, sheet: Sheet, calls: list[Call], fields: Iterable[str]) -> None:
    bodies = [(call, call.read_body()) for call in calls]
    allowed = task.run.allowed
    for name in sorted(fields):
        values = [(call, to_canonical_json(body[name]) if name in body else _ABSENT) for call, body in bodies]
        if len({value for _, value in values}) < 2:
            continue
        first, second = _choose_pair(values)
        words = _tell_field(name, first, second)
        if name in allowed and task.run.seats:
            contract = task.run.seats.contract
            sheet.declared = True
            sheet.note(f"{words}; {contract.signed_by} allowed this: {contract.reason or 'no reason given'}")
        elif name not in TEXT_FIELDS and {first.adapted, second.adapted} != {()}:
            sheet.flag(f"{words}; a server refused the setting and the other request kept it")
        else:
            sheet.violation(words)


def _choose_pair(values: list[tuple[Call, bytes]]) -> tuple[Call, Call]:
    """A call whose value differs from the usual one, weak where there is one, and a call of the other kind."""
    strong = Counter(value for call, value in values if call.role == "strong")
    usual = (strong or Counter(value for _, value in values)).most_common(1)[0][0]
    odd = sorted((c for c, value in values if value != usual), key=lambda c: (c.role != "weak", c.attempt))[0]
    rest = sorted((c for c, value in values if value == usual), key=lambda c: (c.role == odd.role, c.attempt))[0]
    return odd, rest


def _tell_field(name: str, first: Call, second: Call) -> str:
    names = [f"{call.role} request {call.attempt + 1}" for call in (first, second)]
    if name == "messages" and first.prompt != second.prompt:
        said = tell_difference(first.prompt, second.prompt, *names)
        shas = " and ".join(shorten_sha(hash_text(call.prompt)) for call in (first, second))
        return f"the requests differ: {said} (records {first.seq:,} and {second.seq:,}, texts {shas})"
    bodies = first.read_body(), second.read_body()
    shown = [_show(body[name]) if name in body else "not set" for body in bodies]
    return f"{name} is {shown[0]} in the {names[0]} and {shown[1]} in the {names[1]}"


def _show(value: Any) -> str:
    text = to_canonical_json(value).decode()
    return f"{text[:80]}…" if len(text) > 80 else text


def _any_seat(task: TaskRecords, call: Call) -> Any:
    assert task.run.seats is not None
    return task.run.seats.seat("weak" if call.role == "weak" else "strong")


def _compare_with_seat(task: TaskRecords, sheet: Sheet, call: Call) -> None:
    seat, body = _any_seat(task, call), call.read_body()
    wanted, _ = adapt_body(build_solver_body(seat, task.task, seed=0), call.adapted)
    differing = sorted(
        key
        for key in (wanted.keys() | body.keys()) - TEXT_FIELDS - OWN_TO_EACH
        if to_canonical_json(wanted.get(key)) != to_canonical_json(body.get(key))
    )
    for key in differing:
        sheet.violation(
            f"the {call.role} requests have {key} {_show(body.get(key))}, the seat says {_show(wanted.get(key))}"
        )


def _find_task_text(task: TaskRecords, sheet: Sheet, call: Call) -> None:
    """Whether an imported request holds the task at all."""
    for name, text in (("question", task.task.question), ("context", task.task.context)):
        if text.strip() and _fold(text) not in _fold(call.prompt):
            sheet.flag(f"the {name} does not stand word for word in the {call.role} requests")


def _fold(text: str) -> str:
    return " ".join(text.split())


def _check_judge_templates(task: TaskRecords, sheet: Sheet) -> None:
    """Judge requests rendered again from the recipe in the journal, for the answer that was to be judged."""
    for answer in (a for solver in SOLVERS for a in task.list_answers(solver)):
        call = task.find_call(answer.judge_call)
        if call is None:
            continue
        if task.run.recipe is None or task.run.seats is None or call.request is None:
            sheet.lack("the judge's templates")
            continue
        wanted = render_judge_body(task, call, answer.text or "")
        said = call.read_body()
        if said.get("messages") != wanted["messages"]:
            texts = "\n".join(message["content"] for message in wanted["messages"])
            parted = tell_difference(call.prompt, texts, "request", "template")
            sheet.violation(f"record {call.seq:,} is not the recipe's judge request: {parted}", "judge")
