"""JAE-HUN-CHO trajectories: attempt scores without marks, answers or a stored rule."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from tests.importing.builders import make_paper, make_paper_round, make_qa, write_json

EASY = make_paper_round(1, "TOO_EASY", [0.7, 0.9, 0.8], [], "weak_avg 0.800 > 0.65")
GOOD = make_paper_round(2, "ACCEPTED", [0.2, 0.3, 0.1], [0.8, 0.9, 0.7], "accepted")


def test_gap_is_computed_from_the_attempts(tmp_path, bring):
    done = bring(write_json(tmp_path / "p.json", make_paper(EASY, GOOD)))
    easy, good = done["round"]
    assert good["gap"] == pytest.approx(0.6)
    assert (easy["outcome"], easy["gap"], easy["strong_mean"]) == ("too_easy", None, None)
    assert done["source_done"][0] | {"imported": 0} == done["source_done"][0] | {"imported": 0, "accepted_round": 2}


def test_answers_and_marks_are_not_recorded(tmp_path, bring):
    done = bring(write_json(tmp_path / "p.json", make_paper(GOOD)))
    rollout = done["rollout"][0]
    assert (rollout["answer_recorded"], rollout["verdicts"], rollout["status"]) == (False, {}, "not_recorded")
    assert rollout["note"].startswith("The answer was not recorded.")
    missing = {entry.what for entry in done.report.missing}
    assert {"answers", "verdicts", "requests", "the acceptance rule", "the weak model", "tokens"} <= missing
    assert "scores" not in missing


def test_every_preset_judges_the_attempts(tmp_path, bring):
    done = bring(write_json(tmp_path / "p.json", make_paper(GOOD)))
    assert done["round"][0]["presets"]["deployed"] == "accepted"
    assert done["round"][0]["policy"] == ""


def test_claim_that_deployed_would_refuse_is_said(tmp_path, bring):
    lucky = make_paper_round(1, "ACCEPTED", [0.0, 0.0, 0.0], [0.8, 0.9, 0.7], "accepted")
    done = bring(write_json(tmp_path / "p.json", make_paper(lucky)))
    assert "under deployed the recorded scores are weak zero" in done.report.differing[0].sentence
    assert done["round"][0]["outcome"] == "accepted"


def test_accepted_with_weak_above_strong_is_inverted(tmp_path, bring):
    upside = make_paper_round(1, "ACCEPTED", [0.9, 0.9, 0.9], [0.2, 0.2, 0.2], "accepted")
    done = bring(write_json(tmp_path / "p.json", make_paper(upside)))
    assert done["round"][0]["outcome"] == "inverted"
    assert done["source_done"][0]["outcome"] == "exhausted"


@pytest.mark.parametrize(
    ("status", "weak", "strong", "feedback", "outcome"),
    [
        ("TOO_EASY", [0.0, 0.0, 0.0], [], "degenerate all-zero weak rollouts", "weak_zero"),
        ("FAILED_STRONG", [0.2], [0.3], "strong_avg 0.300 < 0.6", "failed_on_strong"),
        ("FAILED_STRONG", [0.2], [0.97], "strong_avg 0.970 >= 0.95 (saturated)", "saturated"),
        ("FAILED_STRONG", [0.6], [0.7], "gap 0.100 < 0.2", "narrow_gap"),
        ("FAILED_STRONG", [0.7], [0.6], "gap -0.100 < 0.2", "inverted"),
        ("FAILED_QV", [], [], "the question asks to recall", "failed_quality"),
    ],
)
def test_statuses(tmp_path, bring, status, weak, strong, feedback, outcome):
    done = bring(write_json(tmp_path / "p.json", make_paper(make_paper_round(1, status, weak, strong, feedback))))
    assert done["round"][0]["outcome"] == outcome


def test_failed_quality_keeps_the_verifiers_words(tmp_path, bring):
    done = bring(write_json(tmp_path / "p.json", make_paper(make_paper_round(1, "FAILED_QV", [], [], "recall"))))
    assert (done["quality"][0]["passed"], done["quality"][0]["feedback"]) == (False, "recall")


def test_rubric_with_odd_weights_is_kept_and_flagged(tmp_path, bring):
    rubric = [
        {"criterion": "names it", "weight": "5", "category": "positive"},
        {"criterion": "explains well", "weight": -4, "category": "positive"},
        {"criterion": "cites", "weight": 2},
        {"criterion": "is kind", "weight": -2},
    ]
    paper = make_paper(GOOD | {"qa": make_qa(rubric=rubric)})
    task = bring(write_json(tmp_path / "p.json", paper))["task"][0]
    assert [c["weight"] for c in task["task"]["rubric"]] == [5.0, 4.0, 2.0, -2.0]
    assert len(task["imported"]["flags"]) == 2


def test_criterion_without_a_weight_is_reported(tmp_path, bring):
    paper = make_paper(GOOD | {"qa": make_qa(rubric=[{"criterion": "a", "weight": 1}, {"criterion": "b"}])})
    done = bring(write_json(tmp_path / "p.json", paper))
    assert ("p.json rounds[0].qa.rubric[1]", "has no weight") in [(u.where, u.reason) for u in done.report.unused]


def test_folder_is_one_run(tmp_path, bring):
    for name in ("a", "b"):
        write_json(tmp_path / "run" / "trajectories" / f"{name}.json", make_paper(GOOD, paper_id=name))
    write_json(tmp_path / "run" / "trajectories" / "notes.json", {"hello": 1})
    done = bring(tmp_path / "run")
    assert [entry["source"]["title"] for entry in done["source"]] == ["a", "b"]
    assert done.report.unused[0].where == "notes.json"


def test_unknown_status_stops_with_file_field_and_value(tmp_path, bring):
    odd = make_paper_round(1, "MAYBE", [], [])
    with pytest.raises(BadInput, match=r"p\.json rounds\[0\]: status is 'MAYBE'"):
        bring(write_json(tmp_path / "p.json", make_paper(odd)))


def test_score_that_is_no_number_is_reported_and_the_rest_used(tmp_path, bring):
    odd = make_paper_round(1, "TOO_EASY", [0.9, None, "0.8", True, 0.9], [])
    done = bring(write_json(tmp_path / "p.json", make_paper(odd)))
    assert len(done.report.unused) == 3
    assert done["round"][0]["weak_scores"] == [0.9, 0.9]


def test_score_outside_its_scale_is_not_comparable(tmp_path, bring):
    odd = make_paper_round(1, "TOO_EASY", [1.7, 0.9], [])
    done = bring(write_json(tmp_path / "p.json", make_paper(odd)))
    assert done["round"][0]["weak_scores"] == [None, 0.9]
    assert done["round"][0]["weak_mean"] is None
    assert "outside its own scale" in done["rollout"][0]["note"]


def test_scores_of_a_round_without_a_task_are_reported(tmp_path, bring):
    done = bring(write_json(tmp_path / "p.json", make_paper(EASY | {"qa": None})))
    assert "3 answers or scores belong to a task that is not recorded" in done.report.unused[0].reason
    assert done["round"][0]["imported"]["claimed"]["weak_scores"] == [0.7, 0.9, 0.8]


def test_disagreement_about_acceptance_is_said(tmp_path, bring):
    done = bring(write_json(tmp_path / "p.json", make_paper(EASY, accepted=True)))
    assert "its rounds say otherwise" in done["source_done"][0]["reason"]
