"""A dry run task by task: what becomes of each, and why. For a file, a page or a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autodata.dataset.reasons import CANARY
from autodata.dataset.selection import Selection

COLUMNS = ("task", "run", "decision", "leaves", "reason", "words", "overridden", "split")


def stream_outcomes(selection: Selection) -> Iterator[dict[str, Any]]:
    """One row a task that was accepted or decided, with the names of COLUMNS.

    Canaries are left out: whoever reads the file would know them.
    """
    for facts, judged in selection.stream_judged(everything=True):
        if judged.reason == CANARY:
            continue
        leaves = not judged.reason
        yield {
            "task": facts.task_id,
            "run": facts.run_id,
            "decision": facts.decision,
            "leaves": leaves,
            "reason": judged.reason,
            "words": judged.words,
            "overridden": " ".join(judged.overridden),
            "split": selection.find_split(facts.run_id, facts.task_id) if leaves else "",
        }
