"""Procedurally generated tasks from reasoning-gym (an optional package): a prompt and its only right answer each.

Its own scorers are not used: several evaluate the answer's text as Python, and most give points for being close.
Answers are compared like all others, so only tasks are offered whose reference is the one right answer.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from autodata.errors import BadInput

PACKAGE = "reasoning-gym"
COUNT_MAX = 100_000

SINGLE_ANSWER = frozenset(
    """acre aiw basic_arithmetic calendar_arithmetic chain_sum circuit_logic coin_flip color_cube_rotation
    complex_arithmetic count_bits count_primes course_schedule family_relationships game_of_life_halting gcd
    gsm_symbolic isomorphic_strings largest_island lcm leg_counting letter_counting maze needle_haystack number_sequence
    polynomial_multiplication products ransom_note rectangle_count rotten_oranges self_reference simple_equations
    simple_geometry syllogism zebra_puzzles""".split()
)
"""Tasks with one right answer that letters or algebra can tell from wrong ones. Left out: puzzles with many solutions
(countdown, sudoku, tower_of_hanoi), answers that are right only in one form (fraction_simplification), rounded ones."""


def generate_items(task: str, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """`count` items of one task, the same for the same seed: id, prompt, answer and where they come from.

    Raises BadInput when the package is absent, the task is unknown or has several right answers, or the count is none.
    """
    if not 1 <= count <= COUNT_MAX:
        raise BadInput(f"count {count:,} is out of range; give 1 to {COUNT_MAX:,}")
    package = _import_package()
    known = importlib.import_module("reasoning_gym.factory").DATASETS
    if task not in known:
        raise BadInput(f"{PACKAGE} has no task {task!r}; of its tasks these can be used: {_list_tasks()}")
    if task not in SINGLE_ANSWER:
        raise BadInput(
            f"{PACKAGE} task {task!r} has several right answers or rounded ones, and its reference is one of them. "
            f"These can be used: {_list_tasks()}"
        )
    dataset = package.create_dataset(task, size=count, seed=seed)
    origin = {"package": PACKAGE, "version": version(PACKAGE), "task": task, "seed": seed}
    for index in range(count):
        entry = dataset[index]
        yield {
            "id": f"{task}-{seed}-{index}",
            "prompt": str(entry["question"]),
            "answer": str(entry["answer"]),
            "generated_by": {**origin, "index": index},
        }


def _import_package() -> Any:
    try:
        return importlib.import_module("reasoning_gym")
    except ImportError as error:
        raise BadInput(
            f"{PACKAGE} is not installed ({error}). It brings about 100 MB with it and is needed for this alone: "
            "pip install -r requirements-reasoning-gym.txt"
        ) from error


def _list_tasks() -> str:
    return ", ".join(sorted(SINGLE_ANSWER))
