"""autosynth run.db: marks, totals, failures and traps of the stored rows, read without touching the file."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.importing.autosynth import parse
from autodata.importing.detect import FORMATS, hash_input
from autodata.importing.store import import_path
from autodata.journal import Record, read_records
from tests.importing.builders import RunDb, make_candidate


@pytest.fixture
def db(tmp_path: Path) -> RunDb:
    return RunDb(tmp_path / "run" / "run.db")


def import_db(tmp_path: Path, db: RunDb) -> list[Record]:
    home = Home(tmp_path / "home")
    return list(read_records(home.journal(import_path(home, db.close()).run_id)))


def pick(records: list[Record], kind: str) -> list[dict]:
    return [record.data for record in records if record.kind == kind]


def test_score_comes_from_the_marks_and_the_stated_total_is_kept(tmp_path, db):
    db.add_item()
    db.add_round(total=0.13)
    rollout = pick(import_db(tmp_path, db), "rollout")[0]
    assert rollout["score"]["value"] == pytest.approx(5 * 0.2 / 8)
    assert rollout["stated"]["value"] == 0.13
    assert not rollout["stated"]["comparable"]
    assert "the marks give 0.12" not in rollout["note"]  # 0.13 against 0.125 is rounding


def test_fractional_marks_are_not_rounded(tmp_path, db):
    db.add_item()
    db.add_round()
    verdicts = pick(import_db(tmp_path, db), "rollout")[0]["verdicts"]
    assert verdicts["c1"]["met"] == 0.2


def test_claim_that_the_marks_refute_is_not_accepted(tmp_path, db):
    db.add_item()
    db.add_round(weak=((0.9, 0.9), (0.9, 0.9)), total=0.2)
    records = import_db(tmp_path, db)
    assert pick(records, "round")[0]["outcome"] == "too_easy"
    assert "accepted there, too easy" in pick(records, "round")[0]["imported"]["differs"]
    assert pick(records, "source_done")[0]["outcome"] == "exhausted"


def test_judge_failure_is_undecided_even_when_the_file_says_accepted(tmp_path, db):
    db.add_item()
    db.add_round(weak=(None, (0.2, 0.0)))
    records = import_db(tmp_path, db)
    round_data, failed = pick(records, "round")[0], pick(records, "rollout")[0]
    assert round_data["outcome"] == "undecided"
    assert (round_data["weak_mean"], round_data["gap"]) == (None, None)
    assert failed["status"] == "failed"
    assert failed["score"] is None
    assert failed["stated"]["value"] is None


def test_strong_side_that_never_ran_has_no_score(tmp_path, db):
    db.add_item(state="REJECTED", final=1)
    reasons = ["short_circuit_strong: weak gate not satisfied (too easy); strong skipped"]
    db.add_round(weak=((0.9, 0.9), (0.8, 0.8)), strong=(), accepted=False, reasons=reasons)
    data = pick(import_db(tmp_path, db), "round")[0]
    assert data["outcome"] == "too_easy"
    assert (data["strong_mean"], data["gap"], data["strong_scores"]) == (None, None, [])
    assert "strong_avg" not in data["imported"]["claimed"]


def test_short_circuit_on_zeros_is_not_too_easy(tmp_path, db):
    db.add_item(state="REJECTED", final=1)
    reasons = ["short_circuit_strong: weak gate not satisfied (too easy); strong skipped"]
    db.add_round(weak=((0, 0), (0.2, 0.1)), strong=(), accepted=False, reasons=reasons)
    assert pick(import_db(tmp_path, db), "round")[0]["outcome"] == "weak_zero"


def test_marks_that_do_not_match_the_rubric_give_no_score(tmp_path, db):
    db.add_item()
    db.add_round(weak=({"c1": 0.2, "zz": 1.0}, (0.2, 0.0)))
    records = import_db(tmp_path, db)
    assert pick(records, "rollout")[0]["score"] is None
    assert "unknown ['zz']" in pick(records, "rollout")[0]["note"]
    assert pick(records, "round")[0]["outcome"] == "undecided"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"quality": {"passed": False, "failures": ["leaks"], "notes": "x"}}, "failed_quality"),
        ({"quality": {"passed": False, "failures": ["quality_judge_parse_error:x"]}}, "undecided"),
        ({"candidate": {"candidate_id": "invalid", "payload": {}, "rubric": []}}, "undecided"),
        ({"ended": False}, "undecided"),
    ],
)
def test_rounds_without_scores(tmp_path, db, changes, outcome):
    db.add_item(state="REJECTED")
    db.add_round(weak=(), strong=(), accepted=False, **changes)
    assert pick(import_db(tmp_path, db), "round")[0]["outcome"] == outcome


def test_structural_check_is_not_the_verifier(tmp_path, db):
    db.add_item(state="REJECTED")
    quality = {"passed": False, "failures": ["rubric is empty"], "notes": "structural validation failed"}
    db.add_round(weak=(), strong=(), accepted=False, quality=quality)
    assert pick(import_db(tmp_path, db), "quality")[0]["by"] == "checks"


def test_failed_audit_and_loop_judge_stay_rejections_though_the_numbers_pass(tmp_path, db):
    db.add_item(state="REJECTED", final=2)
    db.add_round(accepted=False, reasons=["audit:not grounded"])
    db.add_round(number=2, accepted=False, reasons=["loop-judge improve: same shape"])
    assert [data["outcome"] for data in pick(import_db(tmp_path, db), "round")] == ["failed_audit", "improve"]


def test_final_audit_is_a_review_of_its_own(tmp_path, db):
    db.add_item()
    db.add_round(audit={"passed": True, "failures": [], "notes": "fine"})
    assert [data["purpose"] for data in pick(import_db(tmp_path, db), "quality")] == ["review", "final"]


def test_verifiable_mode_counts_right_answers(tmp_path):
    db = RunDb(tmp_path / "run.db", mode="verifiable")
    db.add_item()
    db.add_round(weak=(0, 1), strong=(1, 1))
    records = import_db(tmp_path, db)
    assert pick(records, "run_started")[0]["policy"]["rule"] == "counts"
    assert pick(records, "round")[0]["weak_scores"] == [0.0, 1.0]
    assert pick(records, "round")[0]["outcome"] == "accepted"
    assert pick(records, "rollout")[0]["graded_by"] == "symbolic"


def test_answer_the_check_could_not_read_is_no_zero(tmp_path):
    db = RunDb(tmp_path / "run.db", mode="verifiable")
    db.add_item()
    db.add_round(weak=(None, 0), strong=(1, 1))
    records = import_db(tmp_path, db)
    assert pick(records, "round")[0]["weak_scores"] == [None, 0.0]
    assert pick(records, "round")[0]["outcome"] == "undecided"


def test_source_text_is_taken_from_the_prompt(tmp_path, db):
    db.add_item()
    db.add_round()
    source = pick(import_db(tmp_path, db), "source")[0]["source"]
    assert (source["text"], source["title"]) == ("A lease ends.", "leases.md")


def test_keys_and_paths_do_not_leave_the_file(tmp_path):
    db = RunDb(tmp_path / "run.db", extra={"api_key": "sk-very-secret", "seed": 7})
    db.add_item()
    db.add_round()
    home = Home(tmp_path / "home")
    text = home.journal(import_path(home, db.close()).run_id).read_text()
    assert "sk-very-secret" not in text
    assert "/home/somebody" not in text
    assert '"seed":7' in text


def test_calls_keep_prompt_tokens_duration_and_stated_cost(tmp_path, db):
    db.add_item()
    db.add_round()
    call = next(data for data in pick(import_db(tmp_path, db), "call") if data["role"] == "weak")
    assert call["request"]["messages"][0]["content"] == "Which bound keeps reads safe?"
    assert call["usage"] == {"prompt_tokens": 120, "completion_tokens": 30}
    assert call["t_end"] - call["t_start"] == pytest.approx(2.5)
    assert call["cost_usd"] == 0.001


def test_settings_nobody_knows_make_the_request_incomplete(tmp_path):
    db = RunDb(tmp_path / "run.db", extra={"api_key": "k"}, strong_extra={"secret_sauce": 1})
    db.add_item()
    db.add_round()
    records = import_db(tmp_path, db)
    complete = {data["role"]: data["request_complete"] for data in pick(records, "call")}
    assert (complete["weak"], complete["strong"]) == (True, False)
    assert pick(records, "round")[0]["requests_recorded"] is False


def test_model_of_the_tool_itself_makes_the_run_simulated(tmp_path):
    db = RunDb(tmp_path / "run.db", model="mock/scripted")
    db.add_item()
    db.add_round()
    assert pick(import_db(tmp_path, db), "run_started")[0]["simulated"] is True


def test_real_models_do_not_make_it_simulated(tmp_path, db):
    db.add_item()
    db.add_round()
    assert pick(import_db(tmp_path, db), "run_started")[0]["simulated"] is False


def test_item_that_was_never_begun_is_reported(tmp_path, db):
    db.add_item("i1")
    db.add_round()
    db.add_item("i2", state="PENDING", final=None)
    parsed = parse(db.close())
    assert "no round was begun (state PENDING)" in parsed.unused[0].reason


def test_rows_in_the_write_ahead_log_are_read_and_the_file_is_left_alone(tmp_path, db):
    db.add_item()
    db.add_round()
    db.db.commit()
    copy = tmp_path / "killed"
    shutil.copytree(db.path.parent, copy)  # while it is open: nothing is folded in yet
    before = sorted((p.name, p.stat().st_size) for p in copy.iterdir())
    assert len(parse(copy).trajectories) == 1
    assert sorted((p.name, p.stat().st_size) for p in copy.iterdir()) == before


def test_missing_log_is_named(tmp_path, db):
    db.add_item()
    db.db.commit()
    alone = tmp_path / "alone" / "run.db"
    alone.parent.mkdir()
    shutil.copy(db.path, alone)
    with pytest.raises(BadInput, match=r"run\.db-wal"):
        parse(alone)


def test_content_has_one_name_before_and_after_the_log_is_folded_in(tmp_path, db):
    db.add_item()
    db.add_round()
    db.db.commit()
    before = hash_input(db.path, FORMATS["autosynth"])[0]
    db.close()
    assert hash_input(db.path, FORMATS["autosynth"])[0] == before


@pytest.mark.parametrize("version", [1, 2])
def test_older_versions_lack_columns(tmp_path, db, version):
    db.add_item()
    db.add_round()
    db.db.execute("ALTER TABLE items DROP COLUMN consumed_seq")
    if version == 1:
        db.db.execute("ALTER TABLE solver_scores DROP COLUMN correct")
    db.db.execute(f"PRAGMA user_version = {version}")
    assert parse(db.close()).trajectories[0].rounds[0].claim.outcome == "accepted"


def test_unknown_version_stops_with_file_field_and_value(tmp_path, db):
    db.add_item()
    db.db.execute("PRAGMA user_version = 4")
    with pytest.raises(BadInput, match=r"run\.db: user_version is 4"):
        parse(db.close())


def test_unknown_state_stops_with_file_field_and_value(tmp_path, db):
    db.add_item(state="NEED_COFFEE")
    with pytest.raises(BadInput, match=r"items i1: state is 'NEED_COFFEE'"):
        parse(db.close())


def test_database_of_something_else_is_named(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(BadInput, match="no table runs"):
        parse(path)


def test_damaged_file_is_bad_input(tmp_path, db):
    db.add_item()
    db.add_round()
    path = db.close()
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    path.write_bytes(raw)
    with pytest.raises(BadInput, match="cannot be read as an autosynth"):
        parse(path)


def test_cell_of_bytes_is_reported_and_read_as_empty(tmp_path, db):
    db.add_item()
    db.add_round()
    db.db.execute("UPDATE responses SET text = x'ff00' WHERE rowid = 1")
    parsed = parse(db.close())
    assert [unused.where for unused in parsed.unused] == ["run.db responses row 1 text"]


@pytest.mark.parametrize("value", ["x'ff'", "'two'", "-1", "NULL", "1e308"])
def test_attempt_that_is_no_number_stops_with_file_row_and_value(tmp_path, db, value):
    db.add_item()
    db.add_round()
    db.db.execute(f"UPDATE solver_scores SET attempt = {value} WHERE rowid = 2")
    with pytest.raises(BadInput, match=r"run\.db: solver_scores row 2 has attempt"):
        parse(db.close())


def test_request_of_no_round_makes_no_round(tmp_path, db):
    db.add_item()
    db.add_round()
    db.db.execute("UPDATE requests SET round_n = NULL WHERE rowid = 1")
    assert [item.number for item in parse(db.close()).trajectories[0].rounds] == [1]


def test_payload_of_another_domain_keeps_its_fields(tmp_path, db):
    db.add_item()
    candidate = {**make_candidate(), "payload": {"problem": "6 times 7?", "topic": "sums"}}
    db.add_round(candidate=candidate)
    task = parse(db.close()).trajectories[0].rounds[0].task
    assert task is not None
    assert (task.question, task.context, task.kept) == ("6 times 7?", None, {"topic": "sums"})


def test_impossible_rule_is_said_and_the_claims_are_kept(tmp_path):
    db = RunDb(tmp_path / "run.db", acceptance={"min_gap": 3.0})
    db.add_item(state="REJECTED")
    db.add_round(accepted=False, reasons=["gap 0.800 < min 3.0"])
    records = import_db(tmp_path, db)
    assert pick(records, "run_started")[0]["policy"] == {}
    assert "cannot be one of our rules" in pick(records, "run_started")[0]["warnings"][0]
    assert pick(records, "round")[0]["outcome"] == "narrow_gap"
