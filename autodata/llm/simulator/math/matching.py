"""Whether two written answers are the same, as a reader would see it: groups by their factors, the rest by value."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from random import Random

from autodata.canon import derive_seed
from autodata.llm.simulator.math import calibration as cal
from autodata.llm.simulator.math.valuing import value_at

_FACTOR = re.compile(r"(?:\\mathbb\{Z\}|[ZC])\s*(?:/|_)\s*\{?(\d+)\}?\s*(?:Z|\\mathbb\{Z\})?")
_POINTS = (Fraction(2), Fraction(5, 3), Fraction(3), Fraction(7, 2))
_MARKED = re.compile(r"(?:ANSWER|answer)\**:\**\s*(.+)")


def compare_texts(model: str, reference: str, candidate: str, server_seed: int, seed: int) -> tuple[bool, str]:
    """The verdict of the answer verifier on a candidate text, with its reason."""
    found = _MARKED.findall(candidate)
    given = found or [candidate.strip().splitlines()[-1] if candidate.strip() else ""]
    rng = Random(derive_seed(server_seed, model, "equal", seed, reference, candidate))
    if len({text.strip("$ *") for text in given}) > 1:
        same, reason = False, "The candidate gives answers that differ."
    else:
        same = match_answers(reference, given[-1]) or match_answers(reference, given[-1].rpartition(" is ")[2])
        reason = "Both say the same." if same else "The candidate says something else."
    return (not same, "On a closer look.") if rng.random() < cal.VERIFIER_FLIP[model] else (same, reason)


def match_answers(one: str, other: str) -> bool:
    """Equal as groups, as expressions at several points, or letter by letter."""
    groups = [_read_group(text) for text in (one, other)]
    if groups[0] and groups[1]:
        return groups[0] == groups[1]
    pairs = [(value_at(one, point), value_at(other, point)) for point in _POINTS]
    if all(left is not None and right is not None for left, right in pairs):
        return all(
            abs(left - right) <= 1e-9 * max(1.0, abs(left))
            for left, right in pairs
            if left is not None and right is not None
        )
    return _fold(one) == _fold(other)


def _read_group(text: str) -> Counter[int]:
    """Prime powers of a product of cyclic groups, which name it up to isomorphism; empty where it is none."""
    parts = Counter[int]()
    for order in (int(found) for found in _FACTOR.findall(text)):
        for prime in range(2, order + 1):
            power = 1
            while order % prime == 0:
                order //= prime
                power *= prime
            if power > 1:
                parts[power] += 1
    return parts


def _fold(text: str) -> str:
    return re.sub(r"[\s$*.{}\\]|cdot|left|right", "", text)
