"""Exact values and how a solver writes them: fractions, powers with a symbol in the exponent, polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

Polynomial = tuple[Fraction, ...]
"""Coefficients, constant term first."""


def write_fraction(value: Fraction, tex: bool) -> str:
    """7, -3/4 or \\frac{3}{4}."""
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    over, under = abs(value.numerator), value.denominator
    return f"{sign}\\frac{{{over}}}{{{under}}}" if tex else f"{sign}{over}/{under}"


def write_power(base: Fraction, exponent: str, tex: bool) -> str:
    """(3/4)^{n}; whole positive bases without brackets."""
    shown = write_fraction(base, tex)
    if base.denominator > 1 or base < 0:
        shown = f"\\left({shown}\\right)" if tex else f"({shown})"
    return f"{shown}^{{{exponent}}}" if tex else f"{shown}^({exponent})"


def write_sum(terms: Sequence[tuple[Fraction, str]], tex: bool) -> str:
    """Coefficients times factors ("" for none), zero terms left out."""
    written = ""
    for coefficient, factor in terms:
        if not coefficient:
            continue
        size = write_fraction(abs(coefficient), tex)
        times = r" \cdot " if tex else "*"
        part = size if not factor else factor if size == "1" else f"{size}{times}{factor}"
        sign = "-" if coefficient < 0 else "+"
        written += (f" {sign} " if written else "-" if sign == "-" else "") + part
    return written or "0"


def write_polynomial(polynomial: Polynomial, name: str, tex: bool, rng: Random) -> str:
    """In falling or rising powers."""
    powers = [
        (value, "" if at == 0 else name if at == 1 else _raise(name, at, tex)) for at, value in enumerate(polynomial)
    ]
    return write_sum(powers if rng.random() < 0.3 else powers[::-1], tex)


def differentiate(polynomial: Polynomial) -> Polynomial:
    """The derivative."""
    return tuple(value * at for at, value in enumerate(polynomial))[1:] or (Fraction(0),)


def integrate(polynomial: Polynomial) -> Polynomial:
    """The integral from 0."""
    return (Fraction(0), *(value / (at + 1) for at, value in enumerate(polynomial)))


def multiply(one: Polynomial, other: Polynomial) -> Polynomial:
    """The product."""
    product = [Fraction(0)] * (len(one) + len(other) - 1)
    for at, value in enumerate(one):
        for by, factor in enumerate(other):
            product[at + by] += value * factor
    return tuple(product)


def shift(polynomial: Polynomial, by: Fraction) -> Polynomial:
    """p(t + by)."""
    result: Polynomial = (Fraction(0),)
    for value in reversed(polynomial):
        result = multiply(result, (by, Fraction(1)))
        result = (result[0] + value, *result[1:])
    return result


def _raise(name: str, power: int, tex: bool) -> str:
    return f"{name}^{{{power}}}" if tex and power > 9 else f"{name}^{power}"
