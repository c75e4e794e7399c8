"""Near copies among the tasks of a dataset, across runs: groups of two and more, by MinHash of question and rubric.

The same measure as the audit's clusters (autodata.audit.clusters), which look at one run and at five copies and more.
Here the sketches are rows of one matrix, 512 bytes a task, so that very many fit into memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autodata.audit.clusters import BAND, PERMUTATIONS, SIMILAR_FROM

Sketches = NDArray[np.uint32]

_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64
)


def stack_sketches(sketches: Sequence[Sequence[int]]) -> Sketches:
    """Sketches as rows; an empty one, of a text without words, becomes zeros and is like no other."""
    rows = np.zeros((len(sketches), PERMUTATIONS), dtype=np.uint32)
    for number, sketch in enumerate(sketches):
        if sketch:
            rows[number] = sketch
    return rows


def link_copies(ids: Sequence[str], sketches: Sketches, similar_from: float = SIMILAR_FROM) -> dict[str, int]:
    """Task to the number of its group, for tasks that have a near copy. Two tasks are near copies when the share of
    equal numbers in their sketches, which estimates the Jaccard index, is at least `similar_from`.

    Numbers are places in `ids`: the first of the group.
    """
    roots = list(range(len(ids)))
    worded = np.asarray(sketches.any(axis=1))
    for at in range(0, PERMUTATIONS, BAND):
        with np.errstate(over="ignore"):
            bucket = (sketches[:, at : at + BAND].astype(np.uint64) * _MULTIPLIERS).sum(axis=1, dtype=np.uint64)
        order = np.argsort(bucket, kind="stable")
        order = order[worded[order]]
        ends = np.flatnonzero(np.diff(bucket[order])) + 1
        for members in np.split(order, ends):
            if len(members) > 1:
                _link(members.tolist(), sketches, roots, similar_from)
    found = [_find_root(roots, number) for number in range(len(ids))]
    sizes = np.bincount(found, minlength=len(ids)) if ids else np.zeros(0, dtype=np.int64)
    return {task_id: root for task_id, root in zip(ids, found, strict=True) if sizes[root] > 1}


def _link(members: list[int], sketches: Sketches, roots: list[int], similar_from: float) -> None:
    """Join each with the first one like it: one stands for every group, so a thousand copies cost as many looks."""
    kept: list[int] = []
    for member in members:
        own = _find_root(roots, member)
        for other in kept:
            root = _find_root(roots, other)
            if root == own:
                break
            if float(np.mean(sketches[member] == sketches[other])) >= similar_from:
                roots[max(own, root)] = min(own, root)
                break
        else:
            kept.append(member)


def _find_root(roots: list[int], number: int) -> int:
    while roots[number] != number:
        roots[number] = roots[roots[number]]
        number = roots[number]
    return number
