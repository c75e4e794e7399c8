"""Labels: what a person who looked calls a task. Appended to data/reviews.jsonl beside decisions, never changed.

They measure the audit: a flag that a label confirms was right. A label decides nothing about the task. The app and the
command line may label at the same time; every write takes the journal's lock and reads what others appended meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autodata.audit.catalogue import DETECTORS
from autodata.audit.labelled import LABELS
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.review.entry import check_note, check_reviewer
from autodata.review.fold import UNDO_DEPTH
from autodata.review.followed import FollowedFold
from autodata.review.label_fold import UNDO, CurrentLabel, LabelState
from autodata.review.shared import read_reviews


@dataclass(frozen=True, slots=True)
class LabelResult:
    """What became of a label, with a sentence to show. `recorded` is False where it stood already, under `label_id`."""

    label_id: str
    task_id: str
    recorded: bool
    message: str


def record_label(
    home: Home,
    *,
    task_id: str,
    run_id: str,
    content_sha: str,
    label: str,
    reviewer: str,
    note: str = "",
    blind: bool = False,
    inclusion: float | None = None,
    detectors: Sequence[str] = (),
    undoes: str | None = None,
) -> LabelResult:
    """Append one label and force it to the disk; a reviewer's earlier one on the task stays in the journal.

    `blind`: suspicion and findings were not shown. `inclusion` is the chance with which the task was drawn for a random
    look, None where it was not. `detectors` had flagged it. The label `undo` takes back the reviewer's own label
    `undoes`. A label that stands already, with the same note, records nothing.

    Raises BadInput for a label, name, note, chance or detector that cannot be used, for a person whose role does not
    allow it and for an undo of nothing; HeldElsewhere and StopRequested("disk") as `record_decision` does.
    """
    name = check_reviewer(reviewer)
    for value, what in ((task_id, "task"), (run_id, "run"), (content_sha, "content hash")):
        if not value:
            raise BadInput(f"a label needs a {what}; none was given")
    data: dict[str, Any] = {
        "task_id": task_id,
        "run_id": run_id,
        "content_sha": content_sha,
        "label": check_label(label, undoes),
        "reviewer": name,
        "note": check_note(note),
        "blind": bool(blind),
        "inclusion": _check_inclusion(inclusion),
        "detectors": _check_detectors(detectors),
        "undoes": undoes,
    }
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "label")
        state = _labels.read(home.reviews)
        if undoes is not None:
            taken = state.by_id.get(undoes)
            if taken is None or (taken.reviewer, taken.task_id) != (name, task_id):
                raise BadInput(f"{name} has no label {undoes!r} on task {task_id} that could be undone")
            return LabelResult(_append(journal, data), task_id, True, _describe_undo(taken))
        standing = state.find_label(task_id, name)
        if standing and (standing.label, standing.note, standing.content_sha) == (label, data["note"], content_sha):
            return LabelResult(standing.label_id, task_id, False, f"{task_id} has this label of {name} already.")
        return LabelResult(_append(journal, data), task_id, True, _describe(data, standing))


def undo_label(home: Home, reviewer: str) -> LabelResult:
    """Take back this reviewer's latest label that is not undone, up to UNDO_DEPTH in a row, also after a restart.

    Raises BadInput when nothing is left to undo.
    """
    name = check_reviewer(reviewer)
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "label")
        last = _labels.read(home.reviews).find_undoable(name)
        if last is None:
            raise BadInput(
                f"nothing to undo: undo takes back the latest {UNDO_DEPTH} labels of {name}. "
                f"An older one is changed by labelling its task again."
            )
        data = {
            "task_id": last.task_id,
            "run_id": last.run_id,
            "content_sha": last.content_sha,
            "label": UNDO,
            "reviewer": name,
            "note": "",
            "blind": last.blind,
            "inclusion": last.inclusion,
            "detectors": [],
            "undoes": last.label_id,
        }
        return LabelResult(_append(journal, data), last.task_id, True, _describe_undo(last))


def current_labels(home: Home) -> dict[str, tuple[CurrentLabel, ...]]:
    """Labels in force by task id, one a reviewer. Reads only what was appended since the last call in this process."""
    with _labels.lock:
        return _labels.read(home.reviews).list_current()


def check_label(label: str, undoes: str | None = None) -> str:
    """The label when it is one that can be given; raises BadInput listing them."""
    if (label == UNDO) != (undoes is not None):
        raise BadInput("the label undo names the label it takes back, and only it does")
    if label != UNDO and label not in LABELS:
        raise BadInput(f"label {label!r} is unknown; choose one of {', '.join(LABELS)}")
    return label


_labels = FollowedFold(LabelState)


def _append(journal: JournalWriter, data: dict[str, Any]) -> str:
    label_id = f"l{uuid.uuid4().hex[:15]}"
    journal.append("label", {"label_id": label_id, **data})
    return label_id


def _check_inclusion(inclusion: float | None) -> float | None:
    if inclusion is not None and not 0 < inclusion <= 1:
        raise BadInput(f"the chance {inclusion} of being drawn is outside 0 to 1")
    return None if inclusion is None else float(inclusion)


def _check_detectors(detectors: Sequence[str]) -> list[str]:
    unknown = sorted(set(detectors) - DETECTORS.keys())
    if unknown:
        raise BadInput(f"detectors {unknown} are unknown")
    return [name for name in DETECTORS if name in detectors]


def _describe(data: dict[str, Any], standing: CurrentLabel | None) -> str:
    before = f" (was {_spell(standing.label)})" if standing and standing.label != data["label"] else ""
    return f"Labelled {_spell(data['label'])}: {data['task_id']}{before}."


def _describe_undo(taken: CurrentLabel) -> str:
    return f"Undone: {taken.task_id} is no longer labelled {_spell(taken.label)} by {taken.reviewer}."


def _spell(label: str) -> str:
    return label.replace("_", "-")
