"""What is said when a queue offers nothing more, and where to go from there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autodata.index.queries.review import Queue, ReviewProgress
from autodata.ui.text import count_of

Way = Literal["skipped", "open", "dataset"]
ACTIONS: dict[Way, str] = {
    "skipped": "Review skipped",
    "open": "Review what is open",
    "dataset": "Export what was approved",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """A sentence, what it rests on, and the next step."""

    sentence: str
    note: str
    way: Way


def describe_end(queue: Queue, progress: ReviewProgress) -> Ending:
    """The end of a queue: done, done for this reviewer, or empty for the moment."""
    decision = queue.task_filter.decision
    left = progress.open - progress.skipped
    if decision not in ("open", "all"):
        words = {"disputed": "No votes differ any more", "waiting": "No task waits for your vote"}
        sentence = f"{words.get(decision, f'No task here is {decision} any more')}."
        return Ending(sentence, _describe_rest(progress, left), "open" if left > 0 else "dataset")
    sentence = f"Queue finished: {progress.decided:,} decided, {progress.skipped:,} skipped."
    if left > 0:
        here = f"{count_of(left, 'task is', 'tasks are')} on other reviewers’ screens"
        return Ending("Nothing is free at the moment.", f"{here}, and offered again if they leave them.", "open")
    if progress.skipped and not queue.with_skipped:
        return Ending(sentence, "Skipped tasks stay open.", "skipped")
    return Ending(sentence, _describe_rest(progress, 0), "dataset")


def _describe_rest(progress: ReviewProgress, left: int) -> str:
    parts = [f"{count_of(left, 'task takes', 'tasks take')} your vote"] if left > 0 else []
    parts += [f"{progress.waiting:,} wait for other reviewers"] if progress.waiting and left <= 0 else []
    parts += [f"{progress.disputed:,} for a lead"] if progress.disputed and progress.waiting and left <= 0 else []
    parts += [f"{progress.disputed:,} wait for a lead"] if progress.disputed and not progress.waiting else []
    if parts:
        return f"{', '.join(parts)}."
    return "Skipped tasks stay open." if progress.skipped else f"All {count_of(progress.total, 'task')} are decided."
