"""The fault matrix: its fast cases here, every case behind the marker `slow`."""

import json
import subprocess
import sys

import pytest

from benchmarks.faulting import table
from benchmarks.faulting.journals import try_clock, try_torn
from benchmarks.faulting.kills import kill_run
from benchmarks.faulting.matrix import GROUPS
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import ROOT
from benchmarks.faulting.trial import make_trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    trial = make_trial(tmp_path_factory.mktemp("trial"), sources=3, rounds=2)
    yield trial
    trial.server.stop()


def test_a_killed_run_comes_to_the_same_result(trial):
    outcome = kill_run(trial, 1, seed=11)
    assert outcome.ok, outcome


@pytest.mark.parametrize("try_case", [try_torn, try_clock])
def test_what_a_crash_or_a_clock_does_to_a_journal_costs_nothing(trial, try_case):
    outcome = try_case(trial)
    assert outcome.ok, outcome


def test_an_outcome_with_a_loss_is_not_ok():
    assert Outcome("a").ok
    assert not Outcome("a", lost=1).ok
    assert not Outcome("a", twice=1).ok
    assert not Outcome("a", again=5, may_repeat=4).ok
    assert not Outcome("a", problems=["x"]).ok


def test_a_traceback_is_never_what_a_person_should_be_told():
    outcome = Outcome("a")
    outcome.expect_told("Traceback (most recent call last): disk full", "disk")
    assert not outcome.ok


def test_rows_of_other_cases_stay_in_the_table():
    old = [*table.HEAD, "| a | 1 | old |", "| b | 1 | old |"]
    assert table.merge_rows(old, {"b": "| b | 2 | new |"}) == [*table.HEAD, "| a | 1 | old |", "| b | 2 | new |"]


def test_messages_in_the_table_name_no_place_of_one_machine():
    said = "autodata: cannot write /tmp/x-1/home/runs/cs-0001/journal.jsonl at 127.0.0.1:4711 | process 12 (/bin/x)"
    assert table.clean(said) == "cannot write …/journal.jsonl at HOST:PORT \\| process PID (PROGRAM)"


def test_the_table_of_the_docs_has_a_row_for_every_group_and_no_failure():
    rows = [line for line in table.PAGE.read_text().splitlines() if line.startswith("| ") and line.count("|") == 8]
    named = " ".join(row.split("|")[1] for row in rows)
    for words in ("run", "audit", "model server", "app", "worker", "export", "rebuild", "journal", "disk", "endpoint"):
        assert words in named
    assert not [row for row in rows if "| no: " in row]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("group", GROUPS)
def test_every_case_holds(group):
    command = [sys.executable, "-m", "benchmarks.faults", "--only", group, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 or [row[""] for row in report["rows"]] == ["skipped"], done.stderr
