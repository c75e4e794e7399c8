"""A complete, valid challenger draft to vary in tests."""

from __future__ import annotations

import copy
import json
from typing import Any

from autodata.model import Criterion, Source, Task

SOURCE = Source(
    id="0123456789abcdef",
    title="Lease reads",
    text="A leader serves reads without a quorum round while its lease is unexpired. The lease must be shorter than "
    "the election timeout by the clock drift.",
    document="lease.md",
)

DRAFT: dict[str, Any] = {
    "scratchpad": "{not the answer}",
    "question_type": "prediction of an outcome",
    "tags": ["distributed systems", "timing"],
    "context": "A replicated store lets its leader answer reads locally for as long as it believes that no other "
    "leader can exist. Clocks of the nodes run at different rates within a known bound.",
    "question": "Which bound on the lease length keeps such reads linearizable, and what does a client see beyond it?",
    "reference_answer": "The lease must end before any follower may vote, measured on the slowest clock.",
    "rubric": [
        *({"criterion": f"States step {n} of the bound", "weight": n, "category": "positive"} for n in range(1, 9)),
        *({"criterion": f"Claims error {n} about clocks", "weight": -n, "category": "negative"} for n in range(1, 4)),
    ],
}


def make_reply(**changes: Any) -> str:
    """The draft as a challenger would send it, with some fields changed; a field set to None is left out."""
    draft = copy.deepcopy(DRAFT) | changes
    return "Thinking about it.\n" + json.dumps({key: value for key, value in draft.items() if value is not None})


def make_task(**changes: Any) -> Task:
    """A valid task, with some fields changed."""
    values: dict[str, Any] = {
        "id": "t0000000001",
        "source_id": SOURCE.id,
        "round": 1,
        "question_type": DRAFT["question_type"],
        "context": DRAFT["context"],
        "question": DRAFT["question"],
        "reference_answer": DRAFT["reference_answer"],
        "rubric": tuple(
            Criterion(f"c{i}", item["criterion"], item["weight"]) for i, item in enumerate(DRAFT["rubric"], 1)
        ),
        "tags": tuple(DRAFT["tags"]),
    }
    return Task(**(values | changes))
