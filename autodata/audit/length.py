"""Z7, length: how much of a gap is left when answers of equal length are compared.

Judges prefer longer answers (https://arxiv.org/abs/2306.05685). Six answers make a rough fit: its standard error is
part of the result, and honest verbosity is a harmless explanation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autodata.audit.checking import check_scores
from autodata.errors import BadInput

FLAG_BELOW = 0.10


@dataclass(frozen=True, slots=True)
class LengthCheck:
    """`gap` as measured, `adjusted` at equal length with its standard `error`, `slope` per unit of ln(1 + characters).

    The last three are None, with a note, where length and solver cannot be told apart.
    """

    gap: float
    adjusted: float | None
    error: float | None
    slope: float | None
    flagged: bool
    note: str = ""


def adjust_for_length(
    weak: Sequence[float], weak_lengths: Sequence[int], strong: Sequence[float], strong_lengths: Sequence[int]
) -> LengthCheck:
    """Least squares score = a + b · strong + c · ln(1 + length) within one task; b is the adjusted gap, flagged below
    0.10.

    Lengths are in characters. Raises BadInput for an empty side, scores outside [0, 1], a negative length, or lengths
    that do not match the scores.
    """
    check_scores("weak", weak)
    check_scores("strong", strong)
    if (len(weak), len(strong)) != (len(weak_lengths), len(strong_lengths)):
        raise BadInput("every score needs the length of its answer")
    if min(*weak_lengths, *strong_lengths) < 0:
        raise BadInput("an answer's length is negative")
    scores = np.array([*weak, *strong], dtype=float)
    side = np.repeat([0.0, 1.0], [len(weak), len(strong)])
    lengths = np.log1p(np.array([*weak_lengths, *strong_lengths], dtype=float))
    design = np.column_stack([np.ones_like(side), side, lengths - lengths.mean()])
    gap = float(np.mean(strong) - np.mean(weak))
    if len(scores) < 4 or np.linalg.matrix_rank(design, tol=1e-6) < 3:
        return LengthCheck(gap, None, None, None, False, "length and solver cannot be told apart on these answers")
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ (design.T @ scores)
    residuals = scores - design @ coefficients
    variance = float(residuals @ residuals) / (len(scores) - 3)
    error = float(np.sqrt(variance * inverse[1, 1]))
    adjusted = float(coefficients[1])
    return LengthCheck(gap, adjusted, error, float(coefficients[2]), round(adjusted, 9) < FLAG_BELOW)
