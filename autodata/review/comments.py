"""Comments on tasks: said once, answered, settled; never changed. Records of the reviews journal like decisions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, Record, read_records
from autodata.review.entry import check_note, check_reviewer
from autodata.review.shared import read_reviews
from autodata.threads import Comment, fold_events

__all__ = ["Comment", "add_comment", "fold_comments", "settle_thread"]


def add_comment(home: Home, task_id: str, run_id: str, text: str, author: str, answers: str = "") -> str:
    """Say something about a task, or in answer to a comment on it; returns the comment's id.

    An answer opens its thread again. Raises BadInput for an empty or overlong text, a comment that does not exist, and
    for a person whose role does not allow it.
    """
    name, words = check_reviewer(author), check_note(text)
    if not words:
        raise BadInput("the comment is empty")
    comment_id = f"c{uuid.uuid4().hex[:15]}"
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "comment")
        if answers:
            answers = _find_thread(home, answers, task_id)
        journal.append(
            "comment",
            {
                "comment_id": comment_id,
                "task_id": task_id,
                "run_id": run_id,
                "text": words,
                "author": name,
                "answers": answers,
            },
        )
    return comment_id


def settle_thread(home: Home, comment_id: str, task_id: str, by: str) -> None:
    """Mark the thread of a comment as needing no more work. Raises BadInput when there is no such comment."""
    name = check_reviewer(by)
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "comment")
        thread = _find_thread(home, comment_id, task_id)
        journal.append("comment_settled", {"comment_id": thread, "task_id": task_id, "by": name})


def fold_comments(records: Iterable[Record], task_id: str | None = None) -> dict[str, list[Comment]]:
    """Comments by task, oldest first, of one task or of all."""
    return fold_events(((record.kind, record.t, record.data) for record in records), task_id)


def _find_thread(home: Home, comment_id: str, task_id: str) -> str:
    """The first comment of the thread that this one is part of."""
    comments = fold_comments(read_records(home.reviews), task_id).get(task_id, [])
    found = next((one for one in comments if one.comment_id == comment_id), None)
    if found is None:
        raise BadInput(f"comment {comment_id!r} does not exist on task {task_id}")
    return found.answers or found.comment_id
