from autodata.agents.answer_feedback import describe_answers
from autodata.model import Rollout, Score
from tests.support.drafts import make_task

TASK = make_task(rubric=(), reference_answer="x + 1")


def roll(solver, index, answer, value, status="ok"):
    score = None if value is None else Score(value, 0, 1, value)
    return Rollout(solver, index, "select", status, answer, "", "stop", score, (), None, None)


def test_feedback_names_counts_final_answers_and_the_end_of_wrong_ones():
    text = describe_answers(
        TASK, [roll("weak", 0, "I forget the sign.\nANSWER: x - 1", 0.0)], [roll("strong", 0, "ANSWER: 1 + x", 1.0)]
    )
    assert text.splitlines() == [
        "reference answer: x + 1",
        "weak: 0 of 1 right",
        "  wrong: x - 1 | ends: I forget the sign. ANSWER: x - 1",
        "strong: 1 of 1 right",
        "  right: 1 + x",
    ]


def test_feedback_keeps_answers_short_and_on_one_line():
    text = describe_answers(TASK, [roll("weak", 0, "line\n" * 5_000 + "ANSWER: " + "y" * 350, 0.0)], [])
    assert len(text) < 800
    assert len(text.splitlines()) == 3


def test_an_answer_cut_off_by_its_limit_is_said_to_be():
    assert "cut off" in describe_answers(TASK, [roll("weak", 0, "and then", 0.0, "truncated")], [])


def test_what_nobody_graded_is_not_told():
    assert describe_answers(TASK, [roll("weak", 0, "", None, "failed")], []) == ""
