"""Calibration sets on disk: who may enter, what belongs together, what is taken out, and what a damaged file says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from autodata.audit.calibration import (
    Candidate,
    Voucher,
    admit_clean,
    list_calibrations,
    list_members,
    load_calibration,
    make_stratum,
    name_set,
    withdraw_clean,
)
from autodata.audit.clean import ROLLING, CleanTask, Stratum
from autodata.audit.reading import read_run
from autodata.audit.run_start import read_facts
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home
from autodata.importing.store import import_path
from autodata.journal import read_records, verify_journal
from tests.importing.builders import make_generic_round, make_line, write_lines

STRATUM = Stratum("cs", "qwen3-4b", "org/Qwen3-235B", "judge-1", "t1")
ADA = Voucher("label", "Ada")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def make(number: int = 1, **changes) -> Candidate:
    task = CleanTask(f"t{number}", {"S9": 0.1 * number, "K1": 0.2}, "judge-b")
    return replace(Candidate(task, STRATUM, "cs-0001", "a" * 64), **changes)


def test_a_task_that_a_person_vouches_for_enters_and_is_read_back(home):
    got = admit_clean(home, [(make(1), ADA), (make(2), Voucher("decision", "Bo"))])
    assert (got.admitted, got.refused) == (("t1", "t2"), {})
    found = load_calibration(home, STRATUM)
    assert found is not None
    assert {task.task_id: dict(task.evidence) for task in (*found.first, *found.second)} == {
        "t1": {"S9": 0.1, "K1": 0.2},
        "t2": {"S9": 0.2, "K1": 0.2},
    }


def test_a_set_holds_one_stratum_and_any_change_of_it_begins_another(home):
    admit_clean(home, [(make(1), ADA)])
    for field in ("domain", "weak", "strong", "judge", "template"):
        assert load_calibration(home, replace(STRATUM, **{field: "another"})) is None


def test_names_of_sets_are_safe_and_tell_strata_apart_that_look_alike():
    odd = Stratum("../../etc", "a/b", "пример\u202e", "", "")
    assert name_set(odd).replace("-", "").isalnum()
    assert name_set(odd).isascii()
    assert name_set(Stratum("cs", "a/b", "c", "")) != name_set(Stratum("cs", "a-b", "c", ""))
    assert len(name_set(Stratum("d" * 200, "w" * 200, "s" * 200, ""))) <= 80


@pytest.mark.parametrize(
    ("changes", "voucher", "reason"),
    [
        ({}, Voucher("label", " "), "nobody vouches for it"),
        ({}, Voucher("agent", "Ada"), "nobody vouches for it"),
        ({"simulated": False}, Voucher("trusted_run", "Ada"), "no run of the built-in models"),
        ({"simulated": True, "imported": True}, Voucher("trusted_run", "Ada"), "no run of the built-in models"),
        ({"severity": "violation"}, ADA, "holds a violation"),
        ({"task": CleanTask("t1", {})}, ADA, "no detector measured anything"),
    ],
)
def test_others_are_refused_with_the_reason(home, changes, voucher, reason):
    got = admit_clean(home, [(make(1, **changes), voucher)])
    assert got.admitted == ()
    assert reason in got.refused["t1"]
    assert load_calibration(home, STRATUM) is None


def test_a_trusted_run_of_built_in_models_enters(home):
    assert admit_clean(home, [(make(1, simulated=True), Voucher("trusted_run", "Ada"))]).admitted == ("t1",)
    assert list_members(home, name_set(STRATUM)) == {"t1": "trusted_run"}


def test_the_same_evidence_is_written_once_and_new_evidence_replaces_it(home):
    admit_clean(home, [(make(1), ADA)])
    assert admit_clean(home, [(make(1), ADA)]).admitted == ()
    again = make(1, task=CleanTask("t1", {"S9": 0.5}))
    assert admit_clean(home, [(again, ADA)]).admitted == ("t1",)
    found = load_calibration(home, STRATUM)
    assert [task.evidence for task in (*found.first, *found.second)] == [{"S9": 0.5}]


def test_what_is_taken_out_stays_in_the_journal_and_out_of_the_set(home):
    admit_clean(home, [(make(1), ADA), (make(2), ADA)])
    assert withdraw_clean(home, name_set(STRATUM), "t1", "labelled luck by Bo")
    assert not withdraw_clean(home, name_set(STRATUM), "t1", "again")
    assert list_members(home, name_set(STRATUM)) == {"t2": "label"}
    path = home.audits / "calibration" / f"{name_set(STRATUM)}.jsonl"
    assert [record.kind for record in read_records(path)] == ["calibration", "clean", "clean", "withdrawn"]
    assert verify_journal(path).ok


def test_numbers_of_another_blind_judge_are_left_out(home):
    admit_clean(home, [(make(1), ADA), (make(2, task=CleanTask("t2", {"S9": 0.3, "K1": 0.9}, "judge-c")), ADA)])
    found = load_calibration(home, STRATUM, auditor="judge-c")
    assert {task.task_id: set(task.evidence) for task in (*found.first, *found.second)} == {
        "t1": {"S9"},
        "t2": {"S9", "K1"},
    }


def test_only_the_latest_two_thousand_count(home):
    admit_clean(home, [(make(n), ADA) for n in range(ROLLING + 5)])
    found = load_calibration(home, STRATUM)
    assert found.size == ROLLING
    assert "t4" not in {task.task_id for task in (*found.first, *found.second)}
    (summary,) = list_calibrations(home)
    assert (summary.tasks, summary.note) == (ROLLING, "")


def test_a_small_set_says_what_it_cannot_do(home):
    admit_clean(home, [(make(n), ADA) for n in range(3)])
    (summary,) = list_calibrations(home)
    assert summary.stratum == STRATUM
    assert (summary.tasks, summary.grounds) == (3, {"label": 3})
    assert summary.note == "3 of 2,000 clean tasks: it ranks, and flags nothing"


def test_no_sets_at_all(home):
    assert list_calibrations(home) == ()
    assert load_calibration(home, STRATUM) is None
    assert not withdraw_clean(home, "none-there", "t1", "why")


@pytest.mark.parametrize("name", ["../reviews", "a/b", "", ".hidden"])
def test_a_name_cannot_leave_the_folder(home, name):
    with pytest.raises(BadInput, match="calibration set"):
        list_members(home, name)


def test_many_writers_lose_nothing(home):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: admit_clean(home, [(make(n), ADA)]), range(24)))
    assert len(list_members(home, name_set(STRATUM))) == 24
    assert verify_journal(home.audits / "calibration" / f"{name_set(STRATUM)}.jsonl").ok


def test_a_torn_last_line_is_set_aside_and_a_changed_one_is_refused(home):
    admit_clean(home, [(make(1), ADA)])
    path = home.audits / "calibration" / f"{name_set(STRATUM)}.jsonl"
    with path.open("ab") as file:
        file.write(b'{"seq":3,"half')
    admit_clean(home, [(make(2), ADA)])
    assert set(list_members(home, name_set(STRATUM))) == {"t1", "t2"}
    path.write_bytes(path.read_bytes().replace(b'"t2"', b'"t9"'))
    with pytest.raises(JournalDamaged):
        admit_clean(home, [(make(3), ADA)])


def test_the_stratum_of_a_run_comes_from_its_start(home, tmp_path):
    report = import_path(home, write_lines(tmp_path / "l.jsonl", make_line(rounds=[make_generic_round()])))
    facts = read_run(home.journal(report.run_id), everything=True).facts
    assert make_stratum(facts).template == ""
    start = next(iter(read_records(home.journal(report.run_id)))).data
    assert make_stratum(read_facts(start)) == make_stratum(facts)
