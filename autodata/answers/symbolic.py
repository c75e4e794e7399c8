"""Equality by algebra: True and False only where it is certain, None for everything else.

Runs in the child process only (autodata.answers.worker): the text is hostile and may ask for any amount of work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from latex2sympy2_extended import latex2sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig

from autodata.answers.expressions import compare_expressions
from autodata.answers.notation import uses_bare_log, write_latex
from autodata.answers.shape import Group, Leaf, Shape, read_shape
from autodata.answers.units import Quantity, read_quantity

_READING = ConversionConfig(lowercase_symbols=False, interpret_contains_as_eq=False)
_MIXED = ("(]", "[)")


def decide_equal(reference: str, candidate: str) -> bool | None:
    """Whether two final answers are the same; None where that cannot be read or not be decided."""
    first, second = read_quantity(reference), read_quantity(candidate)
    if first and second:
        return _compare_quantities(first, second)
    if first or second:
        return _compare_bare(first, candidate) if first else _compare_bare(second, reference)
    wanted, given = read_shape(reference), read_shape(candidate)
    if wanted is None or given is None:
        return None
    verdict = _compare_shapes(wanted, given)
    if verdict is False and uses_bare_log(reference) != uses_bare_log(candidate):
        return None
    return verdict


def _compare_quantities(first: Quantity, second: Quantity) -> bool | None:
    if first.dimension != second.dimension:
        return False
    values = [_read(quantity.value) for quantity in (first, second)]
    if values[0] is None or values[1] is None:
        return None
    scaled = [
        value * sympy.Rational(q.factor.numerator, q.factor.denominator)
        for value, q in zip(values, (first, second), strict=True)
    ]
    return _compare_values(*scaled)


def _compare_bare(quantity: Quantity | None, other: str) -> bool | None:
    """A quantity and something without a unit: 50 % is 1/2; a forgotten unit is the verifier's business."""
    value = _read(quantity.value) if quantity else None
    bare = _read(other)
    if quantity is None or quantity.dimension or value is None or bare is None:
        return None
    scaled = value * sympy.Rational(quantity.factor.numerator, quantity.factor.denominator)
    return True if _compare_values(scaled, bare) else None


def _compare_shapes(wanted: Shape, given: Shape) -> bool | None:
    if isinstance(wanted, Leaf) and isinstance(given, Leaf):
        return _compare_leaves(wanted.text, given.text)
    if isinstance(wanted, Leaf) or isinstance(given, Leaf):
        return _compare_leaf_with_group(wanted, given)
    kinds = {wanted.kind, given.kind}
    if kinds <= {"{}", "list"}:
        return _match_any_order(wanted.items, given.items)
    if kinds == {"union"}:
        return True if _match_any_order(wanted.items, given.items) else None
    if "union" in kinds or "{}" in kinds:
        return None
    in_order = _match_in_order(wanted.items, given.items)
    if len(kinds) == 1:
        return in_order
    if kinds & set(_MIXED) and "list" not in kinds:
        return False  # an end of the interval is in one and not in the other
    return False if in_order is False and "list" not in kinds else None


def _compare_leaf_with_group(wanted: Shape, given: Shape) -> bool | None:
    """`x = (1, 2)` or `x \\in (1, 2)` against `(1, 2)`; ± against a set; anything else is not decided."""
    leaf, group = (wanted, given) if isinstance(wanted, Leaf) else (given, wanted)
    assert isinstance(leaf, Leaf)
    assert isinstance(group, Group)
    for mark in (r"\in ", r"\in", "="):
        head, found, rest = leaf.text.partition(mark)
        if found and len(head.strip()) <= 3 and (inner := read_shape(rest)) is not None and isinstance(inner, Group):
            return _compare_shapes(inner, group)
    value = _read(leaf.text)
    if isinstance(value, sympy.FiniteSet) and group.kind in ("{}", "list"):
        others = [_read(item.text) if isinstance(item, Leaf) else None for item in group.items]
        return _match_any_order(list(value.args), others, _compare_values)
    return None


def _match_in_order(wanted: Sequence[Any], given: Sequence[Any]) -> bool | None:
    if len(wanted) != len(given):
        return False
    return _all(_compare_shapes(one, other) for one, other in zip(wanted, given, strict=True))


def _match_any_order(
    wanted: Sequence[Any], given: Sequence[Any], compare: Callable[[Any, Any], bool | None] = _compare_shapes
) -> bool | None:
    """Every part has an equal one on the other side; different only where one certainly has none."""
    if any(part is None for part in (*wanted, *given)):
        return None
    table = [[compare(one, other) for other in given] for one in wanted]
    rows = [_any(row) for row in table]
    columns = [_any(row[index] for row in table) for index in range(len(given))]
    return _all([*rows, *columns])


def _all(verdicts: Any) -> bool | None:
    seen = list(verdicts)
    if False in seen:
        return False
    return None if None in seen else True


def _any(verdicts: Any) -> bool | None:
    seen = list(verdicts)
    if True in seen:
        return True
    return None if None in seen else False


def _compare_leaves(wanted: str, given: str) -> bool | None:
    first, second = _read(wanted), _read(given)
    if first is None or second is None:
        return None
    return _compare_values(first, second)


def _read(text: str) -> Any:
    """A sympy value, or None. Assignments give their right-hand side: y = x^2 answers what x^2 answers."""
    latex = write_latex(text)
    if latex is None:
        return None
    try:
        value = latex2sympy(latex, normalization_config=None, conversion_config=_READING)
        value = value.doit() if hasattr(value, "doit") else value
    except RecursionError:
        return None
    except Exception:  # noqa: BLE001 - the boundary to a foreign parser: it raises bare exceptions of its own
        return None
    return value


def _compare_values(first: Any, second: Any) -> bool | None:
    first, second = _unwrap_pair(first, second)
    if isinstance(first, sympy.MatrixBase) and isinstance(second, sympy.MatrixBase):
        if first.shape != second.shape:
            return False if 1 not in first.shape or 1 not in second.shape else None
        return _all(_compare_values(one, other) for one, other in zip(first, second, strict=True))
    if isinstance(first, sympy.Equality) and isinstance(second, sympy.Equality):
        return _compare_equations(first, second)
    if isinstance(first, sympy.FiniteSet) and isinstance(second, sympy.FiniteSet):
        return _match_any_order(list(first.args), list(second.args), _compare_values)
    if isinstance(first, sympy.Expr) and isinstance(second, sympy.Expr):
        return compare_expressions(first, second)
    return _compare_others(first, second)


def _unwrap_pair(first: Any, second: Any) -> tuple[Any, Any]:
    one, other = isinstance(first, sympy.Equality), isinstance(second, sympy.Equality)
    if one and other and first.lhs == second.lhs and _is_name(first.lhs):
        return first.rhs, second.rhs
    if one and not other and _is_name(first.lhs):
        return first.rhs, second
    if other and not one and _is_name(second.lhs):
        return first, second.rhs
    return first, second


def _is_name(value: Any) -> bool:
    return isinstance(value, sympy.Symbol | sympy.core.function.AppliedUndef)


def _compare_equations(first: sympy.Equality, second: sympy.Equality) -> bool | None:
    """One is a multiple of the other; equations that are not may still have the same solutions."""
    if any(isinstance(side, sympy.MatrixBase | sympy.Set) for side in (*first.args, *second.args)):
        return True if first == second else None
    left, right = first.lhs - first.rhs, second.lhs - second.rhs
    if left == 0 or right == 0:
        return None
    ratio = sympy.simplify(left / right)
    return True if not ratio.free_symbols and ratio.is_finite and ratio != 0 else None


def _compare_others(first: Any, second: Any) -> bool | None:
    """Relations and sets: equal when they are written the same way round."""
    try:
        same = first == second or getattr(first, "canonical", first) == getattr(second, "canonical", second)
    except TypeError:
        return None
    return True if same else None
