"""Every number that shapes the simulated models, in one place.

They are chosen so that a run over 60 passages has the shape of the paper's CS results (Table 1 and the failure mix):
single-shot weak .68 / strong .70, accepted weak .46 / strong .77 (gap .31) after 6.6 rounds, about 80 % of failed
rounds too easy, 13 % on the strong side, 7 % in quality. The model of an answer is criterion-level item response:

    P(criterion met) = sigmoid(SLOPE * (ability - b_tc + u_mtc) + e_mtr)

Measured with the deployed policy on 60 passages of samples/, seeds 1 to 3: single-shot gap .01 to .03; accepted weak
.45 to .48, strong .78 to .79, gap .30 to .34, 5.9 to 6.7 rounds; 40 to 46 of 60 sources accepted; about 76 % of failed
rounds too easy, 17 % on the strong side, 7 % in quality.

b_tc: difficulty of criterion c of task t; u_mtc: luck of model m with it, fixed over rollouts; e_mtr: shock shared by
all criteria of one rollout. A share of criteria is out of everybody's reach, which keeps the strong mean near .75 while
the weak mean falls with task difficulty. tests/llm/test_sim_calibration.py holds the bounds.
"""

from __future__ import annotations

ABILITY = {"sim-weak": 0.0, "sim-strong": 1.9, "sim-peer": 0.0}
"""The peer is of the weak model's class and of another make: its own luck with every claim."""
SMALL = frozenset({"sim-weak", "sim-peer"})
"""Who takes an order for small models to be meant."""
ORACLE_ABILITY = 4.8
"""With the source in hand an answer reaches what no solver knows."""

SLOPE = 2.6
CRITERION_SD = 0.55
LUCK_SD = 0.32
SHOCK_SD = 0.6

FIRST_EXPERT_SHARE = 0.29
EXPERT_SHARE = 0.2
EXPERT_SHARE_SD = 0.04
"""Share of positive criteria that neither solver is likely to meet, whatever the task's difficulty. A first rubric,
written without feedback, asks for more of what nobody can know."""
EXPERT_DIFFICULTY = 3.0

ERROR_SHIFT = 0.9
"""Errors are avoided more easily than insights are found: difficulty of a negative criterion is lower by this."""
ERROR_RATE = 0.55
"""Chance that an error that was not avoided is actually written down."""

FIRST_DIFFICULTY = -2.5
FIRST_SD = 0.40
"""A first question, written without feedback: easy, and all of a kind."""

LATER_DIFFICULTY = -1.57
LATER_SD = 0.62
PUSH_PER_EASY = 0.06
PUSH_LIMIT = 8
EASE_PER_STRONG = 0.12
"""Later questions are harder on average and vary more; each too-easy failure pushes, each strong-side failure eases."""

SOURCE_SD = 0.35
"""Some documents yield hard questions readily, others hardly ever."""

FLAW_RATE = 0.03
"""Share of tasks that the challenger spoils (a leaking context, a recall question, a wrong type, a poor rubric)."""

PLAIN_DROP = 0.3
REFLECTION_DROP = 0.2
SAME_ANGLE_DROP = 0.2
INSIGHT_GAIN = 0.6
LEAK_TEST_GAIN = 0.05
"""What instructions do to the difficulty of tasks: lost where no kind of reasoning is named, where nothing is thought
over first, where a later attempt may keep its angle; gained where what needs no document is thrown away, and where the
context is tried for what it gives away."""
UNBANNED_LEAK_RATE = 0.2
PLAIN_RECALL_RATE = 0.06
STRING_WEIGHTS_RATE = 0.25
"""Share of tasks with a leaking context where nothing forbids it, with a recall question where no kind is named, and
with weights as strings where no whole numbers are asked for."""
VAGUE_EXPERT_SHARE = 0.05
"""Added to the share of criteria that nobody meets where criteria need not be one test each."""
FLAT_SLOPE = 0.21
FLAT_DIFFICULTY = 0.95
SOFT_CRITERIA = 3
"""A soft rubric gives most of its weight to this many criteria so general that meeting them is mostly luck: the weak
model does in 45 of 100 answers, the strong one in 55."""

SPURIOUS_REJECTION_RATE = 0.01

JUDGE_FLIP = {"sim-judge": 0.03, "sim-judge-b": 0.045}
JUDGE_THRESHOLD = {"sim-judge": 0.62, "sim-judge-b": 0.66}
"""Share of a criterion's content words that one sentence of the answer must carry."""

WEAKENED_DROP = 5.0
"""Ability lost when told to play weak, times a compliance drawn from Beta(2, 2) per model and task."""
MISSING_CONTEXT_DROP = 2.0
LOW_EFFORT_DROP = 0.7
HOT_DROP = 1.2
"""Ability lost per unit of temperature above 1.2."""
CARE_GAIN = 0.15
TOLD_GAIN = 2.5
"""Ability gained on a criterion whose statement stands in the prompt itself."""
