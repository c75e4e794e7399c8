"""What people say of single verdicts of the judge: met or not met, in their own reading of one answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.review.entry import check_reviewer
from autodata.review.shared import read_reviews

SOLVERS = ("weak", "strong")


def record_criteria(
    home: Home,
    *,
    task_id: str,
    run_id: str,
    solver: str,
    index: int,
    verdicts: Mapping[str, tuple[float, float]],
    reviewer: str,
) -> str:
    """Keep what this person says of the judge's verdicts on one answer; returns the record's id.

    `verdicts` maps criterion ids to what the judge said and what the person says, both from 0 (not met) to 1 (met). A
    criterion that is left out was not looked at; a later word on the same one takes the place of an earlier. Raises
    BadInput for values that cannot be used, and for a person whose role does not allow it.
    """
    name = check_reviewer(reviewer)
    if solver not in SOLVERS or index < 0:
        raise BadInput(f"answer {index} of {solver!r} does not exist; a solver is weak or strong")
    if not verdicts:
        raise BadInput("no criterion was looked at, so there is nothing to keep")
    for criterion_id, said in verdicts.items():
        if not all(0 <= value <= 1 for value in said):
            raise BadInput(f"criterion {criterion_id}: {said} is outside 0 (not met) to 1 (met)")
    check_id = f"v{uuid.uuid4().hex[:15]}"
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "decide")
        journal.append(
            "criterion_checks",
            {
                "check_id": check_id,
                "task_id": task_id,
                "run_id": run_id,
                "solver": solver,
                "index": index,
                "verdicts": {key: {"judged": judged, "met": met} for key, (judged, met) in verdicts.items()},
                "reviewer": name,
            },
        )
    return check_id
