"""S6: could the judge know whose answer it read, and did it read all answers alike?"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import orjson

from autodata.audit.records import Answer, Call, TaskRecords
from autodata.audit.static.check import Check, Sheet, quote, tell_difference
from autodata.audit.static.rendering import MASK, mask_answer
from autodata.canon import to_canonical_json
from autodata.model import SOLVERS

_ROLES = re.compile(r"\b(weak|strong)(er)?[ -]?(model|solver|answer|student|candidate|response|side|rollout)s?\b")
"""For text without capitals."""
_SHORTEST_NAME = 4
"""Model names of fewer characters are not looked for: they occur in any text."""


def check_judge(task: TaskRecords) -> Check:
    """Judge requests are the same bytes outside the answer, settings and model included, and name no solver there.

    A difference is a violation; an identity that both sides share is a flag. Words of the task itself do not count.
    """
    sheet = Sheet("S6")
    seen: dict[str, list[tuple[Answer, Call, str, bytes]]] = {}
    for answer in (a for solver in SOLVERS for a in task.list_answers(solver)):
        call = task.find_call(answer.judge_call)
        if call is None:
            if answer.graded_by in ("judge", "verifier") and answer.value is not None:
                sheet.lack("judge requests")
            continue
        masked = mask_answer(task, call, answer.text or "") if call.request is not None else None
        if masked is None:
            sheet.lack("judge requests")
            continue
        rest = to_canonical_json(_leave_out_texts(call.read_body()))
        seen.setdefault(call.purpose, []).append((answer, call, masked, rest))
    for rows in seen.values():
        _compare(sheet, rows)
        _look_for_names(task, sheet, rows)
    return sheet.close()


def _leave_out_texts(body: dict[str, Any]) -> dict[str, Any]:
    roles = [m.get("role") for m in body.get("messages") or () if isinstance(m, dict)]
    return {**{key: value for key, value in body.items() if key not in ("messages", "seed")}, "roles": roles}


def _compare(sheet: Sheet, rows: list[tuple[Answer, Call, str, bytes]]) -> None:
    usual = Counter((masked, rest) for _, _, masked, rest in rows).most_common(1)[0][0]
    for answer, call, masked, rest in rows:
        name = f"the judge request of {answer.solver} answer {answer.index + 1}"
        if masked != usual[0]:
            parted = tell_difference(masked, usual[0], "request", "usual one")
            sheet.violation(f"{name} differs outside the answer: {parted} (record {call.seq:,})")
        if rest != usual[1]:
            sheet.violation(f"{name} has other settings: {_tell_settings(rest, usual[1])} (record {call.seq:,})")


def _tell_settings(own: bytes, usual: bytes) -> str:
    first, second = orjson.loads(own), orjson.loads(usual)
    names = sorted(key for key in first.keys() | second.keys() if first.get(key) != second.get(key))
    return "; ".join(
        f"{key} {quote(str(first.get(key, 'not set')))}, usually {quote(str(second.get(key, 'not set')))}"
        for key in names
    )


def _look_for_names(task: TaskRecords, sheet: Sheet, rows: list[tuple[Answer, Call, str, bytes]]) -> None:
    own = " ".join(
        (task.task.context, task.task.question, task.task.reference_answer, *(c.criterion for c in task.task.rubric))
    ).casefold()
    names = {task.models.get(solver, "") for solver in SOLVERS}
    names |= {call.model_returned for call in task.solver_calls}
    for masked in {masked for _, _, masked, _ in rows}:
        shown = masked.casefold().replace(MASK, " ")
        found = [n for n in names if len(n) >= _SHORTEST_NAME and n.casefold() in shown and n.casefold() not in own]
        if "weak" in shown or "strong" in shown:
            found += [match.group() for match in _ROLES.finditer(shown) if match.group() not in own]
        for name in sorted(set(found)):
            sheet.flag(f"the judge request names {quote(name)} outside the answer")
