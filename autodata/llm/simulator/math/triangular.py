"""Powers of a triangular matrix: the entry off the diagonal."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from autodata.llm.simulator.math import expressions as ex
from autodata.llm.simulator.math.family import Numbers, PosedFamily, Work, read_groups


def _draw_triangular(rng: Random, size: int) -> Numbers:
    first, second, corner = rng.randint(2, 6), rng.randint(2, 6), rng.randint(2, 9)
    if size <= 2 and first == second:
        second += 1
    return first, second, corner, rng.randint(1, 4) if size >= 3 else 0, int(size >= 4)


def _state_triangular(numbers: Numbers) -> str:
    first, second, corner, ahead, twisted = numbers
    power = f"A^(m+{ahead})" if ahead else "A^m"
    wanted = f"{power} (A - I)" if twisted else power
    return (
        f"Let A be the 2 by 2 matrix with {first} and {second} on the diagonal, {corner} in the upper right corner and "
        f"0 in the lower left one. What is the upper right entry of {wanted}, as an expression in the "
        f"positive integer m?"
    )


_TRIANGULAR = re.compile(
    r"2 by 2 matrix with (\d+) and (\d+) on the diagonal, (\d+) in the upper right corner and 0 in the lower left "
    r"one\. What is the upper right entry of A\^\(?m(?:\+(\d+)\))?( \(A - I\))?, as an"
)


def _derive_triangular(numbers: Numbers, wrong: frozenset[str], tex: bool, rng: Random) -> Work:
    first, second, corner, ahead, twisted = numbers
    ahead = 0 if "shift" in wrong else ahead
    lines = ["Powers of a triangular matrix are triangular, with the powers of the diagonal on it."]

    def power(base: int, lag: int) -> str:
        return ex.write_power(Fraction(base), "m" if not lag else f"m{'+' if lag > 0 else '-'}{abs(lag)}", tex)

    if first == second:
        lines.append("The two eigenvalues agree, so a factor that grows with the exponent appears.")
        lag = ahead if "exponent" in wrong else ahead - 1
        if "confluence" in wrong:
            return ex.write_sum([(Fraction(corner), power(first, lag))], tex), tuple(lines)
        body = power(first, lag)
        scale = Fraction(corner) * (first - 1 if twisted and "twist" not in wrong else 1)
        terms = [(scale, (f"m {body}" if tex else f"m*{body}")), (scale * ahead, body)]
        if twisted and "twist" not in wrong:
            terms.append((Fraction(corner), power(first, ahead)))
        return ex.write_sum(terms, tex), tuple(lines)
    lines.append("The corner is a difference of two powers over the difference of the eigenvalues.")
    gap = Fraction(1) if "confluence" in wrong else Fraction(1, first - second)
    lag = ahead + (1 if "exponent" in wrong else 0)
    left, right = (first - 1, second - 1) if twisted and "twist" not in wrong else (1, 1)
    terms = [(corner * gap * left, power(first, lag)), (-corner * gap * right, power(second, lag))]
    return ex.write_sum(terms if rng.random() < 0.7 else terms[::-1], tex), tuple(lines)


def _list_triangular(numbers: Numbers) -> tuple[str, ...]:
    steps = ("confluence", "exponent")
    return steps + (("shift",) if numbers[3] else ()) + (("twist",) if numbers[4] else ())


TRIANGULAR = PosedFamily(
    "triangular",
    ("matrix", "matrices", "eigenvalue", "norm", "diagonal", "stable"),
    _state_triangular,
    lambda text: read_groups(_TRIANGULAR, text),
    _list_triangular,
    _derive_triangular,
    _draw_triangular,
)
