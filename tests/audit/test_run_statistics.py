"""Checks over many tasks: what stands out in a group is said with its numbers, what cannot be computed says so."""

from __future__ import annotations

import random

import pytest

from autodata.audit.clusters import sketch_text
from autodata.audit.divergence import VersionCounts
from autodata.audit.group_statistics import find_alarm
from autodata.audit.run_statistics import study_run
from autodata.audit.task_values import dump_values, load_values
from autodata.audit.verdict import Finding
from tests.audit.values import make_answers, make_values

ODD = 99
WORDS = [f"word{n}" for n in range(400)]


def make_group(count, request=7, *, seed=0, drop=0.0, length=400, **changes):
    """Tasks whose weak mean follows the strong one with noise, `drop` below."""
    rng, tasks = random.Random(seed), []
    for number in range(count):
        strong = rng.uniform(0.6, 0.9)
        weak = max(0.0, min(1.0, strong - 0.3 - drop + rng.gauss(0, 0.08)))
        own = {
            "weak": make_answers(weak, weak, weak, length=int(length * rng.uniform(0.8, 1.25))),
            "weak_mean": weak,
            "strong_mean": strong,
            "misfits": tuple(max(0.0, rng.gauss(0.15, 0.1)) for _ in range(3)),
            "request": request,
            **changes,
        }
        tasks.append(make_values(f"{request}-{number}", **own))
    return tasks


def find(study, detector, request=None):
    wanted = None if request is None else f"{request:016x}"
    return next(
        f for f in study.findings if f.detector == detector and (wanted is None or f.numbers.get("request") == wanted)
    )


def test_honest_group_has_no_finding():
    study = study_run(make_group(40), make_group(200, seed=1), [], [])
    assert [f.severity for f in study.findings] == [""] * len(study.findings)
    assert {study.coverage[name] for name in ("Z3", "Z4", "Z5", "Z9")} == {"done"}


@pytest.mark.parametrize("seed", range(12))
def test_honest_groups_of_another_run_are_not_flagged(seed):
    study = study_run(make_group(60, seed=seed), make_group(300, seed=1000 + seed), [], [])
    assert [f.detector for f in study.findings if f.severity == "flag"] == []


def test_shorter_answers_under_one_request_are_flagged():
    study = study_run([*make_group(60), *make_group(8, ODD, seed=2, length=120)], make_group(100, seed=1), [], [])
    odd = find(study, "Z3", ODD)
    assert odd.severity == "flag"
    assert "times as long" in odd.sentence
    assert find(study, "Z3", 7).severity == ""
    assert study.evidence[f"{ODD}-0"]["Z3"] > 3


def test_refusals_under_one_request_are_flagged():
    odd = make_group(8, ODD, weak=make_answers(0.1, 0.1, 0.1, refused=True))
    study = study_run([*make_group(60), *odd], [], [], [])
    assert "100% refusals" in find(study, "Z3", ODD).sentence


def test_weak_scores_below_what_one_would_expect_raise_the_alarm():
    study = study_run([*make_group(100), *make_group(15, ODD, seed=2, drop=0.25)], [], [], [])
    odd = find(study, "Z5", ODD)
    assert (odd.severity, odd.coverage) == ("flag", "done")
    assert odd.numbers["mean"] < -0.15
    assert find(study, "Z5", 7).severity == ""


def test_misfit_under_one_request_is_flagged_against_clean_answers():
    odd = make_group(20, ODD, misfits=(0.6, 0.5, 0.7))
    study = study_run([*make_group(60), *odd], [], [], [])
    assert find(study, "Z4", ODD).severity == "flag"


def test_tasks_with_violations_are_no_clean_null():
    proof = (Finding("S1", "violation", "the requests differ"),)
    study = study_run(make_group(20, ODD), make_group(100, findings=proof), [], [])
    assert (study.coverage["Z4"], find(study, "Z4").numbers["clean"]) == ("not_run", 0)


def test_without_history_the_group_checks_say_what_they_need():
    study = study_run(make_group(10), [], [], [])
    assert {study.coverage[name] for name in ("Z3", "Z4", "Z5")} == {"not_run"}
    assert "30 are needed" in find(study, "Z3").sentence


def test_fewer_than_five_tasks_are_no_group():
    study = study_run(make_group(4), make_group(100, seed=1), [], [])
    assert "no 5 accepted tasks share a weak request" in find(study, "Z3").sentence


def test_requests_that_are_not_recorded_are_said_so():
    study = study_run(make_group(10, request=None), [], [], [])
    assert {study.coverage[name] for name in ("Z3", "Z4", "Z5")} == {"not_recorded"}


def test_run_without_tasks_is_not_clean():
    study = study_run([], [], [], [])
    assert {study.coverage[name] for name in ("Z2", "Z3", "Z4", "Z5", "Z8")} == {"not_run"}


def test_gaps_that_crowd_above_the_bar_are_flagged():
    study = study_run(make_group(5), [], [0.201] * 50 + [0.23] * 5, [])
    assert find(study, "Z2").severity == "flag"
    assert study_run(make_group(5), [], [0.201] * 5, []).coverage["Z2"] == "not_run"


def test_version_that_accepts_more_and_certifies_less_is_flagged():
    before, after = VersionCounts("aaaa", 60, 300, 45, 50), VersionCounts("bbbb", 150, 300, 20, 50)
    study = study_run(make_group(5), [], [], [before, after])
    assert find(study, "Z8").severity == "flag"
    assert "certified share by -0.50" in find(study, "Z8").sentence
    uncertified = VersionCounts("bbbb", 150, 300, 0, 0)
    assert study_run(make_group(5), [], [], [before, uncertified]).coverage["Z8"] == "not_run"


def make_text(seed, copy=0):
    rng = random.Random(seed)
    words = [rng.choice(WORDS) for _ in range(120)]
    words[copy % 120] = f"changed{copy}"
    return " ".join(words)


def test_near_copies_are_one_cluster_and_nothing_else_is():
    copies = [make_values(f"c{n}", sketch=sketch_text(make_text(1, n))) for n in range(6)]
    others = [make_values(f"o{n}", sketch=sketch_text(make_text(100 + n))) for n in range(30)]
    study = study_run([*copies, *others], [], [], [])
    assert set(study.clusters) == {task.task_id for task in copies}
    assert len(set(study.clusters.values())) == 1
    assert find(study, "Z9").numbers["tasks"] == 6
    assert study.evidence["c0"]["Z9"] > 0 == study.evidence["o0"]["Z9"]


def test_thousands_of_copies_of_one_text_are_one_cluster():
    sketch = sketch_text(make_text(1))
    study = study_run([make_values(f"c{n}", sketch=sketch) for n in range(3000)], [], [], [])
    assert len(study.clusters) == 3000


def test_alarm_grows_with_the_group_and_is_never_below_five():
    assert find_alarm(5) == 5.0
    assert find_alarm(100) == pytest.approx(7.35, abs=0.01)
    assert find_alarm(1000) > find_alarm(100)


def test_values_survive_storing():
    task = make_values(sketch=(1, 2), findings=(Finding("S1", "violation", "differs"),), lacking={"S2": ("seats",)})
    assert load_values(dump_values(task)) == task
