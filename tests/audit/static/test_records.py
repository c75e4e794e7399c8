"""S0, S5 to S8 and S15: planted cheats in scores, plumbing, judging, order, ledger and chain."""

from __future__ import annotations

import copy

import pytest

from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_run
from autodata.audit.static.scores import check_scores
from autodata.canon import hash_value
from autodata.errors import JournalDamaged
from tests.audit.static.planting import Journal, check_journal, read_everything, say, set_answer


def flip(value):
    return 0.0 if value else 1.0


def test_s0_finds_a_score_that_its_verdicts_do_not_give(journal, tmp_path):
    score = journal.find("rollout", solver="weak")[0]["score"]
    score["value"] -= 0.1
    found = say(journal.check("S0", tmp_path))
    assert "weak answer 1 is recorded with" in found
    assert "the weak mean is recorded as" in found


def test_s0_finds_verdicts_that_the_judge_did_not_give(journal, tmp_path):
    verdicts = journal.find("rollout", solver="strong")[0]["verdicts"]
    verdicts["c1"]["met"] = flip(verdicts["c1"]["met"])
    assert "strong answer 1 is graded otherwise than record" in say(journal.check("S0", tmp_path))


def test_s0_finds_a_verdict_from_a_reply_without_one(journal, tmp_path):
    set_answer(journal.find("call", role="judge")[0], "I like it.")
    assert "holds no verdict" in say(journal.check("S0", tmp_path))


def test_s0_finds_an_acceptance_that_the_scores_do_not_give(cs_journal, tmp_path):
    journal = Journal(cs_journal)
    easy = next(r for r in journal.rows if r.kind == "round" and r.data["outcome"] != "accepted")
    journal.find("round")[0]["outcome"] = "narrow_gap"
    easy.data["outcome"] = "accepted"
    assert "recorded as accepted, the scores give" in say(journal.check("S0", tmp_path))


def test_s0_finds_an_answer_that_is_called_empty(journal, tmp_path):
    journal.find("rollout", solver="weak")[0]["status"] = "empty"
    assert "weak answer 1 is recorded as empty, its response ended ok" in say(journal.check("S0", tmp_path))


def test_s0_finds_another_policy(journal, tmp_path):
    journal.find("round")[0]["policy_sha"] = "ab" * 32
    assert "under another policy" in say(journal.check("S0", tmp_path))


def test_s0_grades_verifiable_answers_again(math, tmp_path):
    symbolic = [r for r in math.find("rollout") if r["graded_by"] == "symbolic"]
    symbolic[0]["score"]["value"] = symbolic[0]["score"]["earned"] = flip(symbolic[0]["score"]["value"])
    assert "its verdicts give" in say(math.check("S0", tmp_path))


def test_s0_finds_words_graded_as_silence(math, tmp_path):
    rollout = next(r for r in math.find("rollout") if r["graded_by"] == "symbolic")
    rollout["graded_by"] = "probe"
    assert "is graded as silence and has words" in say(math.check("S0", tmp_path))


def test_s0_counts_silence_as_nothing(math, tmp_path):
    rollout = next(r for r in math.find("rollout") if r["graded_by"] == "symbolic" and r["score"]["value"] == 1)
    call = math.find("call", role=rollout["solver"], attempt=rollout["index"], purpose="select")[-1]
    set_answer(call, " ")
    assert "is recorded with 1.0000, its verdicts give 0.0000" in say(math.check("S0", tmp_path))


def test_s0_reads_the_answer_verifiers_reply(math_journal, tmp_path):
    journal = Journal(math_journal)
    row = next(r for r in journal.rows if r.kind == "rollout" and r.data["graded_by"] == "verifier")
    call = next(r for r in journal.rows if r.seq == row.data["judge_call"])
    set_answer(call.data, '{"equivalent": %s, "reason": ""}' % ("false" if row.data["score"]["value"] else "true"))
    records = read_everything(journal.save(tmp_path / "journal.jsonl"))
    task = next(t for t in records.tasks if t.task.round == row.data["round"])
    assert "its verdicts give" in say(check_scores(task))


def test_s0_finds_an_accept_that_the_loop_judge_did_not_give(legal_journal, tmp_path):
    journal = Journal(legal_journal)
    journal.find("loop_verdict")[0]["verdict"]["verdict"] = "improve"
    assert "although the loop judge said improve" in say(journal.check("S0", tmp_path))


def test_s0_finds_the_stated_score_of_an_import_refuted(imported):
    def state(rollout):
        if rollout["solver"] == "weak":
            rollout["stated"] = {"value": 0.1, "formula": "ours", "low": 0, "high": 1, "comparable": True}

    assert "is stated with 0.10" in say(imported("S0", rollout=state))


def test_s0_without_verdicts_is_not_recorded(imported):
    def drop(rollout):
        del rollout["verdicts"]
        rollout["score"] = 0.25 if rollout["solver"] == "weak" else 1.0

    assert "verdicts" in imported("S0", rollout=drop).missing


def test_s5_finds_an_answer_cut_before_the_judge_read_it(journal, tmp_path):
    answer = journal.find("call", role="weak", attempt=0)[0]["response"]

    def cut(body):
        body["messages"][-1]["content"] = body["messages"][-1]["content"].replace(answer, answer[:60])

    journal.change_requests(cut, role="judge", subject="weak", attempt=0)
    assert "the judge read another text than weak answer 1: the judge's copy lacks" in say(
        journal.check("S5", tmp_path)
    )


def test_s5_finds_a_response_that_was_swapped(journal, tmp_path):
    set_answer(journal.find("call", role="weak", attempt=0)[0], "Something else.")
    assert "weak answer 1 is not the response of record" in say(journal.check("S5", tmp_path))


def test_s5_finds_a_text_changed_under_its_hash(journal, tmp_path):
    journal.find("call", role="weak", attempt=0)[0]["response"] += " More."
    assert "does not have the hash it was recorded with" in say(journal.check("S5", tmp_path))


def test_s5_finds_a_verdict_on_another_answer(journal, tmp_path):
    weak, strong = journal.find("rollout", solver="weak")[0], journal.find("rollout", solver="strong")[0]
    weak["judge_call"], strong["judge_call"] = strong["judge_call"], weak["judge_call"]
    assert "weak answer 1 has the verdict on strong answer 1" in say(journal.check("S5", tmp_path))


def test_s5_without_judge_requests_is_not_recorded(imported):
    def drop(rollout):
        del rollout["judge_request"], rollout["judge_reply"]

    assert imported("S5", rollout=drop).missing == ("judge requests",)


def test_s6_finds_a_judge_that_is_told_who_wrote(journal, tmp_path):
    def tell(body):
        body["messages"][0]["content"] += " This is the weak model's answer."

    journal.change_requests(tell, role="judge", subject="weak")
    check = journal.check("S6", tmp_path)
    assert "differs outside the answer" in say(check)
    assert "“weak model”" in say(check, "flag")


def test_s6_finds_another_judge_for_one_side(journal, tmp_path):
    journal.change_requests(lambda body: body.update(model="kinder-judge"), role="judge", subject="strong")
    assert "kinder-judge" in say(journal.check("S6", tmp_path))


def test_s6_without_judge_requests_is_not_recorded(imported):
    def drop(rollout):
        del rollout["judge_request"]

    assert imported("S6", rollout=drop).missing == ("judge requests",)


def test_s7_finds_a_task_written_after_the_first_answer(journal, tmp_path):
    journal.move_before(journal.find_rows("task")[0], journal.find_rows("round")[0])
    assert "after the first answer" in say(journal.check("S7", tmp_path))


def test_s7_finds_a_rubric_changed_after_the_answers(journal, tmp_path):
    later = copy.deepcopy(journal.find("task")[0])
    later["task"]["rubric"][0]["weight"] += 3
    later["content_sha"] = "cd" * 32
    journal.insert_before(journal.find_rows("round")[0], "task", later)
    found = say(journal.check("S7", tmp_path))
    assert "after the first answer, with other content" in found
    assert "does not have its recorded hash" in found
    assert "was judged by another rubric" in found


def test_s7_of_an_import_is_not_recorded(imported):
    assert imported("S7").coverage == "not_recorded"


def test_s8_finds_an_answer_that_was_not_used(journal, tmp_path):
    extra = copy.deepcopy(journal.find("call", role="weak", attempt=0)[0])
    set_answer(extra, "A better answer that nobody counted.")
    journal.insert_before(journal.find_rows("round")[0], "call", extra)
    assert "1 weak answers came and were not used" in say(journal.check("S8", tmp_path), "flag")


def test_s8_finds_a_verdict_that_was_asked_for_again(journal, tmp_path):
    extra = copy.deepcopy(journal.find("call", role="judge")[0])
    journal.insert_before(journal.find_rows("round")[0], "call", extra)
    assert "1 verdicts came and were not used" in say(journal.check("S8", tmp_path), "flag")


def test_s8_takes_a_failed_call_and_a_malformed_verdict_for_what_they_are(journal, tmp_path):
    failed, malformed = (copy.deepcopy(journal.find("call", role=role)[0]) for role in ("weak", "judge"))
    failed |= {"response": None, "response_sha": None, "error": {"kind": "timeout", "status": None, "message": ""}}
    set_answer(malformed, "no object here")
    for extra in (failed, malformed):
        journal.insert_before(journal.find_rows("round")[0], "call", extra)
    assert "not used" not in say(journal.check("S8", tmp_path), "flag")


def test_s8_finds_one_attempt_counted_three_times(journal, tmp_path):
    for call in journal.find("call", role="weak"):
        call["request"]["seed"] = 7
        set_answer(call, "The same answer every time.")
    found = say(journal.check("S8", tmp_path), "flag")
    assert "3 of 3 weak answers were asked for with the same seed 7" in found
    assert "3 of 3 weak answers are the same text" in found


def test_s8_takes_short_equal_answers_of_a_verifiable_task_as_normal(math, tmp_path):
    for call in math.find("call", role="weak", purpose="select"):
        set_answer(call, "ANSWER: 7")
    assert "same text" not in say(math.check("S8", tmp_path), "flag")


def test_s8_finds_a_question_that_was_tried_before(journal, tmp_path):
    task = journal.find("task")[0]["task"]
    for row in journal.rows:
        if row.kind == "task":
            row.data["task"] |= {"context": task["context"], "question": task["question"]}
    assert "nearly the same question was also tried in round 1" in say(journal.check("S8", tmp_path), "flag")


def test_s8_finds_fewer_answers_than_planned(journal, tmp_path):
    journal.rows.remove(journal.find_rows("rollout", solver="weak", index=1)[0])
    found = say(journal.check("S8", tmp_path), "flag")
    assert "2 weak answers decided, the policy plans 3" in found
    assert "numbered [0, 2]" in found


def test_s15_names_the_record_that_was_edited(cs_journal, tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(cs_journal.read_bytes().replace(b'"role":"strong"', b'"role":"wronge"', 1))
    records = read_run(path)
    assert records.facts.chain.problem.startswith("Record ")
    assert "does not match its hash" in say(check_journal(path, "S15"))


def test_damage_after_a_task_is_a_note_on_it(cs_journal, tmp_path):
    lines = cs_journal.read_bytes().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines[:-1]) + b'{"kind":"run_ended"}\n')
    result = audit_run(read_run(tmp_path / "journal.jsonl"))
    assert result.found
    assert result.tasks[0].verdict.integrity == "clean"


def test_s15_finds_a_request_changed_under_its_hash(journal, tmp_path):
    journal.find("call", role="weak")[0]["request"]["temperature"] = 0.0
    assert "the request of record" in say(journal.check("S15", tmp_path))


def test_s15_of_an_import_proves_nothing_of_what_came_before(imported):
    assert imported("S15").missing == ("records of the source's own",)


def test_record_that_cannot_be_read_is_named(journal, tmp_path):
    journal.find("rollout")[0]["index"] = "first"
    with pytest.raises(JournalDamaged, match=r"record \d+ \(rollout\)"):
        read_run(journal.save(tmp_path / "journal.jsonl"))


def test_journal_without_a_start_is_no_run(tmp_path):
    with pytest.raises(JournalDamaged, match="run_started"):
        read_run(tmp_path / "journal.jsonl")


def test_recipe_that_is_not_the_recorded_one_is_found(journal, tmp_path):
    journal.start["recipe"]["files"]["judge.md"] += "\nBe kind."
    assert hash_value(journal.start["recipe"]["files"]) != journal.start["recipe"]["sha"]
    assert "the recipe has hash" in say(journal.check("S15", tmp_path))
