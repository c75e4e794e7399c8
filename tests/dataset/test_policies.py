"""Gate policies as values: presets, files of one's own, what they hold back and what a lead may set aside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.dataset.gate import REASONS, Gate, GateRow, Judged, list_reasons, summarise_judged
from autodata.dataset.policies import GATE_PRESETS, change_policy, find_policy, list_policies, parse_policy
from autodata.dataset.reasons import check_overridable
from autodata.errors import BadInput
from autodata.home import Home

APPROVED, AUDITED, CERTIFIED = (GATE_PRESETS[name] for name in ("approved", "audited", "certified"))

rows = st.builds(
    GateRow,
    task_id=st.sampled_from([f"t{number}" for number in range(12)]),
    run_id=st.sampled_from(["a", "b"]),
    decision=st.sampled_from(["approved", "approved", "approved", "rejected", "open"]),
    outcome=st.sampled_from(["accepted", "accepted", "too_easy"]),
    parity=st.sampled_from(["same", "declared", "differs", "not recorded"]),
    damaged=st.booleans(),
    content_changed=st.booleans(),
    canary=st.booleans(),
    audited=st.booleans(),
    alarm=st.sampled_from(["none", "open", "settled", "confirmed"]),
    difficulty=st.sampled_from(["real", "not_real", "undecided", "unchecked"]),
    certified=st.none() | st.floats(-1, 1),
    certified_low=st.none() | st.floats(-1, 1),
    gap=st.none() | st.floats(-1, 1),
    approvals=st.integers(0, 3),
    last_word=st.booleans(),
    twin=st.booleans(),
)
many = st.lists(rows, unique_by=lambda row: (row.task_id, row.run_id), max_size=16)
policies = st.sampled_from([*GATE_PRESETS.values(), change_policy(APPROVED, quorum=2, one_per_cluster=True)])


def make_row(**changes) -> GateRow:
    good = {"task_id": "t1", "decision": "approved", "outcome": "accepted", "parity": "same", "damaged": False,
            "content_changed": False, "canary": False, "run_id": "a"}  # fmt: skip
    return GateRow(**{**good, **changes})


def judge_all(gate: Gate, drawn: list[GateRow]) -> list[Judged]:
    return [gate.judge(row) for row in drawn]


@pytest.mark.parametrize(
    ("policy", "changes", "reasons"),
    [
        (APPROVED, {"alarm": "open", "audited": False, "parity": "not recorded"}, []),
        (AUDITED, {}, []),
        (AUDITED, {"alarm": "settled", "parity": "declared", "difficulty": "real"}, []),
        (AUDITED, {"alarm": "open"}, ["alarm_open"]),
        (AUDITED, {"alarm": "confirmed"}, ["alarm_confirmed"]),
        (AUDITED, {"audited": False}, ["not_audited"]),
        (AUDITED, {"difficulty": "not_real"}, ["gap_not_real"]),
        (AUDITED, {"parity": "not recorded"}, ["request_unknown"]),
        (AUDITED, {"parity": "one side"}, ["request_unknown"]),
        (AUDITED, {"parity": "differs"}, ["request_differs"]),
        (CERTIFIED, {}, ["not_certified"]),
        (CERTIFIED, {"certified_low": 0.2}, ["certified_gap_low"]),
        (CERTIFIED, {"certified_low": 0.21}, []),
        (change_policy(APPROVED, quorum=2), {"approvals": 1}, ["quorum_not_met"]),
        (change_policy(APPROVED, quorum=2), {"approvals": 1, "last_word": True}, []),
        (change_policy(APPROVED, leave_out_runs=("a",)), {}, ["run_left_out"]),
        (CERTIFIED, {"alarm": "open", "outcome": "too_easy"}, ["not_accepted", "alarm_open", "not_certified"]),
        (CERTIFIED, {"decision": "rejected", "alarm": "open"}, ["rejected"]),
    ],
)
def test_policy_names_every_reason(policy, changes, reasons):
    assert list_reasons(make_row(**changes), policy) == reasons


@given(
    many, policies, st.dictionaries(st.sampled_from([f"t{n}" for n in range(12)]), st.sets(st.sampled_from([*REASONS])))
)
def test_no_override_lets_a_canary_a_damaged_record_or_an_unapproved_task_leave(drawn, policy, overrides):
    gate = Gate(policy, overrides).prepare(drawn)
    for row, judged in zip(drawn, judge_all(gate, drawn), strict=True):
        if row.canary or row.damaged or row.content_changed or row.decision != "approved":
            assert judged.reason


@given(many, policies, st.dictionaries(st.sampled_from([f"t{n}" for n in range(12)]), st.integers(0, 2)))
def test_one_task_of_a_group_leaves_and_the_others_name_it(drawn, policy, copies):
    wanted = change_policy(policy, one_per_cluster=True)
    gate = Gate(wanted, copies=copies).prepare(drawn)
    judged = judge_all(gate, drawn)
    leaving = [one.task_id for one in judged if not one.reason]
    groups = [copies[task_id] for task_id in leaving if task_id in copies]
    assert len(leaving) == len(set(leaving))
    assert len(groups) == len(set(groups))
    assert all(one.kept in leaving for one in judged if one.reason == "near_copy")


@given(many, policies)
def test_every_task_is_counted_once(drawn, policy):
    summary = summarise_judged(judge_all(Gate(policy).prepare(drawn), drawn))
    assert summary.included + sum(summary.excluded.values()) + summary.canaries == len(drawn)


@given(many)
def test_a_stricter_policy_lets_no_more_leave(drawn):
    leaving = [
        {row.task_id for row in drawn if not list_reasons(row, policy)} for policy in (CERTIFIED, AUDITED, APPROVED)
    ]
    assert leaving[0] <= leaving[1] <= leaving[2]


def test_best_of_near_copies_is_the_one_with_the_larger_certified_gap():
    near = [
        make_row(task_id="t1", gap=0.9),
        make_row(task_id="t2", certified=0.3),
        make_row(task_id="t3", certified=0.4),
    ]
    gate = Gate(change_policy(APPROVED, one_per_cluster=True), copies={"t1": 0, "t2": 0, "t3": 0}).prepare(near)
    assert [one.words for one in judge_all(gate, near)] == ["is a near copy of t3, which leaves"] * 2 + [""]


def test_near_copy_that_cannot_leave_stands_for_nobody():
    near = [make_row(task_id="t1", gap=0.9, decision="rejected"), make_row(task_id="t2", gap=0.2)]
    gate = Gate(change_policy(APPROVED, one_per_cluster=True), copies={"t1": 0, "t2": 0}).prepare(near)
    assert [one.reason for one in judge_all(gate, near)] == ["rejected", ""]


def test_task_of_two_runs_leaves_once():
    twins = [make_row(run_id="b", twin=True), make_row(run_id="a", twin=True)]
    assert [one.reason for one in judge_all(Gate().prepare(twins), twins)] == ["twin", ""]


@pytest.mark.parametrize("code", [code for code, (_, _, may) in REASONS.items() if not may])
def test_reason_that_may_not_be_overridden_says_why(code):
    with pytest.raises(BadInput, match=f"{code} cannot be overridden: "):
        check_overridable(code)


def test_policy_of_ones_own_is_a_file(tmp_path):
    home = Home(tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "house.toml").write_text("quorum = 2\none_per_cluster = true\n")
    assert find_policy(home, "house") == list_policies(home)["house"]
    assert (find_policy(home, "house").name, find_policy(home, "house").quorum) == ("house", 2)
    assert [*list_policies(home)] == ["house", "approved", "audited", "certified"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("quorum = 0", "quorum: Input should be greater than or equal to 1"),
        ("quorm = 2", "quorm: Extra inputs"),
        ("quorum =", "cannot be read: Invalid value"),
    ],
)
def test_policy_file_that_cannot_be_used_is_named(tmp_path, text, problem):
    path = tmp_path / "house.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=f"house.toml.*{problem}"):
        find_policy(Home(tmp_path), str(path))


@pytest.mark.parametrize("name", ["nope", "../house", "/etc/passwd"])
def test_unknown_policy_lists_what_there_is(tmp_path, name):
    with pytest.raises(BadInput, match="is unknown; choose one of approved, audited, certified"):
        find_policy(Home(tmp_path), name)


def test_file_with_the_name_of_a_preset_is_refused(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "audited.toml").write_text("quorum = 2\n")
    with pytest.raises(BadInput, match="has the name of a preset"):
        list_policies(Home(tmp_path))


@given(policies)
def test_policy_survives_a_manifest(policy):
    again = parse_policy(policy.model_dump(mode="json"))
    assert (again, again.sha) == (policy, policy.sha)


def test_changed_preset_is_custom_and_an_unchanged_one_is_not():
    assert change_policy(AUDITED, quorum=1) is AUDITED
    assert change_policy(AUDITED, quorum=3).name == "custom"
