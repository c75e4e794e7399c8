"""Quantities: a number with a unit, brought to the base units of the SI, so that 1 km equals 1000 m.

Factors: The International System of Units, 9th edition (BIPM), tables 2, 4, 7 and 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from autodata.answers.notation import strip_wrappers

Dimension = tuple[tuple[str, int], ...]
"""Base units with their exponents, in the order of their names."""

_BASE: dict[str, tuple[Fraction, dict[str, int]]] = {
    "m": (Fraction(1), {"m": 1}),
    "g": (Fraction(1, 1000), {"kg": 1}),
    "s": (Fraction(1), {"s": 1}),
    "A": (Fraction(1), {"A": 1}),
    "K": (Fraction(1), {"K": 1}),
    "mol": (Fraction(1), {"mol": 1}),
    "cd": (Fraction(1), {"cd": 1}),
    "Hz": (Fraction(1), {"s": -1}),
    "N": (Fraction(1), {"kg": 1, "m": 1, "s": -2}),
    "Pa": (Fraction(1), {"kg": 1, "m": -1, "s": -2}),
    "J": (Fraction(1), {"kg": 1, "m": 2, "s": -2}),
    "W": (Fraction(1), {"kg": 1, "m": 2, "s": -3}),
    "C": (Fraction(1), {"A": 1, "s": 1}),
    "V": (Fraction(1), {"kg": 1, "m": 2, "s": -3, "A": -1}),
    "F": (Fraction(1), {"kg": -1, "m": -2, "s": 4, "A": 2}),
    "Ω": (Fraction(1), {"kg": 1, "m": 2, "s": -3, "A": -2}),
    "T": (Fraction(1), {"kg": 1, "s": -2, "A": -1}),
    "Wb": (Fraction(1), {"kg": 1, "m": 2, "s": -2, "A": -1}),
    "H": (Fraction(1), {"kg": 1, "m": 2, "s": -2, "A": -2}),
    "L": (Fraction(1, 1000), {"m": 3}),
    "l": (Fraction(1, 1000), {"m": 3}),
    "eV": (Fraction(1602176634, 10**28), {"kg": 1, "m": 2, "s": -2}),
}
_PLAIN: dict[str, tuple[Fraction, dict[str, int]]] = {
    "min": (Fraction(60), {"s": 1}),
    "h": (Fraction(3600), {"s": 1}),
    "ohm": _BASE["Ω"],
    "deg": (Fraction(1), {"deg": 1}),
    "rad": (Fraction(1), {}),
    "%": (Fraction(1, 100), {}),
}
_PREFIXES = {
    "": 0, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "d": -1, "c": -2, "m": -3, "μ": -6, "µ": -6, "u": -6, "n": -9,
    "p": -12, "f": -15,
}  # fmt: skip
_WORDS = {
    "meter": "m", "metre": "m", "second": "s", "gram": "g", "kilogram": "kg", "kelvin": "K", "newton": "N",
    "joule": "J",
    "watt": "W", "volt": "V", "hertz": "Hz", "pascal": "Pa", "coulomb": "C", "ampere": "A", "minute": "min",
    "hour": "h",
    "degree": "deg", "percent": "%", "kilometer": "km", "kilometre": "km", "centimeter": "cm", "centimetre": "cm",
    "radian": "rad", "liter": "L", "litre": "L", "mole": "mol", "tesla": "T", "ohms": "Ω",
}  # fmt: skip

_UNIT = r"(?:[A-Za-zΩμµ%]+(?:\^?\{?-?\d\}?)?)"
_QUANTITY = re.compile(
    r"^(?P<value>.*?[\d)}])(?P<gap>\s*(?:\\[,;: ]|~)*\s*)(?P<unit>(?:\\%|\^\s*\{?\\circ\}?|"
    r"\\(?:text|mathrm|textrm|rm|operatorname)\s*\{[^{}]+\}(?:\^\{?-?\d\}?)?|"
    + _UNIT
    + r"(?:\s*(?:/|\\cdot|·|\*| )\s*"
    + _UNIT
    + r")*))$"
)
_PART = re.compile(r"([A-Za-zΩμµ%]+)(?:\^?(-?\d))?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, as written, times `factor` in base units."""

    value: str
    factor: Fraction
    dimension: Dimension


def read_quantity(text: str) -> Quantity | None:
    """A number with a unit; None where there is no unit, or letters that may be symbols of an expression."""
    found = _QUANTITY.match(strip_wrappers(text).replace("°", r"^\circ"))
    if not found:
        return None
    raw, value = found.group("unit"), found.group("value")
    roman = raw.startswith(("\\", "^", "%"))
    if not roman and not (found.group("gap") and re.fullmatch(r"[-+\d.,\s\\timescdot^{}*]+", value)):
        return None
    unit = _read_unit(raw)
    return Quantity(value, *unit) if unit else None


def _read_unit(raw: str) -> tuple[Fraction, Dimension] | None:
    text = re.sub(r"\\(?:text|mathrm|textrm|rm|operatorname)\s*\{([^{}]*)\}", r"\1", raw).replace(r"\%", "%")
    text = re.sub(r"\^\s*\{?\\circ\}?", "deg", text).replace(r"\cdot", "*").replace("{", "").replace("}", "").strip()
    factor, dimension, sign = Fraction(1), dict[str, int](), 1
    for position, piece in enumerate(re.split(r"(/|\*|·|\s+)", text)):
        if position % 2:
            sign = -1 if piece == "/" else sign
            continue
        part = _PART.fullmatch(piece.strip())
        if not piece.strip():
            continue
        known = _find_unit(part.group(1)) if part else None
        if part is None or known is None:
            return None
        power = sign * int(part.group(2) or 1)
        factor *= known[0] ** power
        for base, exponent in known[1].items():
            dimension[base] = dimension.get(base, 0) + exponent * power
    return factor, tuple(sorted((base, power) for base, power in dimension.items() if power))


def _find_unit(name: str) -> tuple[Fraction, dict[str, int]] | None:
    name = _WORDS.get(name.lower().removesuffix("s"), _WORDS.get(name.lower(), name))
    if name in _PLAIN:
        return _PLAIN[name]
    for cut in (0, 1):
        prefix, base = name[:cut], name[cut:]
        if prefix in _PREFIXES and base in _BASE:
            factor, dimension = _BASE[base]
            return factor * Fraction(10) ** _PREFIXES[prefix], dimension
    return None
