"""S1 to S4: planted differences in what weak and strong were sent, and in who answered."""

from __future__ import annotations

import pytest

from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_run
from tests.audit.static.planting import Journal, check_journal, say

WEAK_TOLD = "Answer in one short sentence and do not reason."


def tell_weak(body):
    body["messages"][0]["content"] += f"\n\n{WEAK_TOLD}"


def tell_weak_of_import(rollout):
    if rollout["solver"] == "weak":
        tell_weak(rollout["request"])


def sign(journal: Journal, *fields: str, by: str = "Ann"):
    journal.start["settings"]["seats"]["contract"] = {"allowed": fields, "signed_by": by, "reason": "a smaller window"}


def test_s1_finds_what_was_added_to_weak_and_shows_it(journal, tmp_path):
    journal.change_requests(tell_weak, role="weak")
    found = say(journal.check("S1", tmp_path))
    assert f"the weak request 1 adds “{WEAK_TOLD}”" in found


def test_s1_finds_one_attempt_of_a_side_that_differs(journal, tmp_path):
    journal.change_requests(tell_weak, role="weak", attempt=1)
    assert "weak request 2 adds" in say(journal.check("S1", tmp_path))


def test_s1_finds_a_hint_to_strong(journal, tmp_path):
    def hint(body):
        body["messages"].insert(0, {"role": "system", "content": "The lease must end first."})

    journal.change_requests(hint, role="strong")
    assert "The lease must end first." in say(journal.check("S1", tmp_path))


def test_s1_finds_the_weak_prompt_of_an_import_with_the_differing_bytes(imported):
    check = imported("S1", rollout=tell_weak_of_import)
    assert f"the weak request 1 adds “{WEAK_TOLD}” at character" in say(check)
    assert check.coverage == "done"


def test_s1_without_requests_is_not_recorded(imported):
    check = imported("S1", rollout=lambda rollout: rollout.pop("request"))
    assert (check.findings, check.coverage) == ((), "not_recorded")


def test_s1_of_a_partly_recorded_request_is_not_recorded(imported):
    check = imported("S1", rollout=lambda rollout: rollout.update(request_complete=False))
    assert check.coverage == "not_recorded"


def test_s2_finds_both_sides_rewritten_alike(journal, tmp_path):
    for role in ("weak", "strong"):
        journal.change_requests(tell_weak, role=role)
    assert WEAK_TOLD in say(journal.check("S2", tmp_path))


def test_s2_finds_a_rewritten_judge_request(journal, tmp_path):
    def soften(body):
        body["messages"][0]["content"] += " Be generous."

    journal.change_requests(soften, role="judge")
    check = journal.check("S2", tmp_path)
    assert "adds “Be generous.”" in say(check)
    assert {finding.named_cause for finding in check.findings} == {"judge"}


def test_s2_of_an_import_looks_for_the_question_in_the_request(imported):
    def drop(rollout):
        rollout["request"]["messages"] = [{"role": "user", "content": "Well?"}]

    check = imported("S2", rollout=drop)
    assert "the question does not stand word for word in the weak requests" in say(check, "flag")
    assert check.missing == ("the request templates",)


def test_s3_finds_another_temperature(journal, tmp_path):
    journal.change_requests(lambda body: body.update(temperature=2.0), role="weak")
    assert "temperature is 2.0 in the weak request 1 and 1.0 in the strong request 1" in say(
        journal.check("S3", tmp_path)
    )


def test_s3_counts_an_absent_setting_as_another_value(journal, tmp_path):
    journal.change_requests(lambda body: body.pop("max_tokens"), role="strong")
    assert "max_tokens is 1200 in the weak request 1 and not set" in say(journal.check("S3", tmp_path))


def test_s3_finds_settings_that_are_not_the_seats(journal, tmp_path):
    for role in ("weak", "strong"):
        journal.change_requests(lambda body: body.update(temperature=0.1), role=role)
    assert "the seat says 1.0" in say(journal.check("S3", tmp_path))


def test_signed_difference_is_declared_and_no_violation(journal, tmp_path):
    sign(journal, "max_tokens")
    journal.start["settings"]["seats"]["seats"]["strong"]["max_tokens"] = 900
    journal.start["settings"]["seats"]["seats"]["weak"]["max_tokens"] = 1200
    journal.change_requests(lambda body: body.update(max_tokens=900), role="strong")
    check = journal.check("S3", tmp_path)
    assert (say(check), check.declared) == ("", True)
    assert "Ann allowed this: a smaller window" in say(check, "note")


def test_contract_that_nobody_signed_allows_nothing(journal, tmp_path):
    sign(journal, "max_tokens", by=" ")
    journal.change_requests(lambda body: body.update(max_tokens=900), role="strong")
    assert "max_tokens" in say(journal.check("S3", tmp_path))


def test_s3_setting_that_one_server_refused_is_a_flag(journal, tmp_path):
    journal.change_requests(lambda body: body.pop("temperature"), role="strong")
    for call in journal.find("call", role="strong"):
        call["adapted"] = ["no_temperature"]
    check = journal.check("S3", tmp_path)
    assert (say(check), "a server refused the setting" in say(check, "flag")) == ("", True)


def test_s4_finds_another_model_behind_a_seat(journal, tmp_path):
    for call in journal.find("call", role="weak"):
        call["model_returned"] = "sim-strong"
    found = say(journal.check("S4", tmp_path))
    assert "the weak seat asked for sim-weak, sim-strong answered" in found
    assert "answered for weak and strong" in found


def test_s4_finds_a_request_to_another_model_than_the_seats(journal, tmp_path):
    for call in journal.find("call", role="weak"):
        call["model_requested"] = call["model_returned"] = "sim-tiny"
    assert "a weak request went to sim-tiny, the seat has sim-weak" in say(journal.check("S4", tmp_path))


def test_s4_takes_a_dated_name_for_the_same_model(journal, tmp_path):
    rows = [row for row in journal.rows if row.kind == "call" and row.data["role"] == "strong"]
    for row in rows:
        row.data["model_returned"] = "org/sim-strong-2025-04-14"
    assert journal.check("S4", tmp_path).findings == ()


def test_s4_without_a_returned_model_is_not_recorded(journal, tmp_path):
    journal.find("call", role="weak")[0]["model_returned"] = None
    assert journal.check("S4", tmp_path).coverage == "not_recorded"


def test_told_to_be_weak_the_imported_task_is_violated_by_its_bytes(tmp_path, imported):
    imported("S1", rollout=tell_weak_of_import)
    (path,) = (tmp_path / "home" / "runs").glob("*/journal.jsonl")
    (task,) = audit_run(read_run(path)).tasks
    assert (task.verdict.integrity, task.verdict.cause) == ("violated", "bytes")
    assert WEAK_TOLD in task.sentence
    assert check_journal(path, "S12").findings[0].named_cause == "bytes"


@pytest.mark.parametrize("detector", ["S1", "S3", "S12"])
def test_honest_import_has_nothing_to_find(imported, detector):
    assert imported(detector).findings == ()
