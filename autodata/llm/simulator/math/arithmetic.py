"""Whole-number arithmetic in a text, as procedural generators write it: only solved here, never posed."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from random import Random

from autodata.llm.simulator.math import expressions as ex
from autodata.llm.simulator.math.family import Family, Numbers, Work

_TERMS = re.compile(r"(?<![\w.])[-(\s]*\d[-+*/()\d\s]*(?!\w|\.\d)")
_ASKED = re.compile(r"\b(?:arithmetic|calculate|multiplication|evaluate|compute)\b", re.IGNORECASE)
_ASKED_MAX = 600
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_DIGITS = 12


def _read(text: str) -> Numbers | None:
    """The longest sum or product in a short request to work one out, as the code points of its characters."""
    asked = _ASKED.search(text)
    if not asked or len(text) > _ASKED_MAX:
        return None
    found = [match.group().strip() for match in _TERMS.finditer(text, asked.end())]
    expression = max(found, key=len, default="").strip()
    if (
        not expression
        or len(expression) > 200
        or any(len(number) > _DIGITS for number in re.findall(r"\d+", expression))
    ):
        return None
    try:
        _evaluate(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None
    return tuple(ord(sign) for sign in expression)


def _list_steps(numbers: Numbers) -> tuple[str, ...]:
    return tuple(f"operation {at}" for at in range(1, len(re.findall(r"\d\D*(?=\d)", _write(numbers))) // 2 + 2))


def _derive(numbers: Numbers, wrong: frozenset[str], tex: bool, rng: Random) -> Work:
    value = _evaluate(ast.parse(_write(numbers), mode="eval").body)
    for step in sorted(wrong):
        value += Random(step).choice((-100, -10, -1, 1, 10))
    return ex.write_fraction(value, tex), (f"I work through {_write(numbers)} from left to right, products first.",)


def _evaluate(node: ast.AST) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return Fraction(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand)
    if not isinstance(node, ast.BinOp) or type(node.op) not in _OPERATORS:
        raise ValueError("not whole-number arithmetic")
    left, right = _evaluate(node.left), _evaluate(node.right)
    sign = _OPERATORS[type(node.op)]
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    return left * right if sign == "*" else left / right


def _write(numbers: Numbers) -> str:
    return "".join(chr(number) for number in numbers)


ARITHMETIC = Family("arithmetic", (), _write, _read, _list_steps, _derive)
