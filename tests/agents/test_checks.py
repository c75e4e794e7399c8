from autodata.agents.checks import check_task
from autodata.model import Criterion
from autodata.recipes.recipe import load_recipe
from tests.support.drafts import make_task

RECIPE = load_recipe("cs")


def reasons(**changes):
    return check_task(make_task(**changes), RECIPE).feedback


def test_valid_task_passes_every_check():
    review = check_task(make_task(), RECIPE)
    assert review.passed
    assert set(review.checks.values()) == {"ok"}


def test_rubric_without_positive_weight_is_refused():
    rubric = tuple(Criterion(f"c{n}", f"error {n}", -n) for n in range(1, 12))
    assert "no positive weight" in reasons(rubric=rubric)


def test_too_few_criteria_are_refused_with_the_count():
    assert "the rubric has 5 criteria, 10 to 20 are needed" in reasons(rubric=make_task().rubric[:5])


def test_too_few_negative_criteria_are_refused():
    rubric = tuple(Criterion(f"c{n}", f"step {n}", n) for n in range(1, 11))
    assert "0 negative criteria, at least 3" in reasons(rubric=rubric)


def test_weight_beyond_ten_is_refused():
    rubric = (Criterion("c0", "heavy", 40), *make_task().rubric)
    assert "weight 40 is outside" in reasons(rubric=rubric)


def test_short_context_is_refused():
    assert "at least 80 are needed" in reasons(context="Too short.")


def test_explain_why_question_is_refused():
    assert "'explain why'" in reasons(question="Explain  why lease reads need a bound on the drift of clocks.")


def test_reference_inside_the_context_is_refused():
    task = make_task()
    assert "contains the reference answer" in reasons(context=f"{task.context} {task.reference_answer}")
