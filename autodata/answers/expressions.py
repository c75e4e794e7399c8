"""Two expressions: the same function or number, clearly another one, or neither for certain.

Equal: the difference vanishes, by simplification or at every point tried, to 40 digits. Different: the same symbols,
and the difference is clearly not zero at real and at whole-number points alike, since (-1)^n and cos(nπ) differ only
where n is no whole number. What uses other symbols, other constants of integration or rounded decimals is not decided.
"""

from __future__ import annotations

from typing import Any

import sympy

DIGITS = 40
_REAL_POINTS = ("0.37", "1.61", "2.23", "0.83", "3.47")
_WHOLE_POINTS = (2, 3, 5, 4, 7)
_NEAR = sympy.Float("1e-25")
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""May be matrices or groups, whose products have an order that algebra with numbers does not keep."""

_FAILURES = (TypeError, ValueError, ArithmeticError, NotImplementedError, AttributeError, RecursionError)
"""What sympy raises where it cannot do an operation: that is no verdict, and no fault of the expressions."""


def compare_expressions(first: sympy.Expr, second: sympy.Expr) -> bool | None:
    """Whether they are equal; an `i` is the imaginary unit and a symbol, and both readings have to say the same."""
    verdict = _compare_plainly(first, second)
    if verdict and sum(str(symbol)[:1] in _CAPITALS for symbol in first.free_symbols) > 1:
        return None
    imaginary = sympy.Symbol("i")
    if imaginary in first.free_symbols | second.free_symbols:
        as_unit = _compare_plainly(first.subs(imaginary, sympy.I).doit(), second.subs(imaginary, sympy.I).doit())
        return as_unit if as_unit or as_unit == verdict else None
    return verdict


def _compare_plainly(first: sympy.Expr, second: sympy.Expr) -> bool | None:
    if any(side.has(sympy.zoo, sympy.nan) for side in (first, second)):
        return None  # 1/0 has no value, so nothing equals it, not even 1/0 + 1, which algebra calls the same
    if first == second:
        return True
    if not (first.is_finite is not False and second.is_finite is not False):
        infinite = (sympy.oo, -sympy.oo)
        return False if first in infinite or second in infinite else None
    if first.has(sympy.Float) or second.has(sympy.Float):
        return _compare_decimals(first, second)
    symbols = sorted(first.free_symbols | second.free_symbols, key=str)
    if not symbols:
        apart = _differ_at(first, second, {})
        return None if apart is None else not apart
    if first.free_symbols != second.free_symbols:
        return True if _vanishes(first - second) else None
    real = _probe(first, second, symbols, [sympy.Rational(point) for point in _REAL_POINTS])
    if real == {False}:
        negative = _probe(first, second, symbols, [-sympy.Rational(point) for point in _REAL_POINTS])
        return True if negative <= {False} or _vanishes(first - second) else None
    if real == {True} and _probe(first, second, symbols, [sympy.Integer(point) for point in _WHOLE_POINTS]) == {True}:
        return False
    return True if _vanishes(first - second) else None


def _compare_decimals(first: sympy.Expr, second: sympy.Expr) -> bool | None:
    """Decimals are taken as exact; one that is the other rounded is neither right nor wrong to algebra."""
    exact = [
        value.replace(lambda part: part.is_Float, lambda part: sympy.Rational(str(part))) for value in (first, second)
    ]
    verdict = _compare_plainly(*exact)
    if verdict is not False or exact[0].free_symbols:
        return True if verdict else None
    near = sympy.Abs(sympy.N(exact[0] - exact[1], DIGITS)) <= sympy.Abs(sympy.N(exact[0], DIGITS)) / 50
    return None if near else False


def _probe(first: sympy.Expr, second: sympy.Expr, symbols: list[Any], points: list[Any]) -> set[bool]:
    """Whether they differ, at points where both have a value; empty where none has."""
    found = set()
    for shift in range(len(points)):
        chosen = {symbol: points[(shift + index) % len(points)] for index, symbol in enumerate(symbols)}
        apart = _differ_at(first, second, chosen)
        if apart is not None:
            found.add(apart)
    return found


def _differ_at(first: sympy.Expr, second: sympy.Expr, values: dict[Any, Any]) -> bool | None:
    try:
        one, other = (sympy.N(side.subs(values).doit(), DIGITS) for side in (first, second))
        if not (one.is_number and other.is_number and one.is_finite and other.is_finite):
            return None
        scale = max(sympy.Float(1), sympy.Abs(one), sympy.Abs(other))
        if (one == 0) != (other == 0):
            scale = min(sympy.Float(1), max(sympy.Abs(one), sympy.Abs(other)))
        return bool(sympy.Abs(one - other) > _NEAR * scale)
    except _FAILURES:
        return None


def _vanishes(difference: sympy.Expr) -> bool:
    try:
        return bool(sympy.simplify(difference) == 0)
    except _FAILURES:
        return False
