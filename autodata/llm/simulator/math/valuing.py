"""The value of a written expression at a point: enough notation for what the simulated models write."""

from __future__ import annotations

import ast
import re
from fractions import Fraction

_NAMES = ("n", "m", "d", "t", "p", "x", "k")
_LENGTH_MAX, _EXPONENT_MAX = 400, 64


def value_at(text: str, point: Fraction) -> float | None:
    """The value with every symbol at `point`, each shifted by its place; None for what is not such an expression."""
    plain = _write_plain(text)
    if len(plain) > _LENGTH_MAX or not plain:
        return None
    try:
        return _evaluate(ast.parse(plain, mode="eval").body, float(point))
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError, TypeError):
        return None


def _write_plain(text: str) -> str:
    text = text.strip().strip("$").strip().rstrip(".")
    text = re.sub(r"\\left|\\right", "", text).replace(r"\cdot", "*").replace(r"\times", "*")
    for _ in range(4):
        text = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\\sqrt\{([^{}]*)\}", r"((\1)^(1/2))", text)
        text = re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text)
    text = re.sub(r"(?<=[\w)])\s+(?=[\w(])", "*", text)
    text = re.sub(r"(\d)(?=[a-z(])", r"\1*", text)
    return re.sub(r"\)\s*(?=[\w(])", ")*", text).replace("^", "**")


def _evaluate(node: ast.AST, point: float) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and abs(node.value) < 1e12:
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in _NAMES:
        return point + 0.25 * _NAMES.index(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _evaluate(node.operand, point)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        left, right = _evaluate(node.left, point), _evaluate(node.right, point)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
        if isinstance(node.op, ast.Pow) and abs(right) <= _EXPONENT_MAX and abs(left) < 1e6:
            return _raise_to(left, right)
    raise ValueError("not an expression of the simulated models")


def _raise_to(base: float, exponent: float) -> float:
    """A power; of a negative base its size with the exponent's cosine, which two equal forms share."""
    if base >= 0 or exponent == int(exponent):
        return float(base**exponent)
    raised: complex = complex(base) ** exponent
    return raised.real
