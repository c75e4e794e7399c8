"""The train families, on which detectors may be developed, and the deterministic ones; all plain (evasive variants are
held out).
"""

from __future__ import annotations

from benchmarks.sabotage import train_plumbing, train_request, train_task

FAMILIES = (*train_request.FAMILIES, *train_plumbing.FAMILIES, *train_task.FAMILIES)
TRAIN = tuple(family for family in FAMILIES if family.split == "train")
DETERMINISTIC = tuple(family for family in FAMILIES if family.split == "deterministic")
