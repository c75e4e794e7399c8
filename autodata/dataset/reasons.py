"""Why a task is held back: codes for records, words for people, and whether a lead may set the reason aside."""

from __future__ import annotations

from autodata.errors import BadInput

CANARY = "canary"
NEAR_COPY = "near_copy"
TWIN = "twin"
LEFT_OUT = "run_left_out"
CONTAMINATED = "contaminated"

REASONS: dict[str, tuple[str, str, bool]] = {
    CANARY: ("was planted to measure reviewers", "were planted to measure reviewers", False),
    LEFT_OUT: ("is of a run that is left out", "are of a run that is left out", False),
    "record_damaged": ("has a damaged record", "have a damaged record", False),
    "content_changed": (
        "was approved with other words than the record holds",
        "were approved with other words than the record holds",
        False,
    ),
    "not_accepted": ("was not accepted by its policy", "were not accepted by their policy", True),
    "request_differs": (
        "has weak and strong requests that differ in more than the model",
        "have weak and strong requests that differ in more than the model",
        True,
    ),
    "request_unknown": (
        "has weak and strong requests that were not recorded",
        "have weak and strong requests that were not recorded",
        True,
    ),
    "not_audited": ("was not audited", "were not audited", True),
    "alarm_open": ("has an alarm that nobody has settled", "have an alarm that nobody has settled", True),
    "alarm_confirmed": ("has an alarm that a person confirmed", "have an alarm that a person confirmed", True),
    "gap_not_real": (
        "has a gap that is not real on fresh answers",
        "have a gap that is not real on fresh answers",
        True,
    ),
    "not_certified": ("has no certified gap", "have no certified gap", True),
    "certified_gap_low": (
        "has a certified gap whose lower end is not above the bar",
        "have a certified gap whose lower end is not above the bar",
        True,
    ),
    "quorum_not_met": (
        "was approved by fewer people than the gate asks for",
        "were approved by fewer people than the gate asks for",
        True,
    ),
    CONTAMINATED: ("shares text with a benchmark", "share text with a benchmark", True),
    TWIN: ("leaves from another run already", "leave from another run already", False),
    NEAR_COPY: ("is a near copy of a task that leaves", "are near copies of tasks that leave", True),
    "not_decided": ("waits for a decision", "wait for a decision", False),
    "waiting": ("waits for more votes", "wait for more votes", False),
    "disputed": ("has votes that differ", "have votes that differ", False),
    "skipped": ("was skipped and is still open", "were skipped and are still open", False),
    "rejected": ("was rejected", "were rejected", False),
    "flagged": ("is flagged", "are flagged", False),
}
"""Reason codes with the predicate for one task and for several, and whether a lead may override it, in the order in
which they are shown. What nobody approved is approved by deciding, not by an override; a lead's last word does that."""


def describe_reason(reason: str, count: int) -> str:
    """The predicate for `count` tasks, with the count: "9 have a damaged record"."""
    one, several, _ = REASONS[reason]
    return f"{count:,} {one if count == 1 else several}"


def check_overridable(reason: str) -> str:
    """The code when a lead may set it aside; raises BadInput that says why not, or what there is."""
    if reason not in REASONS:
        can = ", ".join(code for code, (_, _, may) in REASONS.items() if may)
        raise BadInput(f"reason {reason!r} is unknown; one that can be overridden is {can}")
    if not REASONS[reason][2]:
        why = {
            CANARY: "a canary never leaves",
            "record_damaged": "what a damaged record says cannot be defended; run `autodata verify`",
            "content_changed": "approve the words that the record holds",
            LEFT_OUT: "export without leaving the run out",
            TWIN: "a dataset holds a task once",
        }.get(reason, "decide on the task; a lead's last word settles it")
        raise BadInput(f"{reason} cannot be overridden: {why}")
    return reason
