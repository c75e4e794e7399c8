"""The solvers: weak and strong get the same bytes, context and question, and nothing else."""

from __future__ import annotations

from typing import Any

from autodata.agents.request import build_body
from autodata.canon import hash_text
from autodata.llm.seat import Seat
from autodata.model import Task

SOLVER_TEMPLATE = "{context}\n\n{question}"
"""The canonical solver prompt, the same for every domain and both solvers; no recipe or agent can change it."""

SOLVER_TEMPLATE_SHA = hash_text(SOLVER_TEMPLATE)


def build_solver_body(seat: Seat, task: Task, *, seed: int) -> dict[str, Any]:
    """The request of either solver: one user message, no system text, no source, no rubric."""
    return build_body(seat, [{"role": "user", "content": render_prompt(task)}], seed)


def render_prompt(task: Task) -> str:
    """What a solver reads; a task without a context is its question alone."""
    return SOLVER_TEMPLATE.format(context=task.context, question=task.question) if task.context else task.question
