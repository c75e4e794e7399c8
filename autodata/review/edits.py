"""Fix a task: an edited text becomes a task of its own, beside the original, and has no scores until it was tried.

The edit is a record of the reviews journal. Trying it is an ordinary run over one given task, with the seats, the
policy and the judge's templates of the run that the original came from: whatever was measured on the old words says
nothing about the new ones.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import tomlkit

from autodata.errors import BadInput
from autodata.home import Home
from autodata.items import Item
from autodata.journal import JournalWriter, read_records
from autodata.model import Criterion, Source, Task
from autodata.recipes.recipe import Recipe, make_recipe
from autodata.review.entry import check_note, check_reviewer
from autodata.review.shared import read_reviews
from autodata.runs import create_run, load_run
from autodata.sources import Loaded
from autodata.stored_run import StoredRun

FIELDS = ("context", "question", "reference_answer", "rubric")
"""What a reviewer may change."""

TEXT_MAX = 200_000
"""Characters of an edited text."""

_LIMITS = {"context_min": 0, "context_max": TEXT_MAX, "question_min": 1, "question_max": TEXT_MAX}
_RUBRIC = {"items_min": 1, "items_max": 100, "positives_min": 1, "negatives_min": 0, "weight_max": 1_000_000}
"""A person answers for an edit; the limits of what a challenger may write do not hold for it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`task` is the new text under the original's id, source and round; `changed` names the fields that differ."""

    edit_id: str
    task: Task
    run_id: str
    original_sha: str
    changed: tuple[str, ...]
    reviewer: str
    note: str


def record_edit(
    home: Home, original: Task, run_id: str, changes: Mapping[str, Any], reviewer: str, note: str = ""
) -> Edit:
    """Keep an edited text of `original`; nothing is tried yet.

    `changes` maps fields to their new values, a rubric as a sequence of criteria. Raises BadInput for a field that may
    not be changed, a text that cannot be tried, or when nothing differs.
    """
    name = check_reviewer(reviewer)
    task = _apply(original, changes)
    changed = tuple(field for field in FIELDS if getattr(task, field) != getattr(original, field))
    if not changed:
        raise BadInput("nothing was changed, so there is no new version to keep")
    edit = Edit(f"e{uuid.uuid4().hex[:15]}", task, run_id, original.content_sha, changed, name, check_note(note))
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "edit")
        journal.append("edit", {**asdict(edit), "task_id": original.id, "content_sha": task.content_sha})
    return edit


def find_edit(home: Home, edit_id: str) -> Edit:
    """A recorded edit; raises BadInput when there is none of that id."""
    for record in read_records(home.reviews):
        if record.kind == "edit" and record.data["edit_id"] == edit_id:
            return _read_edit(record.data)
    raise BadInput(f"edit {edit_id!r} does not exist in {home.reviews}")


def create_trial(home: Home, edit: Edit) -> str:
    """A run over the edited task alone, ready to be launched; returns its id.

    Raises BadInput for a task of an imported run, whose models this home cannot ask, and as `create_run` does.
    """
    stored = load_run(home, edit.run_id)
    recipe = make_trial_recipe(stored.recipe)
    settings = stored.settings.model_copy(
        update={
            "domain": recipe.name,
            "max_rounds": 1,
            "baseline": False,
            "frugal": "off",
            "budget_calls": None,
            "budget_tokens": None,
            "budget_cost": None,
            "stop_acceptance_below": None,
            "inputs": (f"edit {edit.edit_id} of task {edit.task.id}",),
        }
    )
    return create_run(home, settings, recipe, Loaded((_make_source(edit, stored),), ()))


def make_trial_recipe(recipe: Recipe) -> Recipe:
    """The run's own recipe, but that the task is given: same judge, same rule, nobody writes."""
    values = tomlkit.parse(recipe.files["recipe.toml"])
    name = recipe.name if recipe.limits.flow.write == "given" else f"{recipe.name[:70]}-edited"
    flow = {**values.get("flow", {}), "write": "given", "extract": False, "candidates": 1, "verify": False}
    values.update({"name": name, "rounds": 1, "rounds_max": 1, **_LIMITS, "flow": flow, "rubric": _RUBRIC})
    return make_recipe({**recipe.files, "recipe.toml": tomlkit.dumps(values)})


def _apply(original: Task, changes: Mapping[str, Any]) -> Task:
    unknown = sorted(changes.keys() - set(FIELDS))
    if unknown:
        raise BadInput(f"{', '.join(unknown)} cannot be edited; only {', '.join(FIELDS)} can")
    task = replace(original, **{field: _clean(field, value) for field, value in changes.items()})
    if not task.question.strip():
        raise BadInput("the question is empty")
    if original.rubric and not any(criterion.weight > 0 for criterion in task.rubric):
        raise BadInput("the rubric has no criterion with a positive weight, so no answer could score")
    if len({criterion.id for criterion in task.rubric}) < len(task.rubric):
        raise BadInput("two criteria have the same id")
    if not task.rubric and not task.reference_answer.strip():
        raise BadInput("without a rubric the reference answer is what answers are graded by; it is empty")
    return task


def _clean(field: str, value: Any) -> Any:
    if field == "rubric":
        return tuple(_clean_criterion(one) for one in value)
    text = str(value)
    if len(text) > TEXT_MAX:
        raise BadInput(f"{field} has {len(text):,} characters; at most {TEXT_MAX:,} are kept")
    return text


def _clean_criterion(criterion: Criterion) -> Criterion:
    text, weight = criterion.criterion.strip(), float(criterion.weight)
    if not text:
        raise BadInput(f"criterion {criterion.id} is empty")
    if not 0 < abs(weight) <= _RUBRIC["weight_max"]:
        raise BadInput(f"criterion {criterion.id} has the weight {weight:g}; it must not be 0")
    return replace(criterion, criterion=text, weight=weight)


def _make_source(edit: Edit, stored: StoredRun) -> Source:
    task = edit.task
    rubric = [{"id": c.id, "criterion": c.criterion, "weight": c.weight} for c in task.rubric]
    passage = next((source for source in stored.sources if source.id == task.source_id), None)
    return Source(
        id=Item(task.question, task.reference_answer, task.context, task.rubric).id,
        title=f"{passage.title if passage else task.id}, edited",
        text=task.question,
        document=passage.document if passage else "",
        metadata={
            "item": {"answer": task.reference_answer, "context": task.context, "rubric": rubric, "flags": []},
            "edit": {
                "edit_id": edit.edit_id,
                "task_id": task.id,
                "run_id": edit.run_id,
                "reviewer": edit.reviewer,
                "changed": list(edit.changed),
                "source_id": task.source_id,
            },
        },
    )


def _read_edit(data: Mapping[str, Any]) -> Edit:
    values = data["task"]
    task = Task(
        **{
            **values,
            "rubric": tuple(Criterion(**criterion) for criterion in values["rubric"]),
            "tags": tuple(values["tags"]),
        }
    )
    return Edit(
        edit_id=str(data["edit_id"]),
        task=task,
        run_id=str(data["run_id"]),
        original_sha=str(data["original_sha"]),
        changed=tuple(data["changed"]),
        reviewer=str(data["reviewer"]),
        note=str(data["note"]),
    )
