"""Open-AutoData records: scores from 0 to 100, rounds as records, infrastructure errors and demo records."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from tests.importing.builders import make_record, write_json


def test_scores_are_divided_by_a_hundred_and_kept_as_stated(tmp_path, bring):
    done = bring(write_json(tmp_path / "t.json", [make_record()]))
    assert done["round"][0]["weak_scores"] == [0.1, 0.2, 0.3]
    assert done["round"][0]["gap"] == pytest.approx(0.6)
    stated = done["rollout"][0]["stated"]
    assert (stated["value"], stated["high"]) == (10.0, 100.0)


def test_stated_means_stay_claims(tmp_path, bring):
    done = bring(write_json(tmp_path / "t.json", [make_record(score_gap=99.9)]))
    assert done["round"][0]["imported"]["claimed"]["score_gap"] == 99.9
    assert done["round"][0]["gap"] == pytest.approx(0.6)


def test_answers_are_kept(tmp_path, bring):
    done = bring(write_json(tmp_path / "t.json", [make_record()]))
    assert [r["answer"] for r in done["rollout"]] == list("abcdef")


def test_rounds_of_a_chunk_are_one_trajectory_and_arms_are_apart(tmp_path, bring):
    easy = {"status": "REVISE", "failure_mode": "TOO_EASY", "strong_answer": [], "strong_attempt_scores": []}
    records = [
        make_record(round_num=2),
        make_record(round_num=1, weak_attempt_scores=[90.0, 90.0, 90.0], **easy),
        make_record(arm="baseline"),
    ]
    done = bring(write_json(tmp_path / "t.json", records))
    assert [(r["round"], r["outcome"]) for r in done["round"]] == [
        (1, "too_easy"),
        (2, "accepted"),
        (1, "passed_baseline"),
    ]
    assert len(done["source"]) == 2


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"status": "REJECTED", "failure_mode": "TOO_HARD", "weak_attempt_scores": [0.0, 20.0, 0.0]}, "weak_zero"),
        ({"status": "REJECTED", "failure_mode": "FAILED_ON_STRONG"}, "failed_on_strong"),
        ({"status": "REJECTED", "failure_mode": "TOO_EASY", "strong_score": 96.0}, "saturated"),
        ({"status": "REJECTED", "failure_mode": None, "fail_reason": "error: judge: timed out"}, "undecided"),
        ({"status": "REVISE", "failure_mode": "FAILED_QV"}, "failed_quality"),
        ({"status": "REVISE", "failure_mode": None, "fail_reason": ""}, "undecided"),
    ],
)
def test_statuses(tmp_path, bring, changes, outcome):
    done = bring(write_json(tmp_path / "t.json", [make_record(**changes)]))
    assert done["round"][0]["outcome"] == outcome


def test_earlier_writer_cannot_be_accepted_here(tmp_path, bring):
    record = make_record()
    for name in ("context", "rubric", "weak_attempt_scores", "strong_attempt_scores", "question_type", "failure_mode"):
        del record[name]
    done = bring(write_json(tmp_path / "t.json", [record]))
    assert done["round"][0]["outcome"] == "undecided"
    assert "a gap under our formula is not recorded" in done["round"][0]["reason"]
    assert done["task"][0]["imported"]["not_recorded"] == ["context", "rubric"]


def test_demo_is_never_evidence(tmp_path, bring):
    done = bring(write_json(tmp_path / "t.json", [make_record(demo=True)]))
    assert done["round"][0]["outcome"] == "undecided"
    assert done["run_started"][0]["simulated"] is True
    assert "demo" in done.report.warnings[0]


def test_record_of_another_kind_is_reported(tmp_path, bring):
    done = bring(write_json(tmp_path / "t.json", [make_record(), {"x": 1}, 5, make_record(round_num="two")]))
    assert [u.where for u in done.report.unused] == ["t.json[1]", "t.json[2]", "t.json[3].round_num", "t.json[3]"]


def test_same_round_twice_is_reported(tmp_path, bring):
    done = bring(write_json(tmp_path / "t.json", [make_record(), make_record(question="other")]))
    assert "stands there twice" in done.report.unused[0].reason
    assert done["task"][0]["task"]["question"] == "What fell?"


def test_folder_with_the_records_is_recognised(tmp_path, bring):
    write_json(tmp_path / "data" / "trajectories.json", [make_record()])
    assert bring(tmp_path / "data").report.format == "open-autodata"


def test_unknown_failure_mode_stops(tmp_path, bring):
    with pytest.raises(BadInput, match="failure_mode is 'BORED'"):
        bring(write_json(tmp_path / "t.json", [make_record(failure_mode="BORED")]))
