"""Whole audits on simulated runs: the stages, what is recorded, and what ends or interrupts them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from autodata import audits
from autodata.audit.fresh.stored import load_audit, read_results
from autodata.audits import AuditOrder
from autodata.audits.anchoring import make_anchors
from autodata.audits.report import report_audit
from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.recorder import Budget
from tests.support.audited_home import RUN, make_audited_home
from tests.support.journals import write_run

PATIENCE_S = 200
"""The longest wait for a process on a busy machine, in seconds."""


@pytest.fixture
def home(tmp_path, tmp_path_factory):
    """A copy of the audited home."""
    shutil.copytree(make_audited_home(tmp_path_factory), tmp_path / "home")
    return Home(tmp_path / "home")


def audit(home, run_id=RUN, budget=None, **order):
    """Draft, create and execute an audit; returns its end."""
    audits.create_audit(home, audits.draft_audit(home, AuditOrder(run_id, **order)))
    return audits.execute_audit(home, run_id, budget=budget)


def find_import(home):
    (path,) = home.runs.glob("imported-*")
    return path.name


def has_ended(home):
    """Whether the last audit of the run has said its end; False before there is one."""
    path = home.audit_journal(RUN)
    return path.exists() and any(record.kind == "audit_ended" for record in read_records(path))


def list_answered(home, run_id=RUN):
    """Keys of the calls that were answered, as recorded."""
    records = read_records(home.audit_journal(run_id))
    return [r.data["key"] for r in records if r.kind == "call" and not r.data["error"]]


def write_seats(folder, *, base_url="http://127.0.0.1:9/v1", role="auditor_judge"):
    path = folder / "seats.toml"
    path.write_text(
        f'[endpoints.lab]\nbase_url = "{base_url}"\nmax_tries = 1\ntimeout_s = 5\n'
        f'[seats.{role}]\nendpoint = "lab"\nmodel = "lab-judge"\n'
    )
    return path


def test_an_honest_run_certifies_and_shows_no_tampering(home):
    end = audit(home, plan="default")
    report = report_audit(home, RUN)
    assert (end.state, end.totals["calls"] > 0) == ("done", True)
    assert report.certified == len(report.tasks) >= 4
    difficulties = Counter(task.verdict.difficulty for task in report.tasks)
    assert difficulties["real"] >= difficulties["not_real"]
    assert not any(task.verdict.tampered for task in report.tasks)


def test_a_weak_model_told_to_be_weak_is_found_and_its_gap_is_not_real(home):
    run_id = find_import(home)
    audit(home, run_id, checks=("K1", "K2"), models="simulated")
    results, report = read_results(home.audit_journal(run_id)), report_audit(home, run_id)
    tested = [results[task.task.id]["K2"].numbers for task in report.tasks]
    # Models obey to different degrees: on some tasks the words do little, over all of them they show.
    assert sum(numbers["weak"]["p"] < 0.01 for numbers in tested) >= 3
    assert all(numbers["pooled"]["weak"]["p"] < 0.01 for numbers in tested)
    for task in report.tasks:
        assert (task.verdict.difficulty, task.verdict.tampered) == ("not_real", True)
        assert task.verdict.action == "drop_freeze"


def test_the_journal_holds_what_the_contract_of_audits_names(home):
    audit(home, plan="medium")
    records = list(read_records(home.audit_journal(RUN)))
    assert verify_journal(home.audit_journal(RUN)).ok
    start = records[0].data
    named = {"audit_id", "run_id", "software", "plan", "seats", "settings", "budget", "prices", "recipe", "run_head"}
    assert named | {"simulated", "tasks", "planned", "host", "pid"} <= start.keys()
    assert start["run_head"]["sha"] == verify_journal(home.journal(RUN)).head
    assert {"task_id", "why", "inclusion"} <= start["tasks"][0].keys()
    ended = records[-1].data
    assert (ended["audit_id"], ended["state"]) == (start["audit_id"], "done")
    assert {"calls", "solver_calls", "judge_calls", "cost"} <= ended["totals"].keys()
    assert {record.kind for record in records} == {"audit_started", "call", "fresh", "check", "audit_ended"}


def test_the_run_itself_is_left_as_it_was(home):
    before = home.journal(RUN).read_bytes()
    audit(home, plan="lean")
    assert home.journal(RUN).read_bytes() == before


def test_a_killed_audit_goes_on_without_asking_anything_twice(home):
    order = AuditOrder(RUN, plan="default", slots=1)
    audits.create_audit(home, audits.draft_audit(home, order))
    command = [sys.executable, "-m", "autodata.cli", "audit", RUN, "--resume", "--quiet", "--home", str(home.root)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + PATIENCE_S
    while len(list_answered(home)) < 60 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = list_answered(home)
    assert load_audit(home.audit_journal(RUN)).state == ""
    end = audits.execute_audit(home, RUN)
    after = list_answered(home)
    assert end.state == "done"
    assert after[: len(before)] == before
    assert len(set(after)) == len(after) > len(before)
    assert end.totals["calls"] == len(after)


def test_a_budget_ends_it_and_a_larger_one_goes_on(home):
    end = audit(home, plan="lean", budget=Budget(max_calls=10))
    assert (end.state, "budget of 10 calls" in end.reason) == ("paused", True)
    assert len(list_answered(home)) == 10
    end = audits.execute_audit(home, RUN, budget=Budget())
    assert end.state == "done"
    assert len(set(list_answered(home))) == len(list_answered(home))
    assert load_audit(home.audit_journal(RUN)).budget == Budget()


def test_a_pause_that_was_asked_for_ends_it(home):
    audits.create_audit(home, audits.draft_audit(home, AuditOrder(RUN, plan="default", slots=1)))

    def ask(progress, recorder):
        if progress.done == 1:
            audits.request_audit(home, RUN, "pause")

    assert audits.execute_audit(home, RUN, ask).state == "paused"
    assert audits.execute_audit(home, RUN).state == "done"


def test_an_auditor_that_cannot_be_reached_leaves_unchecked_never_ok(home, tmp_path):
    end = audit(home, plan="medium", models=write_seats(tmp_path))
    assert end.state == "done"
    coverage = {r.coverage for own in read_results(home.audit_journal(RUN)).values() for r in own.values()}
    assert coverage == {"failed"}
    for task in report_audit(home, RUN).tasks:
        assert task.verdict.difficulty == "unchecked"
        assert task.verdict.validity != "ok"
        assert "K8" in task.verdict.unchecked


def test_what_failed_is_asked_again_by_the_next_audit(home, tmp_path):
    audit(home, plan="lean", models=write_seats(tmp_path))
    audit(home, plan="lean")
    coverage = {r.coverage for own in read_results(home.audit_journal(RUN)).values() for r in own.values()}
    assert coverage == {"done"}


def test_a_later_audit_uses_what_an_earlier_one_asked(home):
    audit(home, checks=("K1",), most=3)
    asked = len(list_answered(home))
    again = audit(home, checks=("K1",), most=3)
    assert (len(list_answered(home)), again.totals["calls"]) == (asked, 0)
    other = audit(home, checks=("K1",), most=3, seed=1)
    assert other.totals["calls"] == asked


def test_a_task_asked_for_by_name_is_not_taken_for_a_sample(home):
    task_id = report_audit(home, RUN).tasks[0].task.id
    audit(home, checks=("K1",), tasks=(task_id,), most=3)
    results = read_results(home.audit_journal(RUN))
    assert results.keys() == {task_id}
    assert results[task_id]["K1"].numbers["why"] == "asked"
    assert results[task_id]["K1"].numbers["prior"]["tasks"] == 0


def test_certified_gaps_are_weighed_by_the_prior_of_all_in_the_end(home):
    audit(home, checks=("K1",), most=3)
    priors = {json.dumps(own["K1"].numbers["prior"]) for own in read_results(home.audit_journal(RUN)).values()}
    (prior,) = priors
    assert json.loads(prior)["tasks"] == len(report_audit(home, RUN).tasks)


def test_every_check_can_be_made_by_name(home):
    task_id = report_audit(home, RUN).tasks[0].task.id
    checks = ("K1", "K2", "K3", "K5", "K6", "K7", "K8", "K9", "K10", "K11")
    audit(home, checks=checks, tasks=(task_id,), most=3)
    results = read_results(home.audit_journal(RUN))[task_id]
    assert {name: result.coverage for name, result in results.items()} == dict.fromkeys(checks, "done")


def test_anchors_of_one_run_test_the_request_of_another(home):
    made = make_anchors(home, RUN, 4)
    assert (len(made.added), made.stopped) == (4, "")
    assert make_anchors(home, RUN, 1, budget=Budget(max_calls=5)).stopped
    run_id = find_import(home)
    audit(home, run_id, checks=("K4",), models="simulated")
    results = read_results(home.audit_journal(run_id))
    assert {own["K4"].coverage for own in results.values()} == {"done"}
    assert all(own["K4"].findings for own in results.values())
    assert Counter(key.split("/")[0] for key in list_answered(home, run_id)).keys() <= results.keys()


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"plan": "cheap"}, "plan 'cheap' is unknown"),
        ({"checks": ("K99",)}, "K99"),
        ({"tasks": ("t0",), "checks": ("K1",)}, "'t0' is not an accepted task"),
        ({"checks": ("K1",), "most": 2}, "2 fresh answers"),
        ({"plan": "default", "models": "nowhere.toml"}, "does not exist"),
        ({"plan": "default", "budget": Budget(max_cost=1.0), "models": "FILE"}, "price of model 'lab-judge'"),
    ],
)
def test_an_order_that_cannot_be_kept_is_refused_before_anything_is_asked(home, tmp_path, order, words):
    if order.get("models") == "FILE":
        order = order | {"models": write_seats(tmp_path)}
    with pytest.raises(BadInput, match=words):
        audits.draft_audit(home, AuditOrder(RUN, **order))
    assert not home.audit_journal(RUN).exists()


def test_a_key_that_is_not_set_is_told_before_the_start(home, tmp_path):
    path = write_seats(tmp_path)
    path.write_text(path.read_text().replace("max_tries = 1", 'max_tries = 1\napi_key_env = "NO_SUCH_KEY_HERE"'))
    with pytest.raises(BadInput, match="NO_SUCH_KEY_HERE"):
        audits.draft_audit(home, AuditOrder(RUN, models=path))


def test_an_import_without_endpoints_says_what_it_needs(home):
    with pytest.raises(BadInput, match="was imported"):
        audits.draft_audit(home, AuditOrder(find_import(home)))


def test_an_import_without_judge_and_writer_leaves_their_checks_not_run(home, tmp_path):
    path, run_id = tmp_path / "solvers.toml", find_import(home)
    seats = {"weak": "sim-weak", "strong": "sim-strong", "auditor_judge": "sim-judge-b"}
    path.write_text(
        '[endpoints.sim]\nbase_url = "simulated"\n'
        + "".join(f'[seats.{role}]\nendpoint = "sim"\nmodel = "{model}"\n' for role, model in seats.items())
    )
    task_id = report_audit(home, run_id).tasks[0].task.id
    audit(home, run_id, checks=("K5", "K6", "K7", "K8"), tasks=(task_id,), models=path)
    results = read_results(home.audit_journal(run_id))[task_id]
    assert {name: result.coverage for name, result in results.items()} == {
        "K5": "not_run",
        "K6": "not_run",
        "K7": "not_run",
        "K8": "done",
    }
    assert "judge" in results["K5"].missing[0]


def test_two_audits_of_a_run_do_not_work_at_once(home):
    draft = audits.draft_audit(home, AuditOrder(RUN, plan="lean"))
    audits.create_audit(home, draft)
    with JournalWriter(home.audit_journal(RUN)):
        assert audits.is_alive(home, RUN)
        with pytest.raises(HeldElsewhere):
            audits.execute_audit(home, RUN)
    assert not audits.is_alive(home, RUN)


def test_of_two_processes_that_start_at_once_one_owns_the_audit(home):
    """Both create theirs before either works: the one that was overtaken asks nothing, the other does its work."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from autodata import audits\n"
        "from autodata.audits import AuditOrder\n"
        "from autodata.errors import HeldElsewhere\n"
        "from autodata.home import Home\n"
        "home, run = Home(Path(sys.argv[1])), sys.argv[2]\n"
        "own = audits.create_audit(home, audits.draft_audit(home, AuditOrder(run, plan='lean')))\n"
        "print(own, flush=True)\n"
        "sys.stdin.readline()\n"
        "try:\n"
        "    print(audits.execute_audit(home, run, audit_id=own).state)\n"
        "except HeldElsewhere as held:\n"
        "    print('held', held)\n"
    )
    command = [sys.executable, "-c", script, str(home.root), RUN]
    made = []
    for _ in range(2):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        made.append((process, process.stdout.readline().strip()))
    assert [own for _, own in made] == [f"{RUN}-audit-1", f"{RUN}-audit-2"]
    for process, _ in made:
        process.stdin.write("go\n")
        process.stdin.flush()
    first, second = (process.communicate(timeout=PATIENCE_S)[0] for process, _ in made)
    assert first.startswith("held")
    assert second.strip() == "done"
    answered = list_answered(home)
    assert len(answered) == len(set(answered))


def test_a_done_audit_has_nothing_to_go_on_with(home):
    audit(home, checks=("K8",), tasks=(report_audit(home, RUN).tasks[0].task.id,))
    with pytest.raises(BadInput, match="is done"):
        audits.execute_audit(home, RUN)


def test_an_audit_in_the_background_outlives_its_starter(home):
    audits.create_audit(home, audits.draft_audit(home, AuditOrder(RUN, plan="lean")))
    audits.launch_audit(home, RUN)
    deadline = time.monotonic() + PATIENCE_S
    while load_audit(home.audit_journal(RUN)).state != "done" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert load_audit(home.audit_journal(RUN)).state == "done"
    assert audits.wait_until_ended(home, RUN, 10)


@pytest.mark.parametrize("order", [{"plan": "lean"}, {"checks": ("K1",), "most": 3}, {"checks": ("K8",)}])
def test_an_order_is_drafted_and_done_in_the_background(home, order):
    (task_id, *_) = (task.task.id for task in report_audit(home, RUN).tasks)
    audits.launch_order(home, AuditOrder(RUN, tasks=(task_id,), **order))
    deadline = time.monotonic() + PATIENCE_S
    while not has_ended(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    stored = load_audit(home.audit_journal(RUN))
    assert (stored.state, [own.task_id for own in stored.tasks]) == ("done", [task_id])
    assert stored.checks == order.get("checks", ())


def test_an_order_that_cannot_be_kept_is_refused_before_a_process_starts(home):
    with pytest.raises(BadInput, match="asks no model"):
        audits.launch_order(home, AuditOrder(RUN, plan="static"))
    with pytest.raises(BadInput, match="cannot be ordered in the background"):
        audits.launch_order(home, AuditOrder(RUN, checks=("K2",), most=5))
    assert not (home.audit(RUN) / "audit.log").exists()


def test_an_audit_or_a_run_that_is_not_there_is_named(home):
    with pytest.raises(BadInput, match="has no audit with model calls"):
        audits.find_audit(home, RUN)
    with pytest.raises(BadInput, match="'cs-0099' does not exist"):
        audits.draft_audit(home, AuditOrder("cs-0099"))


def test_a_run_without_an_accepted_task_cannot_be_audited(tmp_path):
    empty = Home(tmp_path / "home")
    write_run(empty, RUN, 1, plans=[("too_easy",)])
    with pytest.raises(BadInput, match="has no accepted task"):
        audits.create_audit(empty, audits.draft_audit(empty, AuditOrder(RUN, models="simulated")))
