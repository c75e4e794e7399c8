"""The order of the queue and its reasons, and draws whose chances are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.audit.clean import CleanTask, make_calibration_set
from autodata.audit.queue import RANDOM_EVERY, order_queue, order_reason
from autodata.audit.ranking import VIOLATION, WITHIN_RUN, Rank, rank_tasks
from autodata.audit.sampling import BLIND_SHARE, RANDOM_SHARE, draw_audit_sample, is_blind
from autodata.errors import BadInput

CLEAN = "calibrated on 1,000 clean tasks"
VIOLATED = Rank(11.0, 0.1, VIOLATION, "S1", True)
FLAGGED = Rank(3.0, 0.001, CLEAN, "K2", True)
HIGH = Rank(1.0, 0.1, CLEAN, "S14", False)
LOW = Rank(0.0, 1.0, CLEAN, "", False)


def list_ids(ranks, drawn=None):
    return [place.task_id for place in order_queue(ranks, drawn)]


def test_violations_then_flags_then_the_rest_by_suspicion():
    assert list_ids({"low": LOW, "high": HIGH, "flag": FLAGGED, "bytes": VIOLATED}) == ["bytes", "flag", "high", "low"]


def test_equal_suspicion_is_ordered_by_id():
    assert list_ids({"b": HIGH, "a": HIGH}) == ["a", "b"]


def test_one_task_in_six_is_a_random_one_after_the_violations():
    ranks = {"v": VIOLATED} | {f"f{n}": FLAGGED for n in range(10)} | {f"r{n}": LOW for n in range(3)}
    order = list_ids(ranks, {f"r{n}": 0.05 for n in range(3)})
    places = [at for at, task in enumerate(order) if task.startswith("r")]
    assert order[0] == "v"
    assert places[:2] == [RANDOM_EVERY, 2 * RANDOM_EVERY]


def test_a_drawn_task_that_is_flagged_stands_where_flags_stand():
    assert list_ids({"a": FLAGGED, "b": HIGH}, {"a": 0.05})[0] == "a"


@settings(deadline=None)
@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from([VIOLATED, FLAGGED, HIGH, LOW])), st.data()
)
def test_every_task_stands_in_the_queue_once_in_whatever_order_it_came(ranks, data):
    drawn = dict.fromkeys(data.draw(st.sets(st.sampled_from(sorted(ranks)))), 0.05) if ranks else {}
    order = list_ids(ranks, drawn)
    assert sorted(order) == sorted(ranks)
    assert list_ids(dict(reversed(ranks.items())), dict(reversed(drawn.items()))) == order


def test_nine_tenths_of_planted_faults_stand_in_the_first_fifth():
    rng = np.random.default_rng(41)
    names = ("S8.unused", "S12.task", "S14.wording", "Z7", "S11")

    def draw(count):
        rows = np.maximum(0, rng.standard_normal((count, len(names))))
        return [dict(zip(names, row, strict=True)) for row in rows.tolist()]

    clean = make_calibration_set("c", [CleanTask(f"c{n}", row) for n, row in enumerate(draw(2000))])
    batch = {f"t{n}": row for n, row in enumerate(draw(1000))}
    planted = [f"t{n}" for n in range(50)]
    for number, task in enumerate(planted):
        batch[task][names[number % 5]] += 3.0
    for calibration in (clean, None):
        ranks = rank_tasks(batch, calibration)
        cleared = [task for task, rank in ranks.items() if not rank.flagged]
        order = list_ids(ranks, draw_audit_sample(cleared, RANDOM_SHARE, 1))
        assert len(set(order[:200]) & set(planted)) >= 45


@pytest.mark.parametrize(
    ("rank", "chance", "reason"),
    [
        (VIOLATED, None, "The record proves a violation: S1 request symmetry."),
        (
            FLAGGED,
            None,
            "Stands out from clean tasks: one clean task in 1,000 looks as bad "
            "(K2 tamper test, tampering with requests).",
        ),
        (LOW, 0.05, "Drawn at random (5% of the tasks without a finding), to learn what the checks miss."),
        (LOW, None, "Nothing measured speaks against it."),
        (HIGH, None, "By suspicion: one clean task in 10 looks as bad (S14 rubric weights, rubric and reference)."),
        (
            Rank(1.0, 0.1, WITHIN_RUN, "S9", False),
            None,
            "By suspicion: 10% of this run's tasks look as unusual (S9 failure causes, the text of the task).",
        ),
    ],
)
def test_reasons_are_sentences(rank, chance, reason):
    assert order_reason(rank, chance) == reason


def test_a_reason_speaks_of_nobodys_intent():
    for rank in (VIOLATED, FLAGGED, HIGH, LOW):
        assert not {"sabotage", "intent", "guilty", "cheat"} & set(order_reason(rank).casefold().split())


def test_a_draw_is_repeatable_and_other_tasks_do_not_change_it():
    few, many = [f"t{n}" for n in range(50)], [f"t{n}" for n in range(5000)]
    drawn = draw_audit_sample(many, 0.05, 7)
    assert draw_audit_sample(many, 0.05, 7) == drawn
    assert draw_audit_sample(few, 0.05, 7) == {task: 0.05 for task in few if task in drawn}
    assert draw_audit_sample(many, 0.05, 8) != drawn


def test_a_draw_takes_its_share():
    drawn = draw_audit_sample([f"t{n}" for n in range(20_000)], 0.05, 3)
    assert len(drawn) == pytest.approx(1000, abs=130)
    assert set(drawn.values()) == {0.05}


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 0), (1.0, 10)])
def test_the_ends_of_a_share(share, wanted):
    assert len(draw_audit_sample([f"t{n}" for n in range(10)], share, 1)) == wanted


def test_an_impossible_share_is_refused():
    with pytest.raises(BadInput, match="share"):
        draw_audit_sample(["t"], 1.5, 1)


def test_three_in_ten_are_looked_at_blind_whether_drawn_or_not():
    tasks = [f"t{n}" for n in range(20_000)]
    blind = {task for task in tasks if is_blind(task, 3)}
    assert len(blind) == pytest.approx(BLIND_SHARE * 20_000, abs=300)
    drawn = draw_audit_sample(tasks, 0.05, 3)
    assert len(blind & drawn.keys()) == pytest.approx(BLIND_SHARE * len(drawn), abs=60)
