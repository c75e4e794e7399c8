"""A linear recurrence of first order: its closed form, or that of its partial sums."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from autodata.llm.simulator.math import expressions as ex
from autodata.llm.simulator.math.family import Numbers, PosedFamily, Work, read_groups


def _draw_recurrence(rng: Random, size: int) -> Numbers:
    over, under = rng.choice(((1, 2), (2, 3), (3, 4), (-1, 2), (-2, 3), (3, 2), (5, 2)))
    return rng.randint(1, 9), over, under, rng.randint(1, 9), int(size >= 2), rng.randint(1, 3) if size >= 4 else 0


def _state_recurrence(numbers: Numbers) -> str:
    start, over, under, plus, summed, lag = numbers
    wanted = "the sum S_n = a_0 + a_1 + ... + a_n" if summed else "a_n"
    late = f" with n replaced by n + {lag}" if lag else ""
    return (
        f"A sequence starts with a_0 = {start} and satisfies a_(k+1) = ({over}/{under}) a_k + {plus} for every k >= 0. "
        f"What is {wanted}{late}, in closed form as an expression in n?"
    )


_RECURRENCE = re.compile(
    r"starts with a_0 = (\d+) and satisfies a_\(k\+1\) = \((-?\d+)/(\d+)\) a_k \+ (\d+) for every k >= 0\. "
    r"What is (?:(the sum S_n = a_0 \+ a_1 \+ \.\.\. \+ a_n)|a_n)(?: with n replaced by n \+ (\d+))?, in closed form"
)


def _list_steps(numbers: Numbers) -> tuple[str, ...]:
    steps: tuple[str, ...] = ("fixed point", "start", "power")
    steps += ("count", "geometric sum") if numbers[4] else ()
    return steps + (("shift",) if numbers[5] else ())


def _derive_recurrence(numbers: Numbers, wrong: frozenset[str], tex: bool, rng: Random) -> Work:
    start, over, under, plus, summed, lag = numbers
    ratio = Fraction(over, under)
    fixed = plus / ((1 + ratio) if "fixed point" in wrong and ratio != -1 else (1 - ratio))
    distance = Fraction(start) if "start" in wrong else start - fixed
    lines = [f"The fixed point is {ex.write_fraction(fixed, False)}."]
    lines.append(f"The distance from it starts at {ex.write_fraction(distance, False)} and is multiplied by the ratio.")
    lag = 0 if "shift" in wrong else lag
    extra = lag + (1 if summed else 0) - (1 if "power" in wrong else 0)
    exponent = "n" if not extra else f"n{'+' if extra > 0 else '-'}{abs(extra)}"
    power = ex.write_power(ratio, exponent, tex)
    if not summed:
        return ex.write_sum(((distance, power), (fixed, "")), tex), tuple(lines)
    scale = distance if "geometric sum" in wrong else distance / (1 - ratio)
    count = lag + (0 if "count" in wrong else 1)
    lines.append("Adding up gives a geometric sum and the fixed point once for every term.")
    terms = [(-scale, power), (fixed, "n"), (scale + count * fixed, "")]
    if rng.random() < 0.5:
        terms = [terms[1], terms[0], terms[2]]
    return ex.write_sum(terms, tex), tuple(lines)


RECURRENCE = PosedFamily(
    "recurrence",
    ("contraction", "iterate", "fixed", "sequence", "converge", "metric"),
    _state_recurrence,
    lambda text: read_groups(_RECURRENCE, text),
    _list_steps,
    _derive_recurrence,
    _draw_recurrence,
)
