"""Canaries: copies with one planted fault that no page can tell from tasks, and what they say about reviewers."""

from pathlib import Path

import pytest

from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_run
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import simulated_seats
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.review.canaries import fold_canaries, measure_recall, plant_canaries
from autodata.review.decisions import record_decision
from autodata.review.faults import FAULTS, ORDER
from autodata.review.shared import read_reviews
from autodata.review.team import Team, record_team
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import load_sources

EXPECTED = {"weak_request": {"S1", "S2", "S12"}, "leak": {"S13"}, "foreign_answers": {"S13"}}
"""Detectors that may see each fault."""

SAMPLES = Path(__file__).parents[2] / "samples" / "cs"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home with a simulated run and six canaries planted from it: home, run, planted run."""
    home = Home(tmp_path_factory.mktemp("home"))
    settings = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=simulated_seats())
    run_id = create_run(home, settings, load_recipe("cs"), load_sources([SAMPLES], limit=14))
    execute_run(home, run_id)
    return home, run_id, plant_canaries(home, run_id, 6, "Lea")


@pytest.fixture
def canaries(made):
    return fold_canaries(read_records(made[0].reviews))


@pytest.fixture
def tasks(made):
    home, _, planted = made
    return {task.task.id: task for task in read_run(home.journal(planted)).tasks}


def test_every_canary_is_an_accepted_task_of_the_planted_run(tasks, canaries):
    assert tasks.keys() == canaries.keys()


def test_faults_are_planted_in_turn(canaries):
    assert sorted(canaries.values()) == sorted(FAULTS * 2)


def test_the_planted_journal_is_whole(made):
    assert verify_journal(made[0].journal(made[2])).ok


def test_nothing_in_the_planted_run_tells_what_it_is(made):
    text = made[0].journal(made[2]).read_text().lower()
    assert not [word for word in ("canary", "canaries", "planted", "weak_request", "foreign") if word in text]


def test_the_name_of_the_planted_run_is_an_ordinary_one(made):
    assert made[2] == "cs-0002"


def test_a_canary_was_accepted_in_its_first_and_only_round(made):
    records = list(read_records(made[0].journal(made[2])))
    rounds = [record.data for record in records if "round" in record.data]
    assert {data["round"] for data in rounds} == {1}
    assert all("/1/" in data["key"] for data in rounds if "key" in data)
    done = [record.data for record in records if record.kind == "source_done"]
    assert {(data["accepted_round"], data["rounds"]) for data in done} == {(1, 1)}


def test_a_rollout_names_the_copy_of_its_call(tasks):
    for task in tasks.values():
        assert all(task.find_call(answer.answer_call) for answer in task.answers if answer.answer_call)


def test_a_weak_request_asks_for_less(tasks, canaries):
    task = next(tasks[name] for name, fault in canaries.items() if fault == "weak_request")
    asked = {call.role: call.prompt.endswith(ORDER) for call in task.solver_calls}
    assert asked == {"weak": True, "strong": False}


def test_a_leak_stands_in_the_task_and_in_every_request(tasks, canaries):
    task = next(tasks[name] for name, fault in canaries.items() if fault == "leak")
    assert task.task.reference_answer in task.task.context
    assert all(task.task.context in call.prompt for call in task.solver_calls)


def test_foreign_answers_are_the_ones_the_judge_was_shown(tasks, canaries):
    task = next(tasks[name] for name, fault in canaries.items() if fault == "foreign_answers")
    weak = [call.response_sha for call in task.solver_calls if call.role == "weak"]
    assert set(weak) <= {call.answer_sha_in for call in task.judge_calls}


def test_the_audit_finds_in_a_canary_what_was_planted_and_nothing_more(made, canaries):
    """What the copies were made of has findings of its own; they are not held against the canary."""
    home, run_id, planted = made
    known = {
        found.detector
        for task in audit_run(read_run(home.journal(run_id))).tasks
        for found in task.findings
        if found.severity != "note"
    }
    audits = {task.task.id: task for task in audit_run(read_run(home.journal(planted))).tasks}
    for task_id, fault in canaries.items():
        alarms = {found.detector for found in audits[task_id].findings if found.severity != "note"}
        assert alarms - known <= EXPECTED[fault], fault


def test_the_requests_of_a_canary_are_the_templates_of_its_run(made, canaries):
    home, _, planted = made
    audits = {task.task.id: task for task in audit_run(read_run(home.journal(planted))).tasks}
    violated = {
        canaries[task_id]
        for task_id, audit in audits.items()
        if any(found.severity == "violation" for found in audit.findings)
    }
    assert violated == {"weak_request"}


def test_more_canaries_than_accepted_tasks_are_refused(made):
    with pytest.raises(BadInput, match="200 canaries of"):
        plant_canaries(made[0], made[1], 200, "Lea")


def test_a_planted_run_is_not_planted_again(made):
    with pytest.raises(BadInput, match="is planted already"):
        plant_canaries(made[0], made[2], 1, "Lea")


def test_planting_takes_a_lead(made, tmp_path):
    home = Home(tmp_path)
    record_team(home, Team(others="viewer", roles={"Lea": "lead"}), "Lea")
    with pytest.raises(BadInput, match="takes a lead"):
        plant_canaries(home, made[1], 1, "Bo")


def test_recall_counts_rejected_and_flagged_canaries(tmp_path):
    home, canaries = Home(tmp_path), dict(zip(("t1", "t2", "t3", "t4"), (*FAULTS, FAULTS[0]), strict=True))
    for task, verdict in (("t1", "reject"), ("t2", "approve"), ("t3", "flag"), ("t4", "skip"), ("t9", "approve")):
        reason = "Leak" if verdict == "flag" else ""
        record_decision(home, task_id=task, run_id="r", content_sha="s", verdict=verdict, reviewer="Ada", reason=reason)
    (recall,) = measure_recall(canaries, read_reviews(home).state.by_id.values())
    assert (recall.caught, recall.decided) == (2, 3)
    assert recall.by_fault == {"weak_request": (1, 1), "leak": (0, 1), "foreign_answers": (1, 1)}
