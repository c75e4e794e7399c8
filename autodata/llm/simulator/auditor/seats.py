"""Which of the auditor's writers a chat call asks for, and its reply. Prompts are known by the fields they ask for.

Text inside marked sections is material: nothing it says is obeyed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from autodata.llm.simulator.auditor.comparing import check_entailment, prefer_answer
from autodata.llm.simulator.auditor.reading import drop_orders
from autodata.llm.simulator.auditor.rewording import paraphrase_task, restyle_answer
from autodata.llm.simulator.auditor.rubric import write_own_rubric
from autodata.llm.simulator.bias import Leaning
from autodata.llm.simulator.filter_items import improvise_item
from autodata.llm.simulator.math.families import read_problem
from autodata.llm.simulator.math.solver import solve_problem
from autodata.llm.simulator.solver import Attempt, write_answer
from autodata.llm.simulator.tasks import LatentTask, TaskStore
from autodata.llm.simulator.wire import ChatCall

AuditorSeat = Literal["preference", "rubric", "restyle", "paraphrase", "entailment", "oracle", ""]

_TASK = frozenset({"passage", "context", "question"})
_ASKED: tuple[tuple[str, AuditorSeat, frozenset[str], frozenset[str]], ...] = (
    (
        '"better"',
        "preference",
        frozenset({"question", "first_answer", "second_answer"}),
        frozenset({"context", "question", "first_answer", "second_answer"}),
    ),
    ('"rewritten"', "restyle", frozenset({"answer"}), frozenset({"answer"})),
    ('"new_question"', "paraphrase", frozenset({"question"}), _TASK),
    ('"entailed"', "entailment", frozenset({"given", "claimed"}), frozenset({"given", "claimed"})),
    ('"rubric"', "rubric", frozenset({"question"}), _TASK),
    ("", "oracle", frozenset({"question"}), _TASK),
)
"""The field that only this writer is asked for, the writer, the sections it needs and those it may be given."""


def find_auditor_seat(call: ChatCall, sections: dict[str, str]) -> AuditorSeat:
    """The writer that is addressed; "" where none is."""
    asked = call.system or call.user
    return next(
        (seat for field, seat, needed, known in _ASKED if field in asked and needed <= sections.keys() <= known),
        "",
    )


def answer_auditor(
    seat: AuditorSeat,
    call: ChatCall,
    sections: dict[str, str],
    store: TaskStore,
    leaning: Leaning,
    server_seed: int,
    seed: int,
) -> str:
    """The reply of a writer; a paraphrase is remembered."""
    if seat == "restyle":
        return restyle_answer(sections["answer"])
    if seat == "entailment":
        return check_entailment(sections, server_seed, seed)
    task = _recall(sections, store)
    if seat == "preference":
        return prefer_answer(call.model, task, sections, leaning, server_seed, seed)
    if seat == "paraphrase":
        return paraphrase_task(sections, task, store, server_seed)
    if seat == "rubric":
        return write_own_rubric(task, sections.get("passage", ""), server_seed, seed)
    return _answer_with_source(call, sections, task, server_seed, seed)


def _recall(sections: dict[str, str], store: TaskStore) -> LatentTask:
    """What the solvers have in mind when they read the same task."""
    message = f"{sections.get('context', '')}\n\n{sections['question']}".lstrip("\n")
    return store.find(message) or improvise_item(message)


def _answer_with_source(call: ChatCall, sections: dict[str, str], task: LatentTask, server_seed: int, seed: int) -> str:
    question = drop_orders(sections["question"])
    problem = read_problem(question)
    if problem is not None:
        return solve_problem(problem, replace(call, system="", user=question), server_seed, seed)
    prompt = f"{sections.get('context', '')}\n\n{sections['question']}\n\n{sections.get('passage', '')}"
    attempt = Attempt(call.model, task, prompt, min(call.temperature, 1.0), call.extras, told=call.system)
    return write_answer(attempt, server_seed, seed)
