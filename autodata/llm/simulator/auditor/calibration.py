"""Every number that shapes the simulated auditor, in one place.

A rubric of its own asks for nearly what the task's rubric asks for, so that it moves an honest gap by about 0.07; a
paraphrase is as hard as its original give or take 0.05.
"""

from __future__ import annotations

KNOWN_SHARE, DEEP_SHARE, ERROR_SHARE = 0.92, 0.4, 0.7
"""Chance that a statement becomes a criterion: an ordinary one, one that hardly anybody knows, an error."""
OWN_FACTS = 1
"""Statements of the passage that the task's author did not think of."""

PARAPHRASE_SD = 0.08
"""How much harder or easier a paraphrase is, on the difficulty scale."""
OBEYED_SHARE = 0.2
"""Share of the sentences that speak to the reader which the paraphrase keeps, taking them for part of the task."""

COVERED = 0.5
"""Share of a sentence's content words that one sentence of the other text must carry to say the same."""
ENTAILMENT_SLIP = 0.01

PREFERENCE_SD = 0.06
"""How far a judge misjudges the substance of an answer, in shares of what could be said."""
FIRST_BONUS = 0.02
"""What standing first is worth."""
TIE = 0.01
"""Answers closer than this are called equal."""
