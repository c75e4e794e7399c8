"""The generic format: every field read for itself, everything unusable reported, nothing guessed."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from tests.importing.builders import make_generic_round, make_line, make_rollout, write_lines

BARE = {"rounds": [{"task": {"question": "Which bound?"}}]}


def test_question_alone_is_enough(tmp_path, bring):
    done = bring(write_lines(tmp_path / "g.jsonl", BARE))
    assert (done["round"][0]["outcome"], done["round"][0]["gap"]) == ("undecided", None)
    assert done["task"][0]["imported"]["not_recorded"] == ["context", "reference_answer", "rubric"]
    assert {"answers and scores", "source text", "the acceptance rule"} <= {e.what for e in done.report.missing}


def test_scores_come_from_the_verdicts(tmp_path, bring):
    done = bring(write_lines(tmp_path / "g.jsonl", make_line()))
    data = done["round"][0]
    assert (data["weak_mean"], data["strong_mean"], data["gap"]) == (0.25, 1.0, 0.75)
    assert data["outcome"] == "accepted"
    assert done["rollout"][0]["score"] == {"earned": 1.0, "penalty": 0.0, "attainable": 4.0, "value": 0.25}


def test_stated_score_that_the_verdicts_refute_is_said(tmp_path, bring):
    stated = {"value": 0.9, "formula": "by hand"}
    rollouts = [make_rollout("weak", 0, {"c1": True, "c2": False, "n1": False}, stated=stated)]
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)])))
    assert "Stated score 0.9" in done["rollout"][0]["note"]
    assert "the marks give 0.25" in done["rollout"][0]["note"]


def test_fraction_is_kept_as_a_verdict(tmp_path, bring):
    rollouts = [make_rollout("weak", 0, {"c1": 0.5, "c2": {"met": 1, "quote": "why"}, "n1": 0})]
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)])))
    assert done["rollout"][0]["verdicts"]["c1"]["met"] == 0.5
    assert done["rollout"][0]["verdicts"]["c2"]["quote"] == "why"


def test_claim_is_decided_again_under_the_rule_of_the_line(tmp_path, bring):
    strict = {"name": "custom", "weak_mean_max": 0.1, "strong_mean_min": 0.6, "gap_min": 0.2}
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(policy=strict)))
    assert done["round"][0]["outcome"] == "too_easy"
    assert done.report.differing[0].sentence == "accepted there, too easy by the recorded scores"
    assert "the file says accepted in round 1, which is too_easy here" in done["source_done"][0]["reason"]


def test_rejection_is_never_turned_into_acceptance(tmp_path, bring):
    line = make_line(accepted_round=None, rounds=[make_generic_round(outcome="narrow_gap")])
    done = bring(write_lines(tmp_path / "g.jsonl", line))
    assert done["round"][0]["outcome"] == "narrow_gap"
    assert done.report.differing[0].sentence == "narrow gap there, accepted by the recorded scores"


def test_loop_judges_word_is_not_replaced_by_numbers(tmp_path, bring):
    policy = {"name": "custom", "rule": "loop_judge"}
    line = make_line(policy=policy, accepted_round=None, rounds=[make_generic_round(outcome=None)])
    assert bring(write_lines(tmp_path / "g.jsonl", line))["round"][0]["outcome"] == "undecided"


def test_failed_answer_makes_its_round_undecided(tmp_path, bring):
    rollouts = [*make_generic_round()["rollouts"][1:], {"solver": "weak", "index": 0, "failure": "timed out"}]
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)])))
    assert done["round"][0]["outcome"] == "undecided"
    assert (done["round"][0]["weak_mean"], done["round"][0]["gap"]) == (None, None)


@pytest.mark.parametrize(("needed", "outcome"), [(2, "accepted"), (3, "undecided")])
def test_empty_answer_without_a_score_is_left_out_and_the_rest_decides(tmp_path, bring, needed, outcome):
    empty = {"solver": "weak", "index": 0, "answer": "", "finish_reason": "length"}
    rollouts = [empty, *make_generic_round()["rollouts"][1:]]
    line = make_line(rounds=[make_generic_round(rollouts=rollouts)])
    done = bring(write_lines(tmp_path / "g.jsonl", {**line, "policy": {**line["policy"], "min_graded": needed}}))
    assert (done["round"][0]["outcome"], done["round"][0]["weak_mean"]) == (outcome, 0.25)
    assert [r["score"] is None for r in done["rollout"] if r["solver"] == "weak"] == [True, False, False]


def test_finish_reason_that_nobody_recorded_is_not_clean(tmp_path, bring):
    rollouts = [{"solver": "weak", "index": 0, "answer": "x"}, {"solver": "weak", "index": 1, "answer": " "}]
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)])))
    assert [r["status"] for r in done["rollout"]] == ["not_recorded", "empty"]


@pytest.mark.parametrize(
    ("finish", "status"),
    [("stop", "ok"), ("length", "truncated"), ("content_filter", "refused"), ("odd", "not_recorded")],
)
def test_finish_reasons(tmp_path, bring, finish, status):
    rollouts = [{"solver": "weak", "index": 0, "answer": "x", "finish_reason": finish}]
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)])))
    assert done["rollout"][0]["status"] == status


@pytest.mark.parametrize(
    ("line", "where", "reason"),
    [
        ("{not json", "line 2", "is not JSON"),
        ("[1]", "line 2", "a list with 1 entries, not an object"),
        ('"x"', "line 2", "not an object"),
        ({"rounds": []}, "line 2", "no round that could be used"),
        ({"rounds": 7}, "line 2.rounds", "not a list"),
        ({"rounds": [5]}, "line 2 rounds[0]", "is 5, not an object"),
        ({"rounds": [{"task": {"question": "  "}}]}, "line 2 rounds[0]", "has no task.question"),
        ({"rounds": [{"task": {"question": 5}}]}, "line 2 rounds[0].task.question", "not text"),
        ({"rounds": [{"outcome": "great", "task": {"question": "q"}}]}, "line 2 rounds[0]", "outcome 'great'"),
        ({**BARE, "models": "gpt"}, "line 2.models", "not an object"),
        ({**BARE, "policy": {"gap_min": 3}}, "line 2.policy", "policy:"),
        ({**BARE, "accepted_round": -1}, "line 2.accepted_round", "not a whole number"),
        ({**BARE, "source": {"text": 1}}, "line 2.source.text", "not text"),
    ],
)
def test_what_cannot_be_used_is_reported_with_its_place(tmp_path, bring, line, where, reason):
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(), line))
    assert any(u.where == where and reason in u.reason for u in done.report.unused), done.report.unused
    assert any(record["name"] == where for record in done["source_skipped"])


@pytest.mark.parametrize(
    ("rollout", "where"),
    [
        ({"solver": "medium"}, "rollouts[0]"),
        ({"solver": "weak", "score": 65}, "rollouts[0].score"),
        ({"solver": "weak", "score": "0.5"}, "rollouts[0].score"),
        ({"solver": "weak", "verdicts": {"c1": 2}}, "rollouts[0].verdicts.c1"),
        ({"solver": "weak", "verdicts": {"c1": "yes"}}, "rollouts[0].verdicts.c1"),
        ({"solver": "weak", "answer": ["x"]}, "rollouts[0].answer"),
        ({"solver": "weak", "status": "fine"}, "rollouts[0].status"),
        ({"solver": "weak", "graded_by": "me"}, "rollouts[0].graded_by"),
        ({"solver": "weak", "stated": {"value": 1, "low": 2, "high": 2}}, "rollouts[0].stated"),
        ({"solver": "weak", "usage": {"prompt_tokens": -4}}, "rollouts[0].usage.prompt_tokens"),
    ],
)
def test_field_of_a_rollout_that_cannot_be_used_is_reported(tmp_path, bring, rollout, where):
    line = make_line(rounds=[make_generic_round(rollouts=[rollout])])
    done = bring(write_lines(tmp_path / "g.jsonl", line))
    assert f"line 1 rounds[0].{where}" in [u.where for u in done.report.unused]


def test_answer_twice_is_reported_and_the_first_used(tmp_path, bring):
    rollouts = [{"solver": "weak", "index": 0, "answer": "a"}, {"solver": "weak", "index": 0, "answer": "b"}]
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)])))
    assert [r["answer"] for r in done["rollout"]] == ["a"]
    assert "stands there twice" in done.report.unused[0].reason


def test_second_trajectory_of_a_source_keeps_apart(tmp_path, bring):
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(), make_line(), make_line()))
    assert [entry["source"]["id"] for entry in done["source"]] == ["s-1", "s-1-2", "s-1-3"]
    assert len({entry["task"]["id"] for entry in done["task"]}) == 3


def test_criterion_ids_twice_are_told_apart(tmp_path, bring):
    rubric = [{"id": "c1", "criterion": "a", "weight": 1}, {"id": "c1", "criterion": "b", "weight": 1}]
    task = {"question": "q", "rubric": rubric}
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(task=task)])))
    assert [c["id"] for c in done["task"][0]["task"]["rubric"]] == ["c1", "c1-2"]
    assert "stands there twice" in done["task"][0]["imported"]["flags"][0]


def test_simulated_only_where_a_line_says_so(tmp_path, bring):
    assert bring(write_lines(tmp_path / "a.jsonl", make_line()))["run_started"][0]["simulated"] is False
    assert bring(write_lines(tmp_path / "b.jsonl", make_line(simulated=True)))["run_started"][0]["simulated"] is True


def test_lines_of_different_rules_are_each_decided_by_their_own(tmp_path, bring):
    strict = {"name": "custom", "weak_mean_max": 0.1}
    done = bring(write_lines(tmp_path / "g.jsonl", make_line(), make_line(policy=strict)))
    assert [data["outcome"] for data in done["round"]] == ["accepted", "too_easy"]
    assert done["run_started"][0]["policy"] == {}


def test_byte_order_mark_and_empty_lines_are_passed_over(tmp_path, bring):
    path = write_lines(tmp_path / "g.jsonl", "", make_line(), "  ")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert bring(path).report.unused == ()


def test_unknown_version_of_the_format_stops(tmp_path, bring):
    with pytest.raises(BadInput, match="format is 'autodata-trajectory/2'"):
        bring(write_lines(tmp_path / "g.jsonl", make_line(format="autodata-trajectory/2")))
