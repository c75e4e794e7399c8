"""Every number that shapes how the simulated models play verifiable problems.

There is no published count of rounds or yield for this domain to fit; the numbers are chosen so that first problems are
mostly too easy, that hard ones separate the solvers, and that some are beyond both. The model of a step:

    P(step right) = sigmoid(SLOPE * (ability - b_ps + u_mps) + e_r)

b_ps: difficulty of step s of problem p, drawn from the problem's text; u_mps: luck of model m with it, the same in
every rollout; e_r: shock shared by all steps of one rollout. An answer is right when every step is.
"""

from __future__ import annotations

SLOPE = 1.7
STEP_DIFFICULTY = -1.15
STEP_SD = 0.55
PER_STEP = 0.13
"""Difficulty of a step on the scale of calibration.ABILITY, and what every further step of the problem adds to it."""
LUCK_SD = 0.3
SHOCK_SD = 0.5

FIRST_SIZE = 1.3
PUSH_PER_EASY = 0.45
EASE_PER_STRONG = 0.6
SIZE_SD = 0.8
SIZE_MIN, SIZE_MAX = 1, 6
"""How many extra steps the challenger asks for: more after problems that were too easy, fewer after too hard ones."""

WRONG_REFERENCE_RATE = 0.05
TWO_ASKS_RATE = 0.04
"""Share of problems the challenger spoils: a slip in its own derivation, or a second request."""

SCREENER_SKILL = 0.9
"""Chance that the screener works a problem out without a slip of its own."""
SCREENER_TARGET = 3.0
"""Steps of the problem it likes best."""

UNMARKED_RATE = 0.04
TWO_ANSWERS_RATE = 0.02
"""Share of answers that do not mark their end, or give two of them."""

VERIFIER_FLIP = {"sim-judge": 0.01, "sim-judge-b": 0.02}
"""Chance that the answer verifier gets a comparison wrong."""
