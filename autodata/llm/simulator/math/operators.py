"""A polynomial put through several operations, one after the other."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from autodata.llm.simulator.math import expressions as ex
from autodata.llm.simulator.math.family import Numbers, PosedFamily, Work

_WORDS = ("differentiate", "integrate from 0 to t", "multiply by t {:+d}", "replace t by t {:+d}")
_LIST = re.compile(
    r"Start with the polynomial (-?\d+) t\^2 ([-+]\d+) t ([-+]\d+)\. Then, in this order: (.*?)\. Which polynomial in t"
)
_ONE = re.compile(r"(differentiate|integrate from 0 to t)|(multiply by|replace t by) t ([-+]\d+)")


def _draw(rng: Random, size: int) -> Numbers:
    numbers = [rng.choice((1, 2, 3, -2)), rng.randint(-5, 5), rng.randint(-4, 6)]
    last = -1
    for _ in range(size + 1):
        kind = rng.choice([kind for kind in range(4) if {kind, last} != {0, 1} and kind != last])
        numbers += [kind, rng.choice((-3, -2, -1, 1, 2, 3)) if kind > 1 else 0]
        last = kind
    return tuple(numbers)


def _state(numbers: Numbers) -> str:
    steps = [_WORDS[kind].format(by) for kind, by in _pair(numbers)]
    return (
        f"Start with the polynomial {numbers[0]} t^2 {numbers[1]:+d} t {numbers[2]:+d}. Then, in this order: "
        f"{'; '.join(steps)}. Which polynomial in t results?"
    )


def _read(text: str) -> Numbers | None:
    found = _LIST.search(text)
    if not found:
        return None
    numbers = [int(found.group(at)) for at in (1, 2, 3)]
    for part in found.group(4).split(";"):
        step = _ONE.fullmatch(part.strip())
        if not step:
            return None
        name = step.group(1) or step.group(2)
        numbers += [next(at for at, words in enumerate(_WORDS) if words.startswith(name)), int(step.group(3) or 0)]
    return tuple(numbers)


def _list_steps(numbers: Numbers) -> tuple[str, ...]:
    return tuple(f"step {at}" for at in range(1, len(_pair(numbers)) + 1))


def _derive(numbers: Numbers, wrong: frozenset[str], tex: bool, rng: Random) -> Work:
    value: ex.Polynomial = (Fraction(numbers[2]), Fraction(numbers[1]), Fraction(numbers[0]))
    lines = []
    for at, (kind, by) in enumerate(_pair(numbers), start=1):
        value = _apply(value, kind, by, f"step {at}" in wrong)
        lines.append(f"Step {at} gives {ex.write_polynomial(value, 't', False, Random(0))}.")
    return ex.write_polynomial(value, "t", tex, rng), tuple(lines)


def _apply(value: ex.Polynomial, kind: int, by: int, slips: bool) -> ex.Polynomial:
    """One operation; a slip loses a factor, a sign or the constant term."""
    if kind == 0:
        done = ex.differentiate(value)
        return value[1:] or done if slips else done
    if kind == 1:
        return (Fraction(0), *value) if slips else ex.integrate(value)
    shift = Fraction(-by if slips else by)
    return ex.multiply(value, (shift, Fraction(1))) if kind == 2 else ex.shift(value, shift)


def _pair(numbers: Numbers) -> list[tuple[int, int]]:
    return list(zip(numbers[3::2], numbers[4::2], strict=True))


OPERATORS = PosedFamily(
    "operators",
    ("derivative", "integral", "polynomial", "function", "operator", "step"),
    _state,
    _read,
    _list_steps,
    _derive,
    _draw,
)
