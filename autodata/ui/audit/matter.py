"""What is the matter, in one sentence, and what that rests on. Pure: counts in, words out."""

from __future__ import annotations

from autodata.index.queries.audit import Standing
from autodata.ui.text import count_of


def write_matter(standing: Standing, run_id: str = "") -> str:
    """How many tasks have a violation or a flag as their worst finding, of how many."""
    among = f"among {count_of(standing.audited, 'accepted task')}" + (f" of {run_id}" if run_id else "")
    if not standing.audited:
        return f"The audit of {count_of(standing.tasks, 'accepted task')} begins"
    parts = [
        count_of(count, noun) for count, noun in ((standing.violated, "violation"), (standing.flagged, "flag")) if count
    ]
    return f"{' and '.join(parts) or 'No violation and no flag'} {among}"


def write_checked(standing: Standing) -> str:
    """What was checked and what was not."""
    if not standing.audited:
        return "Static and statistical checks read every record; no model is called."
    parts = []
    if standing.working:
        parts.append(f"Static and statistical checks ran on {standing.audited:,} of {standing.tasks:,} so far.")
    else:
        which = f"all {standing.audited:,}" if standing.audited > 1 else "it"
        parts.append(f"Static and statistical checks ran on {which}.")
    if standing.incomplete:
        verb = "lacks" if standing.incomplete == 1 else "lack"
        parts.append(f"{standing.incomplete:,} {verb} records that a check needs.")
    if not standing.certified:
        parts.append("No gap was measured again, so none is certified.")
    elif standing.uncertified:
        verb = "is" if standing.uncertified == 1 else "are"
        parts.append(
            f"The gap was measured again on {standing.certified:,}; {standing.uncertified:,} {verb} not certified."
        )
    else:
        which = f" on all {standing.certified:,}" if standing.certified > 1 else ""
        parts.append(f"The gap was measured again{which}.")
    return " ".join(parts)
