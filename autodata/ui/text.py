"""How numbers and states are written, everywhere: scores 0.31, gaps +0.44 and −0.04, absent values an en dash."""

from __future__ import annotations

import time

ABSENT = "–"

OUTCOME_WORDS = {
    "accepted": "accepted",
    "passed_baseline": "passed as baseline",
    "too_easy": "too easy",
    "weak_zero": "weak zero",
    "failed_on_strong": "failed on strong",
    "saturated": "saturated",
    "narrow_gap": "narrow gap",
    "inverted": "inverted",
    "no_spread": "no spread",
    "improve": "to be improved",
    "failed_quality": "failed quality",
    "failed_audit": "failed audit",
    "undecided": "undecided",
}
BAND_WORDS = {"right": "Right", "easy": "Too easy", "hard": "Too hard", "inverted": "Inverted", "none": "Not measured"}
DECISION_WORDS = {
    "open": "Open",
    "waiting": "Waiting",
    "disputed": "Votes differ",
    "approved": "Approved",
    "rejected": "Rejected",
    "flagged": "Flagged",
    "skipped": "Skipped",
}
VERDICT_WORDS = {"approve": "approved", "reject": "rejected", "flag": "flagged", "skip": "skipped", "undo": "undone"}
RUN_WORDS = {
    "waiting": "waiting",
    "running": "running",
    "paused": "paused",
    "stopped": "stopped",
    "done": "done",
    "failed": "failed",
}


def format_score(value: float | None) -> str:
    """A score in [0, 1] with two decimals and its leading zero."""
    return ABSENT if value is None or value != value else f"{value:.2f}"


def format_gap(value: float | None, digits: int = 2) -> str:
    """A gap in [-1, 1] with its sign; minus is the true minus sign, and what rounds to zero has no sign."""
    if value is None or value != value:
        return ABSENT
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def format_number(value: float) -> str:
    """A weight or other plain number, with a true minus and no idle decimals."""
    return f"{value:g}".replace("-", "−")


def format_count(value: int | None) -> str:
    """A count with thousands commas."""
    return ABSENT if value is None else f"{value:,}"


def format_share(part: float, whole: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * part / whole:.0f} %" if whole else ABSENT


def format_duration(seconds: float | None) -> str:
    """Two units at most: 45 s, 12 min, 4 h 10, 2 d 3 h."""
    if seconds is None:
        return ABSENT
    total = round(max(0.0, seconds))
    if total < 90:
        return f"{total} s"
    minutes = round(total / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 36:
        return f"{hours} h {minutes:02d}"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def format_pace(seconds: float | None) -> str:
    """Time that a person took on a task: 0.3 s, 8.2 s, 45 s, 12 min."""
    return f"{seconds:.1f} s" if seconds is not None and seconds < 9.95 else format_duration(seconds)


def format_latency(seconds: float | None) -> str:
    """The time of one call: 48 ms, 0.6 s, 12 s."""
    if seconds is None:
        return ABSENT
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.0005 else "< 1 ms"
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


def format_moment(t: float | None) -> str:
    """Local time of day, with the date when it is not today's."""
    if t is None:
        return ABSENT
    then, now = time.localtime(t), time.localtime()
    clock = time.strftime("%H:%M", then)
    return clock if then[:3] == now[:3] else f"{then.tm_mday} {time.strftime('%b', then)}, {clock}"


def format_age(t: float, now: float | None = None) -> str:
    """How long ago, in one unit: just now, 5 min ago, 3 h ago, 12 d ago. `t` and `now` in epoch seconds."""
    seconds = max(0.0, (time.time() if now is None else now) - t)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def count_of(count: int, noun: str, plural: str = "") -> str:
    """`1 task`, `12 tasks`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def rank_of(position: int) -> str:
    """`1st`, `2nd`, `11th`."""
    if position % 100 in (11, 12, 13):
        return f"{position:,}th"
    return f"{position:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(position % 10, 'th') }"


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word where there is one, with an ellipsis."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    head, space, _ = flat[:limit].rpartition(" ")
    return (head if space and len(head) > limit // 2 else flat[: limit - 1]) + "…"
