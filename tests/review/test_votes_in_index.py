"""The index says of every journal of decisions what the fold says of it: one definition of what votes come to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.settling import settle_rows
from autodata.journal import JournalWriter, read_records
from autodata.review.fold import DecisionState
from autodata.votes import SETTLED

PEOPLE, TASKS = ("Ada", "Bo", "Lea"), ("t1", "t2")

decisions = st.builds(
    dict,
    task_id=st.sampled_from(TASKS),
    verdict=st.sampled_from([*SETTLED, "skip"]),
    reviewer=st.sampled_from(PEOPLE),
    quorum=st.integers(1, 3),
    second_opinion=st.booleans(),
    adjudicates=st.booleans(),
    blind=st.booleans(),
)
undos = st.builds(dict, undoes=st.integers(0, 20))
acts = st.lists(st.one_of(decisions, decisions, undos), max_size=20)


def make_records(drawn: list[dict]) -> list[dict]:
    """Records as a journal holds them; an undo takes back an earlier decision, or nothing."""
    made: list[dict] = []
    for number, act in enumerate(drawn):
        if "undoes" not in act:
            made.append({**act, "decision_id": f"d{number}", "run_id": "r", "content_sha": "s", "undoes": None})
            continue
        taken = [one for one in made if one["verdict"] != "undo"]
        if taken:
            own = taken[act["undoes"] % len(taken)]
            undo = {"decision_id": f"d{number}", "verdict": "undo", "undoes": own["decision_id"]}
            made.append({**own, **undo, "second_opinion": False, "adjudicates": False})
    return made


def fold(records: list[dict]) -> DecisionState:
    state = DecisionState()
    for number, data in enumerate(records):
        state.apply(FakeRecord(number, data))
    return state


class FakeRecord:
    """What the fold reads of a record."""

    def __init__(self, number: int, data: dict) -> None:
        self.kind, self.t, self.data = "decision", float(number), data


@given(acts)
def test_rows_settle_as_the_fold_does(drawn):
    records = make_records(drawn)
    state = fold(records)
    for task_id in TASKS:
        rows = [{"t": 0.0, "reason": "", **one} for one in records if one["task_id"] == task_id]
        assert settle_rows(rows).settlement == state.settle(task_id)


@given(acts)
def test_every_person_with_a_standing_vote_is_listed_once(drawn):
    records = make_records(drawn)
    state = fold(records)
    for task_id in TASKS:
        rows = [one for one in records if one["task_id"] == task_id]
        found = [vote.row["reviewer"] for vote in settle_rows(rows).votes if not vote.row["adjudicates"]]
        standing = {
            one.reviewer for one in state.by_task.get(task_id, ()) if one.verdict in SETTLED and not one.adjudicates
        }
        assert sorted(found) == sorted(standing)


@given(acts)
def test_a_vote_of_ones_own_was_given_before_the_last_one_or_is_it(drawn):
    for task_id in TASKS:
        rows = [one for one in make_records(drawn) if one["task_id"] == task_id]
        for vote in settle_rows(rows).votes:
            said = {row["verdict"] for row in rows if row["reviewer"] == vote.row["reviewer"]}
            assert vote.own == "" or vote.own in said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts, st.integers(1, 5))
def test_the_index_equals_the_fold_however_the_journal_is_cut_into_batches(drawn, step):
    records = make_records(drawn)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        with open_index(home) as index:
            for start in range(0, len(records), step):
                with JournalWriter.open_tail(home.reviews) as journal:
                    for data in records[start : start + step]:
                        journal.append("decision", data)
                ingest_home(index, home)
            state = DecisionState()
            for record in read_records(home.reviews) if home.reviews.exists() else ():
                state.apply(record)
            found = {
                row[0]: row[1:]
                for row in index.query("SELECT task_id, state, decision_id, given, needed FROM verdicts")
            }
            settled = {task_id: state.settle(task_id) for task_id in TASKS}
            assert found == {
                task_id: (one.standing, one.deciding or "", one.given, one.needed)
                for task_id, one in settled.items()
                if one.standing != "open"
            }


def own_votes(*records: dict) -> dict[str, str]:
    rows = make_records(
        [{"quorum": 2, "blind": True, "second_opinion": False, "adjudicates": False, **one} for one in records]
    )
    return {vote.row["reviewer"]: vote.own for vote in settle_rows(rows).votes}


def cast(reviewer: str, verdict: str, **more) -> dict:
    return {"task_id": "t1", "reviewer": reviewer, "verdict": verdict, **more}


def test_blind_votes_are_peoples_own():
    assert own_votes(cast("Ada", "approve"), cast("Bo", "reject")) == {"Ada": "approve", "Bo": "reject"}


def test_a_vote_changed_after_the_others_were_seen_is_not():
    found = own_votes(cast("Ada", "approve"), cast("Bo", "reject"), cast("Ada", "reject"))
    assert found == {"Ada": "approve", "Bo": "reject"}


def test_a_vote_changed_while_nobody_else_had_voted_is():
    assert own_votes(cast("Ada", "approve"), cast("Ada", "reject")) == {"Ada": "reject"}


def test_a_vote_given_in_sight_of_another_is_not():
    assert own_votes(cast("Ada", "approve"), cast("Bo", "reject", blind=False)) == {"Ada": "approve", "Bo": ""}


def test_a_decision_that_replaces_anothers_is_not():
    found = own_votes(cast("Ada", "approve", quorum=1), cast("Bo", "reject", quorum=1))
    assert found == {"Ada": "approve", "Bo": ""}


def test_a_second_opinion_is():
    found = own_votes(cast("Ada", "approve", quorum=1), cast("Bo", "reject", quorum=1, second_opinion=True))
    assert found == {"Ada": "approve", "Bo": "reject"}
