"""Deterministic checks of a task, before the verifier is asked: free, exact, and with reasons the challenger can use.

Each check returns reasons; an empty list is a pass.
"""

from __future__ import annotations

from autodata.model import QualityReview, Task
from autodata.recipes.recipe import Recipe
from autodata.scoring import attainable_points


def check_task(task: Task, recipe: Recipe) -> QualityReview:
    """Lengths, banned question forms, rubric counts and weights. `checks` says ok or the reason, by check."""
    results = {
        "context": _check_context(task, recipe),
        "question": _check_question(task, recipe),
        "rubric": _check_rubric(task, recipe),
        # Given tasks are measured as they are: an answer that can be read off the context is what some of them test.
        "reference": [] if recipe.limits.flow.write == "given" else _check_reference(task),
    }
    reasons = [reason for found in results.values() for reason in found]
    return QualityReview(
        passed=not reasons,
        checks={name: "; ".join(found) or "ok" for name, found in results.items()},
        feedback="; ".join(reasons),
        by="checks",
    )


def _check_context(task: Task, recipe: Recipe) -> list[str]:
    length, limits = len(task.context), recipe.limits
    if length < limits.context_min:
        return [f"the context has {length} characters, at least {limits.context_min} are needed to stand on its own"]
    if length > limits.context_max:
        return [f"the context has {length} characters, at most {limits.context_max} are allowed"]
    return []


def _check_question(task: Task, recipe: Recipe) -> list[str]:
    reasons, limits = [], recipe.limits
    folded = " ".join(task.question.casefold().split())
    if not limits.question_min <= len(task.question) <= limits.question_max:
        reasons.append(
            f"the question has {len(task.question)} characters; "
            f"{limits.question_min} to {limits.question_max} are allowed"
        )
    banned = next((opening for opening in limits.banned_openings if folded.startswith(opening)), None)
    if banned:
        reasons.append(f"the question opens with {banned!r}, a form weak models answer well")
    return reasons


def _check_rubric(task: Task, recipe: Recipe) -> list[str]:
    if recipe.limits.flow.grading == "answer":
        return []
    limits, reasons = recipe.limits.rubric, []
    positives = [c for c in task.rubric if c.weight > 0]
    negatives = [c for c in task.rubric if c.weight < 0]
    if attainable_points(task.rubric) <= 0:
        reasons.append("the rubric has no positive weight, so no answer can score above 0")
    if not limits.items_min <= len(task.rubric) <= limits.items_max:
        reasons.append(
            f"the rubric has {len(task.rubric)} criteria, {limits.items_min} to {limits.items_max} are needed"
        )
    if len(positives) < limits.positives_min:
        reasons.append(f"the rubric has {len(positives)} positive criteria, at least {limits.positives_min} are needed")
    if len(negatives) < limits.negatives_min:
        reasons.append(f"the rubric has {len(negatives)} negative criteria, at least {limits.negatives_min} are needed")
    if limits.negatives_max is not None and len(negatives) > limits.negatives_max:
        reasons.append(f"the rubric has {len(negatives)} negative criteria, at most {limits.negatives_max} are allowed")
    heavy = [c for c in task.rubric if abs(c.weight) > limits.weight_max]
    if heavy:
        reasons.append(f"weight {heavy[0].weight:g} is outside -{limits.weight_max} to {limits.weight_max}")
    return reasons + (_check_classes(task, limits.classes) if limits.classes else [])


def _check_classes(task: Task, classes: dict[str, tuple[int, int]]) -> list[str]:
    """Every criterion names a capability and a weight class, and its weight lies in the range of that class."""
    reasons = []
    for criterion in task.rubric:
        name = criterion.weight_class
        if not criterion.capability:
            reasons.append(f"criterion {criterion.id} names no capability")
        if name not in classes:
            reasons.append(f"criterion {criterion.id} has weight class {name!r}; there is {', '.join(classes)}")
        elif not classes[name][0] <= criterion.weight <= classes[name][1]:
            low, high = classes[name]
            reasons.append(
                f"criterion {criterion.id} is {name} with weight {criterion.weight:g}; {name} is {low} to {high}"
            )
    return reasons


def _check_reference(task: Task) -> list[str]:
    answer = " ".join(task.reference_answer.casefold().split())
    context = " ".join(task.context.casefold().split())
    return ["the context contains the reference answer"] if len(answer) >= 60 and answer in context else []
