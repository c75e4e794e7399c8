"""Comments on tasks as threads, folded from what was recorded. Pure: the journal and the index fold the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Event = tuple[str, float, Mapping[str, Any]]
"""Kind of a record, its time in epoch seconds, and its payload."""


@dataclass(frozen=True, slots=True)
class Comment:
    """`t` in epoch seconds. `answers` is the id of the comment that this one answers, "" for the first of a thread.

    `settled_by` is who said that the thread needs no more work, "" while it is open; only the first of a thread has it.
    """

    comment_id: str
    task_id: str
    text: str
    author: str
    t: float
    answers: str = ""
    settled_by: str = ""


def fold_events(events: Iterable[Event], task_id: str | None = None) -> dict[str, list[Comment]]:
    """Comments by task, oldest first, of one task or of all. Other kinds than comments and their settling are passed
    over."""
    found: dict[str, list[Comment]] = {}
    for kind, t, data in events:
        if kind not in ("comment", "comment_settled") or (task_id and data["task_id"] != task_id):
            continue
        thread = found.setdefault(str(data["task_id"]), [])
        if kind == "comment":
            thread.append(_read_comment(t, data))
            _set_settled(thread, thread[-1].answers, "")
        else:
            _set_settled(thread, str(data["comment_id"]), str(data["by"]))
    return found


def list_threads(comments: Iterable[Comment]) -> list[tuple[Comment, ...]]:
    """Each thread from its first comment on, open threads before settled ones, otherwise in the order they began."""
    threads: dict[str, list[Comment]] = {}
    for comment in comments:
        threads.setdefault(comment.answers or comment.comment_id, []).append(comment)
    return sorted((tuple(thread) for thread in threads.values()), key=lambda thread: bool(thread[0].settled_by))


def count_open(comments: Iterable[Comment]) -> int:
    """How many threads nobody has settled."""
    return sum(not comment.answers and not comment.settled_by for comment in comments)


def _set_settled(thread: list[Comment], comment_id: str, by: str) -> None:
    for place, comment in enumerate(thread):
        if comment.comment_id == comment_id:
            thread[place] = replace(comment, settled_by=by)


def _read_comment(t: float, data: Mapping[str, Any]) -> Comment:
    return Comment(
        comment_id=str(data["comment_id"]),
        task_id=str(data["task_id"]),
        text=str(data["text"]),
        author=str(data["author"]),
        t=t,
        answers=str(data.get("answers") or ""),
    )
