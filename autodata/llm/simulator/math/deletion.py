"""Deletion in a random subset of a hypergraph: the best bound of the expectation argument."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from autodata.llm.simulator.math import expressions as ex
from autodata.llm.simulator.math.family import Numbers, PosedFamily, Work, read_groups


def _draw_deletion(rng: Random, size: int) -> Numbers:
    return (2 if size == 1 else rng.randint(3, 3 + size // 2)), rng.randint(2, 5) if size >= 3 else 1


def _state_deletion(numbers: Numbers) -> str:
    order, cost = numbers
    return (
        f"A hypergraph has n vertices, every edge has exactly {order} vertices, and the average degree is d. "
        f"Every vertex is kept independently with probability p, and for every edge all of whose vertices are kept, "
        f"{cost} kept vertices are given up. With the best p, and p <= 1 not being a restriction, what is the "
        f"largest lower bound that the expectation argument gives for the number of vertices that remain, as an "
        f"expression in n and d?"
    )


_DELETION = re.compile(
    r"every edge has exactly (\d+) vertices, and the average degree is d\. Every vertex is kept independently with "
    r"probability p, and for every edge all of whose vertices are kept, (\d+) kept"
)


def _derive_deletion(numbers: Numbers, wrong: frozenset[str], tex: bool, rng: Random) -> Work:
    order, cost = numbers
    edges = Fraction(1) if "edges" in wrong else Fraction(1, order)
    cost = 1 if "cost" in wrong else cost
    scale = order * edges * cost
    power = Fraction(1, order - 1) if "optimum" not in wrong else Fraction(1)
    rest = Fraction(1) if "substitution" in wrong else 1 - Fraction(1, order)
    lines = [
        f"There are {'n d' if edges == 1 else f'n d/{order}'} edges, each kept with probability p^{order}.",
        "Setting the derivative in p to zero gives the best p, which is then put back.",
    ]
    inner = ex.write_sum([(scale, "d")], tex)
    root = ex.write_fraction(power, False)
    held = inner if inner == "d" else f"({inner})"
    body = f"n \\cdot {held}^{{-{root}}}" if tex else f"n*{held}^(-{root})"
    if tex and power.denominator == 2 and rng.random() < 0.5:
        top = ex.write_fraction(rest, True)
        return f"\\frac{{n}}{{\\sqrt{{{inner}}}}} \\cdot {top}", tuple(lines)
    return ex.write_sum([(rest, body)], tex), tuple(lines)


def _list_deletion(numbers: Numbers) -> tuple[str, ...]:
    return ("edges", "substitution") + (("optimum",) if numbers[0] > 2 else ()) + (("cost",) if numbers[1] > 1 else ())


DELETION = PosedFamily(
    "deletion",
    ("independent", "vertex", "vertices", "edge", "degree", "probability"),
    _state_deletion,
    lambda text: read_groups(_DELETION, text),
    _list_deletion,
    _derive_deletion,
    _draw_deletion,
)
