"""S4: did the model that was asked for answer, and the same one all along?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from autodata.audit.records import Call, TaskRecords
from autodata.audit.static.check import Check, Sheet, list_words
from autodata.model import SOLVERS

_DATE = re.compile(r"[-@:](latest|preview|\d{2,4}(-?\d{2}){0,2}|\d{3,8}|v\d+)$")


def check_models(task: TaskRecords) -> Check:
    """Models requested are those of the seats; models returned are the requested ones, and one of them in a run.

    A server may add a date or a path to a name (`org/name`, `name-2025-04-14`); that is the same model. Two such names
    in one run are a flag, and so is one name for two seats that asked for different models.
    """
    sheet = Sheet("S4")
    calls = [call for call in (*task.solver_calls, *task.judge_calls) if not call.error]
    for call in calls:
        _compare_requested(task, sheet, call)
        if not call.model_returned:
            sheet.lack("the models that answered")
        elif call.model_requested and not is_same_model(call.model_requested, call.model_returned):
            sheet.violation(f"the {call.role} seat asked for {call.model_requested}, {call.model_returned} answered")
    for role in ("weak", "strong", "judge"):
        _look_for_changes(task, sheet, role, [call for call in calls if call.role == role])
    _look_for_one_model(sheet, calls)
    return sheet.close()


def is_same_model(requested: str, returned: str) -> bool:
    """Whether two names mean one model, but for a path before it and a date behind it."""
    return _fold_name(requested) == _fold_name(returned)


def tell_change(role: str, own: Iterable[str], known: Mapping[str, int]) -> str:
    """Which of the names that a task's answers came under is not the run's usual one; "" where all are.

    `known` counts the names of the whole run; of two as frequent ones the first by name is the usual one.
    """
    if len(known) < 2:
        return ""
    usual = min(known, key=lambda name: (-known[name], name))
    odd = sorted(set(own) - {usual, ""})
    return f"{list_words(odd)} answered for the {role} seat, in the rest of the run {usual}" if odd else ""


def _fold_name(name: str) -> str:
    last = name.strip().casefold().rstrip("/").rsplit("/", 1)[-1]
    return _DATE.sub("", last)


def _compare_requested(task: TaskRecords, sheet: Sheet, call: Call) -> None:
    wanted = task.models.get(call.role, "")
    if wanted and call.model_requested and not any(is_same_model(n, call.model_requested) for n in wanted.split(", ")):
        sheet.violation(f"a {call.role} request went to {call.model_requested}, the seat has {wanted}")


def _look_for_changes(task: TaskRecords, sheet: Sheet, role: str, calls: list[Call]) -> None:
    words = tell_change(role, [call.model_returned for call in calls], task.run.returned.get(role, {}))
    # Several models are usual in a bundle of other people's runs, each with models of its own.
    if words and not task.run.imported:
        sheet.flag(words)
    prints = {call.fingerprint for call in calls if call.fingerprint}
    if len(prints) > 1:
        sheet.note(f"the server changed its fingerprint between {role} calls ({len(prints)} of them)")


def _look_for_one_model(sheet: Sheet, calls: list[Call]) -> None:
    asked, came = (
        [{getattr(call, name) for call in calls if call.role == role} - {""} for role in SOLVERS]
        for name in ("model_requested", "model_returned")
    )
    if asked[0] and asked[1] and not asked[0] & asked[1] and came[0] & came[1]:
        both = list_words(sorted(came[0] & came[1]))
        sheet.violation(f"{both} answered for weak and strong, which asked for different models")
