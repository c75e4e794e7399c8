"""Every number that shapes the simulated legal agents, in one place.

Chosen so that a run has the shape of the legal results (paper Table 3): single-shot weak .16, strong .72, gap .56, with
weak rollouts 8 points apart; accepted weak .28, strong .70, gap .42, 13 points apart, median 4 rounds. The judge, the
solvers and the model of an answer are those of autodata.llm.simulator.calibration; only the difficulties differ.

Measured with the two-layer policy on 60 passages of samples/legal, seeds 1 to 4: single shot weak .15 to .18, strong
.68 to .71, gap .53 to .54, spread 8 to 10 points; accepted weak .27 to .30, strong .69 to .71, gap .40 to .42, spread
12, median 4 to 5 rounds (mean 4.5 to 5.6), suitability high 55 %, medium 43 %, low 2 %. Nearly every source is accepted
within 16 rounds; in the paper it is half of those that are suitable. tests/llm/test_sim_legal.py holds the bounds.
"""

from __future__ import annotations

FIRST_DIFFICULTY = 0.92
FIRST_SD = 0.46
"""A first question, written without feedback: so hard for the weak model that its attempts are all alike."""

AIM = 0.24
"""The difficulty a writer heads for once it knows what the rollouts scored."""
STEP = 0.72
"""Share of the way to the aim that one round of feedback covers."""
LATER_SD = 0.30
SOURCE_SD = 0.22
"""Some documents yield questions that separate attempts readily, others hardly ever."""

EXPERT_SHARE = (0.10, 0.26)
"""Share of positive criteria out of everybody's reach: in a first rubric, and in a later one."""
EXPERT_SHARE_SD = 0.04
EXPERT_DIFFICULTY = 3.0
CRITERION_SD = 0.60
ERROR_SHIFT = 0.9

FIRST_LENGTH = (1570, 265)
LATER_LENGTH = (910, 66)
"""Characters of a question: mean and standard deviation, before and after somebody objected to the length."""

SLIP_RATE = 0.07
"""Share of questions in which the writer lets a phrase slip that the filters catch."""
SOFT_RATE = 0.06
"""Share of later rubrics in which the writer lowers the demands instead of asking a better question."""

SPREAD_NOISE = 0.012
"""How far the loop judge misjudges a spread of weak scores, as a standard deviation."""
HIGH_SPREAD = 0.12
LOW_SPREAD = 0.068
FERTILE = (0.15, 0.55)
"""Weak means between which attempts can be told apart."""
NOTHING = 0.12
"""A best weak score below this is near zero every time."""
ACCEPT = {"high": 0.92, "medium": 0.42, "low": 0.03}
"""Chance of an accept by suitability; concerns lower it."""
CONCERN_FACTOR = 0.3
