"""YalmanchiliTejas checkpoints: a formula of their own, attempts in events, paths that stay where they are."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from tests.importing.builders import make_checkpoint, make_checkpoint_candidate, make_event, write_json


def test_score_under_their_formula_is_not_comparable_with_negative_criteria(tmp_path, bring):
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate())))
    rollout = done["rollout"][0]
    assert rollout["score"] is None
    assert rollout["stated"]["value"] == 0.8
    assert "a blank answer more than 0" in rollout["note"]
    assert done["round"][0]["weak_mean"] is None


def test_score_over_positive_criteria_alone_is_ours(tmp_path, bring):
    candidate = make_checkpoint_candidate()
    candidate["payload"]["rubric"] = candidate["payload"]["rubric"][:1]
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(candidate)))
    assert done["round"][0]["weak_mean"] == pytest.approx(0.8)


def test_category_decides_the_sign(tmp_path, bring):
    task = bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate())))["task"][0]
    assert [c["weight"] for c in task["task"]["rubric"]] == [3.0, -5.0]
    assert "the category decides" in task["imported"]["flags"][0]
    assert task["task"]["rubric"][0]["capability"] == "code"


def test_accepted_without_a_comparable_gap_is_undecided(tmp_path, bring):
    candidate = make_checkpoint_candidate(accepted=True)
    candidate["evaluation"] |= {"strong_rollouts": [0.9], "verdict": "accept"}
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(accepted_candidates=[candidate])))
    assert done["round"][0]["outcome"] == "undecided"
    assert "its formula gives a blank answer" in done["round"][0]["reason"]
    assert done.report.differing


def test_path_of_the_authors_machine_is_dropped(tmp_path, bring):
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate())))
    assert "/Users/somebody" not in done.home.journal(done.report.run_id).read_text()
    assert done["source"][0]["source"]["title"] == "docs/a.md"


def test_payload_keeps_what_our_records_have_no_place_for(tmp_path, bring):
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate())))
    assert set(done["task"][0]["imported"]["kept"]) == {"tests", "self_audit"}


def test_attempts_are_numbered_by_their_events(tmp_path, bring):
    candidates = [make_checkpoint_candidate("b" * 12), make_checkpoint_candidate("a" * 12)]
    events = [
        make_event(1, "generating"),
        make_event(1, "rejected_evaluation", "a" * 12),
        make_event(2, "generation_or_parse_error", reasons=["no JSON"]),
        make_event(3, "rejected_evaluation", "b" * 12),
    ]
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(*candidates, events=events)))
    assert [(r["round"], r["outcome"]) for r in done["round"]] == [(1, "improve"), (2, "undecided"), (3, "improve")]
    assert done["round"][1]["task_id"] is None


@pytest.mark.parametrize(
    ("evaluation", "outcome"),
    [
        ({"status": "rejected_structure", "reasons": ["no tests"]}, "failed_quality"),
        ({"quality_verifier": {"passed": False, "feedback": "leaks"}}, "failed_quality"),
        ({"failure_kind": "infrastructure"}, "undecided"),
        ({}, None),
    ],
)
def test_evaluations(tmp_path, bring, evaluation, outcome):
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate(evaluation=evaluation))))
    assert done["round"][0]["outcome"] == (outcome or "undecided")


def test_structural_rejection_is_a_check_in_code(tmp_path, bring):
    candidate = make_checkpoint_candidate(evaluation={"status": "rejected_structure", "reasons": ["no tests"]})
    review = bring(write_json(tmp_path / "c.json", make_checkpoint(candidate)))["quality"][0]
    assert (review["by"], review["passed"], review["feedback"]) == ("checks", False, "no tests")


def test_payload_of_another_kind_is_kept_whole(tmp_path, bring):
    candidate = make_checkpoint_candidate(payload={"cells": [1, 2]})
    task = bring(write_json(tmp_path / "c.json", make_checkpoint(candidate)))["task"][0]
    assert task["task"]["question"] == '{"cells":[1,2]}'
    assert "kept whole" in task["imported"]["flags"][0]


def test_candidate_in_both_lists_is_one(tmp_path, bring):
    candidate = make_checkpoint_candidate()
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(candidate, accepted_candidates=[candidate])))
    assert done.report.rounds == 1


def test_incomplete_run_is_said(tmp_path, bring):
    done = bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate(), complete=False)))
    assert "not complete" in done.report.warnings[0]


def test_unknown_version_stops(tmp_path, bring):
    with pytest.raises(BadInput, match="version is 2"):
        bring(write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate(), version=2)))


def test_unknown_event_stops(tmp_path, bring):
    checkpoint = make_checkpoint(make_checkpoint_candidate(), events=[make_event(1, "exploded")])
    with pytest.raises(BadInput, match=r"audit_events\[0\]: status is 'exploded'"):
        bring(write_json(tmp_path / "c.json", checkpoint))


def test_event_whose_candidate_id_is_no_text_speaks_of_none(tmp_path, bring):
    event = make_event(1, "rejected_evaluation") | {"candidate_id": ["a"]}
    path = write_json(tmp_path / "c.json", make_checkpoint(make_checkpoint_candidate(), events=[event]))
    assert len(bring(path)["source_done"]) == 1
