"""The held-out families, frozen before detectors were tuned (benchmarks.sabotage.frozen): no detector may be developed
on them. With `stealth` set in a plan the same families are evasive (benchmarks.sabotage.stealth has those of train).
"""

from __future__ import annotations

from benchmarks.sabotage import heldout_judge, heldout_request, heldout_task

HELD_OUT = (*heldout_request.FAMILIES, *heldout_judge.FAMILIES, *heldout_task.FAMILIES)
