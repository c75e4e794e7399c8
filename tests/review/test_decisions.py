"""Decisions against a real journal file, from threads and from other processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.review.decisions import change_decision, record_decision, undo_last
from autodata.review.entry import REASONS
from autodata.review.fold import fold_decisions
from autodata.review.shared import current_decisions, forget_reviews

SHA = "a" * 64


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def decide(home: Home, verdict: str = "approve", task: str = "t1", reviewer: str = "Ada", **more):
    return record_decision(home, task_id=task, run_id="r1", content_sha=SHA, verdict=verdict, reviewer=reviewer, **more)


def records(home: Home) -> list:
    return list(read_records(home.reviews))


def test_decision_is_appended_with_everything_the_reviewer_gave(home):
    result = decide(
        home, "flag", reason="luck", note=" odd ", seconds_on_item=12.34, seen={"gap": 0.4, "outcome": "accepted"}
    )
    (record,) = records(home)
    assert record.kind == "decision"
    assert record.data == {
        "decision_id": result.decision_id,
        "task_id": "t1",
        "run_id": "r1",
        "verdict": "flag",
        "reason": "Luck",
        "note": "odd",
        "reviewer": "Ada",
        "seconds_on_item": 12.3,
        "content_sha": SHA,
        "seen": {"gap": 0.4, "outcome": "accepted"},
        "undoes": None,
        "quorum": 1,
        "second_opinion": False,
    }
    assert result.message == "Flagged: t1 (Luck)."
    assert verify_journal(home.reviews).ok


def test_current_decision_is_the_latest_one(home):
    first = decide(home, "approve")
    decide(home, "reject", based_on=first.decision_id)
    assert current_decisions(home)["t1"].verdict == "reject"


def test_skip_leaves_the_task_open(home):
    result = decide(home, "skip")
    assert current_decisions(home)["t1"].open
    assert result.message == "Skipped: t1 stays open."
    assert not decide(home, "approve", reviewer="Bo").second_opinion


def test_skip_of_a_decided_task_does_not_open_it(home):
    first = decide(home, "approve")
    result = decide(home, "skip", based_on=first.decision_id)
    assert not result.recorded
    assert current_decisions(home)["t1"].verdict == "approve"


def test_two_reviewers_on_one_task_keep_the_later_one_as_second_opinion(home):
    decide(home, "approve", reviewer="Ada")
    result = decide(home, "reject", reviewer="Bo")
    assert result.second_opinion
    assert result.message == "Ada approved this task 0 s ago. Your decision was kept as a second opinion."
    assert current_decisions(home)["t1"].reviewer == "Ada"
    assert records(home)[-1].data["second_opinion"] is True


def test_second_opinion_given_twice_is_kept_once(home):
    decide(home, "approve", reviewer="Ada")
    first = decide(home, "reject", reviewer="Bo")
    again = decide(home, "reject", reviewer="Bo")
    assert (again.decision_id, again.recorded, again.second_opinion) == (first.decision_id, False, True)
    assert decide(home, "reject", reviewer="Bo", reason="Leak").recorded
    assert len(records(home)) == 3


def test_two_windows_with_the_same_verdict_record_it_once(home):
    first = decide(home, "approve")
    again = decide(home, "approve")
    assert (again.decision_id, again.recorded, again.second_opinion) == (first.decision_id, False, False)
    assert again.message == "You already approved this task 0 s ago. Nothing was changed."
    assert len(records(home)) == 1


def test_two_windows_with_different_verdicts_keep_the_first_and_say_so(home):
    decide(home, "approve")
    result = decide(home, "reject")
    assert result.second_opinion
    assert result.message == (
        "You approved this task 0 s ago in another window. This decision was kept as a second opinion."
    )


def test_decision_based_on_the_one_shown_replaces_it_for_any_reviewer(home):
    first = decide(home, "approve", reviewer="Ada")
    result = decide(home, "reject", reviewer="Bo", based_on=first.decision_id)
    assert not result.second_opinion
    assert current_decisions(home)["t1"].reviewer == "Bo"


def test_new_reason_for_the_same_verdict_is_recorded(home):
    first = decide(home, "reject")
    result = decide(home, "reject", reason="Leak", based_on=first.decision_id)
    assert result.recorded
    assert current_decisions(home)["t1"].reason == "Leak"


def test_decision_based_on_one_that_was_undone_meanwhile_counts(home):
    shown = decide(home, "approve", reviewer="Ada")
    undo_last(home, "Ada")
    assert not decide(home, "reject", reviewer="Bo", based_on=shown.decision_id).second_opinion


def test_undo_opens_the_task_again(home):
    decide(home, "approve")
    result = undo_last(home, "Ada")
    assert result.message == "Undone: t1 is open again."
    assert result.task_id == "t1"
    assert current_decisions(home) == {}


def test_undo_of_a_change_brings_the_earlier_decision_back(home):
    first = decide(home, "approve")
    decide(home, "reject", based_on=first.decision_id)
    assert undo_last(home, "Ada").message == "Undone: t1 is approved by Ada."
    assert current_decisions(home)["t1"].decision_id == first.decision_id


def test_undo_takes_back_only_this_reviewers_decisions(home):
    decide(home, task="t1", reviewer="Ada")
    decide(home, task="t2", reviewer="Bo")
    undo_last(home, "Ada")
    assert set(current_decisions(home)) == {"t2"}


def test_undo_reaches_twenty_decisions_back_and_then_says_so(home):
    for number in range(25):
        decide(home, task=f"t{number}")
    for _ in range(20):
        undo_last(home, "Ada")
    assert len(current_decisions(home)) == 5
    with pytest.raises(BadInput, match=r"nothing to undo.*latest 20 decisions of Ada"):
        undo_last(home, "Ada")


def test_undo_survives_a_restart(home):
    decide(home, task="t1")
    decide(home, task="t2")
    forget_reviews()
    assert undo_last(home, "Ada").task_id == "t2"
    forget_reviews()
    assert undo_last(home, "Ada").task_id == "t1"


def test_changed_decision_keeps_the_task_and_its_content(home):
    first = decide(home, "approve")
    result = change_decision(home, first.decision_id, "flag", reviewer="Bo", reason="Judge")
    current = current_decisions(home)["t1"]
    assert (current.decision_id, current.verdict, current.content_sha) == (result.decision_id, "flag", SHA)


def test_change_of_an_unknown_decision_is_refused(home):
    with pytest.raises(BadInput, match="'d404' does not exist or was undone"):
        change_decision(home, "d404", "approve", reviewer="Ada")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"verdict": "aprove"}, "verdict 'aprove' is unknown; choose one of approve, reject, flag, skip"),
        ({"verdict": "undo"}, "verdict 'undo' is unknown"),
        ({"verdict": "flag"}, "a flag needs a reason; choose one of Request differs, Luck"),
        ({"verdict": "reject", "reason": "meh"}, "reason 'meh' is unknown; choose one of"),
        ({"reviewer": "  "}, "a decision needs the reviewer's name"),
        ({"reviewer": "x" * 81}, "81 characters"),
        ({"reviewer": "A\u202eda"}, r"control character \(U\+202E\)"),
        ({"reviewer": "A\nda"}, r"control character \(U\+000A\)"),
        ({"note": "x" * 10_001}, "the note has 10,001 characters"),
        ({"task": ""}, "a decision needs a task"),
    ],
)
def test_bad_entry_is_refused_and_nothing_is_written(home, given, message):
    with pytest.raises(BadInput, match=message):
        decide(home, **given)
    assert not home.reviews.exists()


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_accepted_in_any_case(home, reason):
    decide(home, "flag", reason=reason.upper())
    assert current_decisions(home)["t1"].reason == reason


def test_one_name_in_two_unicode_forms_is_one_reviewer(home):
    decide(home, reviewer="José")
    assert undo_last(home, "José").recorded


def test_threads_deciding_one_task_leave_one_current_decision(home):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: decide(home, "approve", reviewer=f"R{n}"), range(8)))
    assert sum(not result.second_opinion for result in results) == 1
    assert verify_journal(home.reviews).records == 8
    assert verify_journal(home.reviews).ok


def test_processes_deciding_at_once_keep_the_chain_whole(home):
    script = (
        "import sys; from autodata.home import Home; from pathlib import Path\n"
        "from autodata.review.decisions import record_decision\n"
        "for n in range(10):\n"
        "    record_decision(Home(Path(sys.argv[1])), task_id=f't{n}', run_id='r', content_sha='a', verdict='approve',"
        " reviewer=sys.argv[2])\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", script, str(home.root), name]) for name in ("Ada", "Bo")]
    assert [child.wait() for child in children] == [0, 0]
    report = verify_journal(home.reviews)
    assert (report.ok, report.records) == (True, 20)
    assert len(current_decisions(home)) == 10
    assert sum(record.data["second_opinion"] for record in records(home)) == 10


def test_journal_held_too_long_is_reported(home, monkeypatch):
    decide(home)
    held = JournalWriter.open_tail
    monkeypatch.setattr(JournalWriter, "open_tail", classmethod(lambda cls, path: held(path, wait_s=0.05)))
    with held(home.reviews), pytest.raises(HeldElsewhere, match=r"reviews\.jsonl is being written"):
        decide(home, task="t2")


def test_decisions_of_another_process_are_seen(home):
    decide(home, task="t1")
    assert set(current_decisions(home)) == {"t1"}
    with JournalWriter.open_tail(home.reviews) as journal:
        journal.append(
            "decision", {"decision_id": "d9", "task_id": "t9", "run_id": "r", "verdict": "approve", "reviewer": "Bo"}
        )
    assert set(current_decisions(home)) == {"t1", "t9"}


def test_replaced_journal_is_read_from_its_start(home):
    decide(home, task="t1")
    current_decisions(home)
    home.reviews.rename(home.reviews.with_suffix(".old"))
    decide(home, task="t2")
    assert set(current_decisions(home)) == {"t2"}


def test_fold_of_the_whole_journal_equals_the_cached_state(home):
    for number in range(6):
        decide(home, "reject" if number % 2 else "approve", task=f"t{number % 3}", reviewer=f"R{number % 2}")
    undo_last(home, "R0")
    assert fold_decisions(read_records(home.reviews)) == current_decisions(home)
