"""The requests of an audit: the auditor's own, and those of the record sent once more.

The neutral request holds the task's fields and nothing else, in three rotating forms written by hand, so that the luck
of one format averages out. Weak and strong get the same bytes but for the model, and for settings that a person signed
a difference for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodata.agents.request import build_body
from autodata.agents.solver import SOLVER_TEMPLATE, build_solver_body
from autodata.audit.records import Call, TaskRecords
from autodata.canon import derive_seed, hash_value, to_canonical_json
from autodata.llm.seat import Seat, SeatBook, request_settings
from autodata.model import SOLVERS, Solver, Task

TEMPLATES = (
    SOLVER_TEMPLATE,
    "Context:\n\n{context}\n\nQuestion:\n\n{question}",
    "Here is some background, followed by a question to answer.\n\n{context}\n\n{question}",
)
BARE_TEMPLATES = ("{question}", "Question:\n\n{question}", "Here is a question to answer.\n\n{question}")
"""The same three for a task that has no context."""

NEUTRAL_SHA = hash_value([TEMPLATES, BARE_TEMPLATES])
"""The template hash that calls of neutral requests are recorded with."""

LIMITS = ("max_tokens", "max_completion_tokens")
"""Fields that bound the length of an answer, in tokens."""

NOT_OF_ONE_ANSWER = frozenset({"n", "stream", "stream_options"})
"""How a reply is delivered, not what is asked: an audit takes one whole answer a call."""


def choose_form(task_id: str, index: int) -> int:
    """Which of the three forms the answer of that index is asked in; tasks begin with different ones."""
    return (index + derive_seed("form", task_id)) % len(TEMPLATES)


def render_neutral(task: Task, index: int) -> str:
    """The whole text of the neutral request for the answer of that index."""
    form = choose_form(task.id, index)
    if not task.context:
        return BARE_TEMPLATES[form].format(question=task.question)
    return TEMPLATES[form].format(context=task.context, question=task.question)


def build_neutral_body(seat: Seat, task: Task, *, index: int, seed: int) -> dict[str, Any]:
    """The neutral request for the answer of that index: one user message, the seat's settings."""
    return build_body(seat, [{"role": "user", "content": render_neutral(task, index)}], seed)


def derive_fresh_seed(seed: int, task_id: str, arm: str, index: int) -> int:
    """The seed of one fresh answer: no recorded answer has it, and both solvers do, so that they get the same bytes."""
    return derive_seed(seed, "fresh", task_id, arm, index)


def list_recorded(records: TaskRecords, solver: Solver) -> tuple[Call, ...]:
    """The solver's recorded requests behind the answers that decided, by index; without those that cannot be sent."""
    calls = (records.find_call(answer.answer_call) for answer in records.list_answers(solver))
    return tuple(call for call in calls if call is not None and _is_chat(call.read_body()))


def build_as_run_body(call: Call, *, seed: int, model: str = "") -> dict[str, Any]:
    """A recorded request word for word but for its seed; `model` is the endpoint's name for it, where it has another.

    A recorded request without a seed gets none.
    """
    body = {key: value for key, value in call.read_body().items() if key not in NOT_OF_ONE_ANSWER}
    return {**body, **({"seed": seed} if "seed" in body else {}), **({"model": model} if model else {})}


def name_model(records: TaskRecords, seats: SeatBook, solver: Solver) -> str:
    """The model to put into a recorded request: "" keeps the recorded one.

    Another system's name for a model means nothing to our endpoint, so an imported request gets the seat's.
    """
    return seats.seat(solver).model if records.run.imported else ""


def is_neutral(call: Call, seat: Seat, task: Task) -> bool:
    """Whether a recorded request is the auditor's own but for the seed: then nothing can lie in their difference."""
    own, recorded = build_solver_body(seat, task, seed=0), call.read_body()
    return _strip(own) == _strip(recorded)


def share_request(records: TaskRecords) -> bool:
    """Whether both solvers were sent the same, whatever it is: all recorded requests agree but for model and seed."""
    sent = {_strip(call.read_body(), "model") for solver in SOLVERS for call in list_recorded(records, solver)}
    return len(sent) == 1 and all(list_recorded(records, solver) for solver in SOLVERS)


def enlarge_budget(body: Mapping[str, Any], factor: int = 2) -> dict[str, Any]:
    """The same request with `factor` times the tokens to answer in, wherever it sets a limit."""
    return {**body, **{key: factor * body[key] for key in LIMITS if isinstance(body.get(key), int)}}


def list_declared(seats: SeatBook) -> tuple[str, ...]:
    """Settings in which weak and strong differ because a person signed for it; they stay different here."""
    weak, strong = request_settings(seats.seat("weak")), request_settings(seats.seat("strong"))
    return tuple(sorted(key for key in weak.keys() | strong.keys() if weak.get(key) != strong.get(key)))


def _is_chat(body: Mapping[str, Any]) -> bool:
    messages = body.get("messages")
    return isinstance(messages, list) and bool(messages) and all(isinstance(message, dict) for message in messages)


def _strip(body: Mapping[str, Any], *more: str) -> bytes:
    return to_canonical_json({key: value for key, value in body.items() if key not in ("seed", *more)})
