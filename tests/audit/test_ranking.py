"""Ranks: conformal p against clean tasks, their smallest, its own p, a batch's flags, and what cannot be tested."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.audit.clean import CalibrationSet, CleanTask, make_calibration_set
from autodata.audit.measures import MEASURES
from autodata.audit.ranking import VIOLATION, WITHIN_RUN, name_stage, rank_tasks
from autodata.errors import BadInput
from tests.audit.planted_scores import measure, plant

STATIC = ("S8.unused", "S12.task", "S14.wording", "Z7")
"""Measures whose step is 1, as the made numbers have a standard deviation of 1."""


def make_clean(seed: int, count: int, names: tuple[str, ...] = STATIC) -> CalibrationSet:
    return make_calibration_set("clean", [CleanTask(f"c{n}", row) for n, row in enumerate(draw(seed, count, names))])


def draw(seed: int, count: int, names: tuple[str, ...] = STATIC) -> list[dict[str, float]]:
    rows = np.maximum(0, np.random.default_rng(seed).standard_normal((count, len(names))))
    return [dict(zip(names, row, strict=True)) for row in rows.tolist()]


def number(rows: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {f"t{n}": row for n, row in enumerate(rows)}


SMALL = make_clean(1, 120)
values = st.floats(0, 6, allow_nan=False)
tasks = st.dictionaries(st.sampled_from(STATIC), values, max_size=4)
batches = st.lists(tasks, min_size=1, max_size=12).map(number)
sets = st.sampled_from([None, SMALL])


def test_p_by_hand():
    clean = make_clean(2, 2000, ("Z7",))
    got = rank_tasks({"t": {"Z7": 2.5}}, clean)["t"]
    as_bad = sum(task.evidence["Z7"] >= 2.5 for task in clean.second)
    # With one measure T falls exactly where the number rises, up to ties in how A counts it.
    assert got.p == pytest.approx((1 + as_bad) / 1001, abs=0.004)
    assert got.suspicion == -log10(got.p)
    assert (got.lead, got.group, got.basis) == ("Z7", "judge", "calibrated on 1,000 clean tasks")


def test_halves_are_disjoint_and_hold_the_latest_two_thousand():
    clean = make_clean(3, 2500)
    first, second = ({task.task_id for task in half} for half in (clean.first, clean.second))
    assert (len(first), len(second), first & second) == (1000, 1000, set())
    assert first | second == {f"c{n}" for n in range(500, 2500)}


def test_a_later_measurement_of_a_clean_task_replaces_the_earlier():
    clean = make_calibration_set("c", [CleanTask("a", {"Z7": 1.0}), CleanTask("a", {"Z7": 2.0})])
    assert [task.evidence for task in (*clean.first, *clean.second)] == [{"Z7": 2.0}]


@settings(deadline=None)
@given(batches, sets)
def test_p_lies_in_0_to_1_and_s_is_its_logarithm(batch, clean):
    for rank in rank_tasks(batch, clean).values():
        assert 0 < rank.p <= 1
        assert rank.suspicion == (-log10(rank.p) if rank.p < 1 else 0)


@settings(deadline=None)
@given(batches, sets, st.data())
def test_more_evidence_never_lowers_suspicion(batch, clean, data):
    task = data.draw(st.sampled_from([name for name in batch if batch[name]] or [""]))
    if not task:
        return
    measure_name = data.draw(st.sampled_from(sorted(batch[task])))
    more = batch | {task: batch[task] | {measure_name: batch[task][measure_name] + data.draw(values)}}
    assert rank_tasks(more, clean)[task].suspicion >= rank_tasks(batch, clean)[task].suspicion


@settings(deadline=None)
@given(batches, sets, st.randoms(use_true_random=False))
def test_the_order_of_tasks_does_not_matter(batch, clean, random):
    names = random.sample(list(batch), len(batch))
    assert rank_tasks({name: batch[name] for name in names}, clean) == rank_tasks(batch, clean)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_flags_are_those_of_benjamini_and_hochberg(seed):
    clean = make_clean(4, 2000)
    rows = draw(seed, 60)
    for row in rows[:6]:
        row["Z7"] += 4
    ranks = rank_tasks(number(rows), clean)
    adjusted = scipy.stats.false_discovery_control([rank.p for rank in ranks.values()], method="bh")
    assert [rank.flagged for rank in ranks.values()] == [p <= 0.1 for p in adjusted]


def test_a_task_without_evidence_is_not_suspicious_and_is_no_worse_for_it():
    got = rank_tasks({"t": {}}, make_clean(5, 2000))["t"]
    assert (got.suspicion, got.p, got.lead, got.flagged) == (0.0, 1.0, "", False)


def test_without_clean_tasks_the_run_is_ranked_and_nothing_flagged():
    rows = draw(6, 200)
    rows[17]["S12.task"] = 9.0
    ranks = rank_tasks(number(rows), None)
    assert max(ranks, key=lambda task: ranks[task].suspicion) == "t17"
    assert ranks["t17"].lead == "S12"
    assert {rank.basis for rank in ranks.values()} == {WITHIN_RUN}
    assert not any(rank.flagged for rank in ranks.values())


def test_within_a_run_a_fault_that_many_tasks_share_is_not_hidden_by_them():
    rows = draw(7, 400)
    for row in rows[:40]:
        row["Z7"] = 8.0
    ranks = rank_tasks(number(rows), None)
    first = sorted(ranks, key=lambda task: -ranks[task].suspicion)[:40]
    assert set(first) == {f"t{n}" for n in range(40)}


def test_a_small_set_ranks_says_so_and_flags_nothing():
    rows = draw(8, 50)
    rows[3]["Z7"] = 30.0
    ranks = rank_tasks(number(rows), make_clean(9, 300))
    assert ranks["t3"].p == 1 / 151
    assert "calibrated on 150 clean tasks, so p cannot fall below 0.00662: use it to rank" in ranks["t3"].basis
    assert not any(rank.flagged for rank in ranks.values())


def test_a_set_of_a_few_tasks_is_as_good_as_none():
    batch = number(draw(10, 20))
    assert rank_tasks(batch, make_clean(11, 30)) == rank_tasks(batch, None)


def test_a_violation_stands_above_everything_and_names_the_bytes():
    rows = draw(12, 100)
    rows[0] |= {"Z7": 30.0}
    rows[1] = {"S1": 2.0, "Z7": 0.0}
    ranks = rank_tasks(number(rows), make_clean(13, 2000), {"t1": "violation", "t0": "flag"})
    assert ranks["t1"].suspicion > ranks["t0"].suspicion
    assert (ranks["t1"].basis, ranks["t1"].lead, ranks["t1"].flagged) == (VIOLATION, "S1", True)


def test_a_violation_says_nothing_about_the_others():
    rows = draw(14, 100)
    batch = number(rows)
    without = rank_tasks(batch, make_clean(15, 2000))
    among = rank_tasks({**batch, "bad": {"S1": 1.0, "Z7": 50.0}}, make_clean(15, 2000), {"bad": "violation"})
    assert {task: among[task] for task in batch} == without


def test_thirty_measures_do_not_tie_honest_tasks_with_a_real_outlier():
    names = tuple(measure.name for measure in MEASURES.values() if measure.step == 1.0)
    clean = make_clean(16, 2000, names)
    rows = draw(17, 300, names)
    rows[0]["K9"] = 12.0
    ranks = rank_tasks(number(rows), clean)
    assert ranks["t0"].p == 1 / 1001
    assert sum(rank.p <= 0.01 for rank in ranks.values()) <= 1 + 9


def make_stages(static: int, certified: int) -> CalibrationSet:
    """Of the certified ones the static numbers are as those of the others; all have a high K1."""
    rows = [CleanTask(f"s{n}", row) for n, row in enumerate(draw(18, static))]
    rows += [CleanTask(f"k{n}", {**row, "K1": 0.8}) for n, row in enumerate(draw(19, certified))]
    return make_calibration_set("c", rows)


def test_only_clean_tasks_that_went_through_the_same_stage_count():
    clean = make_stages(400, 1600)
    certified = sum("K1" in task.evidence for task in clean.second)
    # A K1 that all certified clean tasks have says nothing; among all clean tasks it would be rare.
    assert rank_tasks({"t": {"Z7": 0.0, "K1": 0.8}}, clean)["t"].p == 1.0
    high = rank_tasks({"t": {"Z7": 30.0, "K1": 0.8}}, clean)["t"]
    assert certified < 900
    assert high.p == pytest.approx(1 / (certified + 1))


def test_where_few_went_that_far_what_all_went_through_counts_as_well_and_is_paid_for():
    clean = make_stages(1500, 500)
    high = rank_tasks({"t": {"Z7": 30.0, "K1": 0.8}}, clean)["t"]
    assert high.p == pytest.approx(2 / 1001)


def test_a_check_that_failed_on_a_few_clean_tasks_costs_the_others_nothing():
    clean = make_stages(40, 1960)
    high = rank_tasks({"t": {"Z7": 30.0, "K1": 0.8}}, clean)["t"]
    certified = sum("K1" in task.evidence for task in clean.second)
    assert high.p == pytest.approx(1 / (certified + 1))
    assert high.flagged


@pytest.mark.parametrize("left_out", [("K7",), ("K2.weak", "K7"), ("K5", "K6", "K9")])
def test_a_check_that_was_not_made_never_makes_a_task_more_suspicious(left_out):
    names = ("Z7", "K1", "K2.weak", "K5", "K6", "K7", "K9")
    rows = [row | {"K1": min(row["K1"] / 4, 0.99)} for row in draw(27, 2000, names)]
    clean = make_calibration_set("c", [CleanTask(f"c{n}", row) for n, row in enumerate(rows)])
    whole = number([row | {"K1": min(row["K1"] / 4, 0.99)} for row in draw(28, 100, names)])
    part = {task: {n: v for n, v in row.items() if n not in left_out} for task, row in whole.items()}
    before, after = rank_tasks(whole, clean), rank_tasks(part, clean)
    assert all(after[task].p >= before[task].p for task in whole)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_p_of_an_honest_task_is_no_smaller_than_it_says(seed):
    """Honest tasks and clean ones are exchangeable: p <= 0.1 in about a tenth of a fresh batch, and seldom in more."""
    clean, honest = make_clean(seed, 800), number(draw(seed + 1, 400))
    ranks = rank_tasks(honest, clean)
    assert sum(rank.p <= 0.1 for rank in ranks.values()) <= 0.1 * 400 + 5 * (0.09 * 400 * 2) ** 0.5


def test_numbers_that_no_clean_task_has_are_ranked_within_the_run_and_said_to_be():
    rows = [row | {"K7": 0.1} for row in draw(20, 99)] + [draw(21, 1)[0] | {"K7": 9.0}]
    ranks = rank_tasks(number(rows), make_clean(22, 2000))
    assert ranks["t99"].lead == "K7"
    assert ranks["t99"].basis.endswith("; rank within the run by K7")
    assert not ranks["t99"].flagged


def test_what_follows_a_certified_gap_belongs_to_its_stage():
    assert name_stage({"Z7": 1.0, "Z1": 0.2}) == frozenset()
    assert name_stage({"K5": 1.0, "K8": 0.0, "K6": 0.1}) == {"K5", "K8", "K6"}
    assert name_stage({"K5": 1.0, "K8": 0.0, "K1": 0.5, "K2.weak": 2.0}) == {"K1"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(BadInput, match="t1"):
        rank_tasks({"t1": {"Z7": value}}, None)


@pytest.fixture(scope="module")
def honest() -> CalibrationSet:
    """As many honest tasks as in the published prototype."""
    rng = np.random.default_rng(23)
    first, second = (
        tuple(CleanTask(f"{half}{n}", row) for n, row in enumerate(measure(rng, plant(rng, None, 6000))))
        for half in "ab"
    )
    return CalibrationSet("honest", first, second)


def find_caught(rows: list[dict[str, float]], clean: CalibrationSet) -> list[bool]:
    """Who is caught at 1 % of honest tasks: a static hit is decisive, and 0.3 % of honest tasks have one."""
    batch = number(rows)
    proven = {task: "violation" for task, row in batch.items() if row["S1"] > 0}
    ranks = rank_tasks(batch, clean, proven)
    return [rank.basis == VIOLATION or rank.p <= 0.007 for rank in ranks.values()]


def test_one_honest_task_in_a_hundred_is_caught(honest):
    rng = np.random.default_rng(24)
    assert np.mean(find_caught(measure(rng, plant(rng, None, 6000)), honest)) == pytest.approx(0.01, abs=0.004)


PUBLISHED = {
    "prompt": (1.0, 1.0),
    "leak to strong": (0.98, 0.89),
    "fishing": (0.91, 0.50),
    "task text": (0.85, 0.66),
    "judge told": (1.0, 0.98),
    "judge's family": (0.92, 0.92),
    "rubric": (0.58, 0.43),
    "family quirk": (0.15, 0.15),
}
"""Recall at 1 % of honest tasks, plain and evasive, of the smallest p alone."""


def test_recalls_at_one_percent_are_those_of_the_published_simulation(honest):
    rng = np.random.default_rng(25)
    differences = []
    for family, wanted in PUBLISHED.items():
        for hidden, recall in zip((False, True), wanted, strict=True):
            caught = np.mean(find_caught(measure(rng, plant(rng, family, 800, hidden)), honest))
            assert caught == pytest.approx(recall, abs=0.10), (family, hidden)
            differences.append(caught - recall)
    # Adding up what speaks of one threat costs little where every threat has but one test.
    assert np.mean(differences) >= -0.03


def test_false_discoveries_of_a_batch_stay_at_the_level_and_recall_at_the_published_one():
    rng = np.random.default_rng(26)
    rates, recalls = [], []
    for _ in range(6):
        clean = make_calibration_set(
            "c",
            [
                CleanTask(str(n), {"K2.weak": row["K2.weak"]})
                for n, row in enumerate(measure(rng, plant(rng, None, 2000)))
            ],
        )
        for _ in range(4):
            rows = measure(rng, plant(rng, None, 380)) + measure(rng, plant(rng, "prompt", 20))
            flags = [
                r.flagged for r in rank_tasks(number([{"K2.weak": row["K2.weak"]} for row in rows]), clean).values()
            ]
            rates.append(sum(flags[:380]) / max(sum(flags), 1))
            recalls.append(sum(flags[380:]) / 20)
    assert np.mean(rates) <= 0.12
    assert np.mean(recalls) == pytest.approx(0.81, abs=0.08)
