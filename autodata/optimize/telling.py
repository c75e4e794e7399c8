"""What the agents of a search are told of earlier iterations: a line each, nothing of audits or of single answers."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.optimize.population import Iteration, Population

_LINE_MAX = 400
_ENDS = {
    "kept": "it helped and was kept",
    "discarded": "it did not help and was dropped",
    "refused": "it was not allowed",
    "duplicate": "it had been tried before",
    "failed": "nothing came of it",
}


def describe_history(population: Population, numbers: Sequence[int]) -> str:
    """One line for each of these iterations."""
    if not numbers:
        return "Nothing was tried before."
    return "\n".join(_describe(population.iterations[number]) for number in numbers)


def _describe(iteration: Iteration) -> str:
    decision, edit = iteration.decision or {}, iteration.edit or {}
    change = " ".join(str(edit.get("summary") or "no change was proposed").split())
    state = str(decision.get("state", ""))
    why = f": {decision.get('reason')}" if state == "refused" else ""
    line = f"{iteration.number}. {change}. {_ENDS.get(state, state)}{why}"
    return line if len(line) <= _LINE_MAX else f"{line[: _LINE_MAX - 1]}…"
