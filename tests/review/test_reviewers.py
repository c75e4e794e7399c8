"""What is said of a team: agreement from votes of one's own, recall of planted faults, pace, and the judge compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.reviewers import (
    CriterionCheck,
    ReviewerWork,
    find_criterion_checks,
    list_criterion_checks,
    list_own_votes,
    list_work,
)
from autodata.journal import JournalWriter
from autodata.review.agreement import compare_clustered, compare_two
from autodata.review.criteria import record_criteria
from autodata.review.decisions import record_decision, undo_last
from autodata.review.reviewers import compare_with_judge, is_quick, measure_team
from autodata.review.team import Team, record_team

VERDICTS = ("approve", "reject")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


def decide(home: Home, task: str, reviewer: str, verdict: str = "approve", **more) -> None:
    record_decision(home, task_id=task, run_id="r", content_sha="s", verdict=verdict, reviewer=reviewer, **more)


def plant(home: Home, **faults: str) -> None:
    with JournalWriter.open_tail(home.reviews) as journal:
        journal.append("canaries", {"run_id": "r-2", "copied_from": "r", "tasks": faults, "by": "Lea"})


def vote_on_many(home: Home, differ: int = 3, tasks: int = 20) -> None:
    """Ada and Bo on twenty tasks; they differ on some."""
    record_team(home, Team(quorum=2, roles={"Lea": "lead"}, others="reviewer"), "Lea")
    for number in range(tasks):
        first = VERDICTS[number % 2]
        decide(home, f"t{number}", "Ada", first)
        decide(home, f"t{number}", "Bo", VERDICTS[(number + (number < differ)) % 2])


def test_agreement_is_over_tasks_that_both_voted_on(home, index):
    vote_on_many(home)
    decide(home, "t99", "Ada")
    ingest_home(index, home)
    (pair,) = measure_team(home, index).pairs
    assert (pair.first, pair.second, pair.agreement.items) == ("Ada", "Bo", 20)
    assert pair.agreement.raw == pytest.approx(17 / 20)


def test_canaries_and_last_words_do_not_count_as_agreement(home, index):
    vote_on_many(home)
    decide(home, "t0", "Lea", "reject", adjudicates=True, note="seen")
    plant(home, t1="leak")
    ingest_home(index, home)
    votes = list_own_votes(index)
    assert "t1" not in votes
    assert "Lea" not in votes["t0"]


def test_too_few_shared_tasks_give_no_number(home, index):
    vote_on_many(home, tasks=9)
    ingest_home(index, home)
    report = measure_team(home, index)
    assert report.everyone.value is None
    assert "at least 10" in report.everyone.note


def test_a_group_takes_three_people(home, index):
    vote_on_many(home)
    ingest_home(index, home)
    assert measure_team(home, index).group is None
    for number in range(12):
        decide(home, f"t{number}", "Cy", VERDICTS[number % 2])
    ingest_home(index, home)
    assert measure_team(home, index).group.items == 12


def test_recall_counts_the_planted_faults_one_decided_on(home, index):
    plant(home, t0="leak", t1="weak_request", t2="foreign_answers")
    decide(home, "t0", "Ada", "reject")
    decide(home, "t1", "Ada")
    decide(home, "t9", "Ada")
    ingest_home(index, home)
    (row,) = measure_team(home, index).reviewers
    assert (row.recall.caught, row.recall.decided, row.work.decided) == (1, 2, 1)


def test_pace_is_the_median_over_what_was_decided_one_by_one(home, index):
    for number, seconds in enumerate((10.0, 20.0, None, 90.0)):
        decide(home, f"t{number}", "Ada", seconds_on_item=seconds)
    decide(home, "t9", "Ada", "skip", seconds_on_item=1.0)
    ingest_home(index, home)
    (work,) = list_work(index)
    assert (work.decided, work.skipped, work.seconds, work.approvals, work.days[-1]) == (4, 1, 20.0, 3, 4)


def test_what_was_undone_is_no_vote_but_was_work(home, index):
    decide(home, "t1", "Ada")
    undo_last(home, "Ada")
    ingest_home(index, home)
    (work,) = list_work(index)
    assert (work.votes, work.decided) == (0, 1)


@pytest.mark.parametrize(
    ("approvals", "seconds", "quick"), [(5, 0.4, True), (4, 0.4, False), (5, 0.5, False), (50, None, False)]
)
def test_the_screen_for_rubber_stamps(approvals, seconds, quick):
    assert is_quick(ReviewerWork("Ada", 0, 0, 0, seconds, approvals, seconds, (), 0.0)) is quick


def test_a_check_of_the_judge_is_kept_with_both_words(home, index):
    say(home, {"c1": (1.0, 0.0), "c2": (1.0, 1.0)})
    ingest_home(index, home)
    assert [(one.criterion_id, one.judged, one.met) for one in list_criterion_checks(index)] == [
        ("c1", 1.0, 0.0),
        ("c2", 1.0, 1.0),
    ]


def test_a_later_word_on_the_same_verdict_takes_its_place(home, index):
    say(home, {"c1": (1.0, 0.0)})
    say(home, {"c1": (1.0, 1.0)})
    ingest_home(index, home)
    assert [one.met for one in list_criterion_checks(index)] == [1.0]
    assert find_criterion_checks(index, "t1", "Ada") == {("weak", 0, "c1"): 1.0}


def test_checks_on_canaries_do_not_count_but_are_shown_to_who_gave_them(home, index):
    say(home, {"c1": (1.0, 0.0)})
    plant(home, t1="leak")
    ingest_home(index, home)
    assert list_criterion_checks(index) == []
    assert find_criterion_checks(index, "t1", "Ada") == {("weak", 0, "c1"): 0.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdicts": {}}, "no criterion was looked at"),
        ({"verdicts": {"c1": (1.0, 2.0)}}, "outside 0"),
        ({"solver": "judge"}, "a solver is weak or strong"),
        ({"reviewer": ""}, "reviewer's name"),
    ],
)
def test_a_check_that_says_nothing_is_refused(home, changes, message):
    with pytest.raises(BadInput, match=message):
        say(home, **{"verdicts": {"c1": (1.0, 0.0)}, **changes})
    assert not home.reviews.exists()


def test_a_viewer_does_not_check_the_judge(home):
    record_team(home, Team(others="viewer", roles={"Lea": "lead"}), "Lea")
    with pytest.raises(BadInput, match="Ada is a viewer"):
        say(home, {"c1": (1.0, 0.0)})


def test_people_are_compared_with_the_judge_for_each_side():
    checks = [
        CriterionCheck(
            f"t{n % 6}", "weak" if n % 2 else "strong", 0, f"c{n}", float(n % 3 == 0), float(n % 3 == 0), "A"
        )
        for n in range(24)
    ]
    found = dict(compare_with_judge(checks))
    assert (found["all"].items, found["weak"].items, found["strong"].items) == (24, 12, 12)
    assert found["all"].value == pytest.approx(1.0)


def test_criteria_of_one_task_are_no_independent_looks():
    rng = np.random.default_rng(0)
    votes, clusters = {}, {}
    for task in range(12):
        wrong = task % 3 == 0
        for number in range(8):
            judged = float(number % 2)
            votes[f"{task}.{number}"] = {"person": 1 - judged if wrong else judged, "judge": judged}
            clusters[f"{task}.{number}"] = str(task)
    plain, clustered = compare_two(votes, "person", "judge"), compare_clustered(votes, "person", "judge", clusters, rng)
    assert clustered.value == pytest.approx(plain.value)
    assert clustered.high - clustered.low > plain.high - plain.low


def test_one_task_alone_has_no_interval():
    votes = {f"c{n}": {"person": n % 2, "judge": (n + (n == 0)) % 2} for n in range(12)}
    found = compare_clustered(votes, "person", "judge", dict.fromkeys(votes, "t1"), np.random.default_rng(0))
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def say(home: Home, verdicts: dict, **more) -> None:
    values = {"task_id": "t1", "run_id": "r", "solver": "weak", "index": 0, "verdicts": verdicts, "reviewer": "Ada"}
    record_criteria(home, **{**values, **more})
