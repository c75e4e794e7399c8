"""What is measured of one task: its request without its own words, repeated answers, length, misfit."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from autodata.audit.examine import check_length, examine_task, fingerprint_request
from autodata.audit.reading import read_run
from autodata.audit.records import Chain
from autodata.home import Home
from tests.audit.values import make_answers
from tests.support.journals import write_run


@pytest.fixture
def tasks(tmp_path):
    home = Home(tmp_path / "data")
    write_run(home, "r1", 3, plans=[("accepted",)])
    return read_run(home.journal("r1")).tasks


def change_calls(task, change, role="weak"):
    """The task with `change` applied to the text of every request of a role."""
    calls = []
    for call in task.calls:
        if call.role == role and call.request:
            texts = tuple(change(text, call.attempt) for text in call.texts)
            call = replace(call, texts=texts, request_sha=str(hash(texts)))
        calls.append(call)
    return replace(task, calls=tuple(calls))


def change_answers(task, text, solver="weak"):
    answers = tuple(replace(a, text=text(a)) if a.solver == solver else a for a in task.answers)
    return replace(task, answers=answers)


def test_tasks_under_one_template_have_one_request(tasks):
    assert len({fingerprint_request(task) for task in tasks}) == 1


def test_words_around_the_task_change_the_request(tasks):
    told = change_calls(tasks[0], lambda text, _: f"{text}\n\nBe brief.")
    assert fingerprint_request(told) != fingerprint_request(tasks[0])


def test_one_attempt_with_other_words_changes_the_request(tasks):
    told = change_calls(tasks[0], lambda text, at: f"{text} Be brief." if at == 1 else text)
    assert fingerprint_request(told) != fingerprint_request(tasks[0])


def test_requests_of_strong_do_not_matter(tasks):
    told = change_calls(tasks[0], lambda text, _: f"{text} Take your time.", role="strong")
    assert fingerprint_request(told) == fingerprint_request(tasks[0])


def test_request_that_is_not_recorded_has_no_fingerprint(tasks):
    bare = replace(tasks[0], calls=tuple(replace(call, request=None) for call in tasks[0].calls))
    assert fingerprint_request(bare) is None


def test_what_the_run_says_is_left_out(tasks):
    returned = MappingProxyType({"weak": MappingProxyType({"another": 99})})
    run = replace(tasks[0].run, chain=Chain(1, "Record 2 is gone."), returned=returned)
    assert examine_task(replace(tasks[0], run=run)) == examine_task(tasks[0])


def test_near_copies_of_an_answer_are_repeated(tasks):
    text = " ".join(f"word{n}" for n in range(200))
    same = change_answers(tasks[0], lambda answer: text if answer.index < 2 else f"{text} and one more")
    assert [answer.repeated for answer in examine_task(same).weak] == [False, True, True]
    other = change_answers(tasks[0], lambda answer: " ".join(f"{answer.index}x{n}" for n in range(200)))
    assert [answer.repeated for answer in examine_task(other).weak] == [False] * 3


def test_answer_that_was_refused_is_marked(tasks):
    refused = change_answers(tasks[0], lambda _: "I'm sorry, but I can't help with that.")
    assert all(answer.refused for answer in examine_task(refused).weak)


def test_misfit_is_measured_for_every_weak_answer_that_can_have_one(tasks):
    misfits = examine_task(tasks[0]).misfits
    assert len(misfits) <= 3
    assert all(0 <= misfit <= 1 for misfit in misfits)


def make_sides(weak, strong):
    """Answers of (score, length)."""
    return tuple(tuple(make_answers(s, length=n)[0] for s, n in side) for side in (weak, strong))


def test_gap_that_length_explains_for_sure_is_a_flag():
    weak = [(0.1, 100), (0.3, 300), (0.5, 900), (0.2, 170)]
    strong = [(0.5, 900), (0.62, 1600), (0.7, 2700), (0.4, 520)]
    (finding,) = check_length(*make_sides(weak, strong)).findings
    assert finding.severity == "flag"
    assert "between answers of equal length" in finding.sentence


def test_gap_that_length_may_explain_is_a_note_at_most():
    sides = make_sides([(0.4, 300), (0.5, 420), (0.3, 350)], [(0.7, 700), (0.75, 900), (0.6, 780)])
    assert [finding.severity for finding in check_length(*sides).findings] == ["note"]


def test_length_that_cannot_be_told_from_the_solver_is_not_run():
    assert check_length(*make_sides([(0.4, 300)] * 3, [(0.8, 700)] * 3)) is None
    assert check_length((), make_answers(0.5)) is None


def test_answers_whose_text_is_missing_are_not_recorded():
    check = check_length(make_answers(0.4, 0.5, length=None), make_answers(0.8, 0.7))
    assert check.missing == ("scores or texts of the answers",)
