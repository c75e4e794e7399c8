"""Evidence: the numbers behind the findings, one-sided, of what was measured only."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.audit.evidence import extend_evidence, measure_evidence
from autodata.audit.fresh.result import Result
from autodata.audit.luck import LuckRisk
from autodata.audit.measures import MEASURES, find_detector
from autodata.audit.reading import read_run
from autodata.audit.static.every import check_task
from autodata.canon import hash_text
from tests.audit.static.planting import Journal, set_answer

LUCK = LuckRisk(0.3, 0.4, 0.25, 0.2)


def measure(journal: Journal, folder: Path, results: dict[str, Result] | None = None) -> dict[str, float]:
    """Evidence of the accepted task of a changed journal."""
    (task,) = read_run(journal.save(folder / "journal.jsonl")).tasks
    return measure_evidence(task, check_task(task), LUCK, results or {})


def test_an_honest_task_has_numbers_of_every_static_detector_and_hardly_any_above_0(journal, tmp_path):
    found = measure(journal, tmp_path)
    assert {find_detector(name) for name in found} == {*(f"S{n}" for n in range(16)), "Z1", "Z7"}
    assert found["Z1"] == 0.3
    assert {name for name in found if name[0] == "S" and found[name] > 0} <= {
        "S10", "S13.leak", "S13.fitted", "S14.heaviest", "S14.jackknife", "S14.narrow",
    }  # fmt: skip


def test_every_measure_belongs_to_a_detector_of_the_catalogue_and_is_never_negative(journal, tmp_path):
    found = measure(journal, tmp_path)
    assert list(found) == [name for name in MEASURES if name in found]
    assert all(value >= 0 for value in found.values())


def test_differing_bytes_are_counted(journal, tmp_path):
    def weaken(body):
        body["messages"][0]["content"] += "\n\nReply in one sentence, without analysis."
        body["temperature"] = 0.1

    journal.change_requests(weaken, role="weak", purpose="select")
    found = measure(journal, tmp_path)
    assert found["S1"] == 1
    assert found["S3"] > 0
    assert found["S12.request"] == 1


def test_unused_answers_are_counted(journal, tmp_path):
    row = journal.find_rows("call", role="weak")[0]
    journal.insert_before(row, "call", dict(row.data))
    assert measure(journal, tmp_path)["S8.unused"] >= 1


def test_answers_that_are_another_one_again_are_counted(journal, tmp_path):
    text = "The read is served from the lease holder without a round trip, as the paper says in section four. " * 2
    for data in journal.find("call", role="weak"):
        set_answer(data, text)
    for data in journal.find("rollout", solver="weak"):
        data["answer_sha"] = hash_text(text)
    assert measure(journal, tmp_path)["S8.repeated"] == 2


def test_share_of_weak_answers_that_failed_by_their_form(journal, tmp_path):
    for data in journal.find("rollout", solver="weak")[:2]:
        data["status"], data["finish_reason"] = "truncated", "length"
    assert measure(journal, tmp_path)["S9"] == pytest.approx(2 / 3)


def test_strong_answers_that_failed_make_no_gap(journal, tmp_path):
    for data in journal.find("rollout", solver="strong"):
        data["status"], data["finish_reason"] = "truncated", "length"
    assert measure(journal, tmp_path)["S9"] == 0


def test_tokens_that_the_server_did_not_count(journal, tmp_path):
    for data in journal.find("call", role="strong"):
        data["usage"]["prompt_tokens"] = 1000
    for data in journal.find("call", role="weak"):
        data["usage"]["prompt_tokens"] = 400
    assert measure(journal, tmp_path)["S10"] == pytest.approx(0.6)


def test_what_is_not_recorded_is_absent_and_not_0(journal, tmp_path):
    for data in journal.find("call", role="weak") + journal.find("call", role="strong"):
        data["usage"]["prompt_tokens"] = None
    assert "S10" not in measure(journal, tmp_path)


def test_jackknife_and_narrow_share_are_numbers_without_a_finding_too(journal, tmp_path):
    found = measure(journal, tmp_path)
    assert 0 < found["S14.jackknife"] < 1
    assert 0 <= found["S14.narrow"] <= 1


def test_a_check_that_failed_or_was_not_run_measured_nothing():
    failed = {"K5": Result("K5", "failed", numbers={"z": 9.0}), "K6": Result("K6", "not_run")}
    assert extend_evidence({"S9": 0.0}, None, failed) == {"S9": 0.0}


@pytest.mark.parametrize(
    ("detector", "numbers", "wanted"),
    [
        ("K1", {"chance": 0.25}, {"K1": 0.75}),
        ("K2", {"weak": {"t": 3.5}, "strong": {"same": True}}, {"K2.weak": 3.5, "K2.strong": 0.0}),
        ("K2", {"weak": {"t": -2.0}, "strong": {"t": 1.0}}, {"K2.weak": 0.0, "K2.strong": 1.0}),
        ("K2", {"pooled": {"weak": {"t": 4.0}}}, {}),
        ("K3", {"prompt_part": 0.2, "error": 0.05, "gap": 0.3}, {"K3": 4.0}),
        ("K3", {"same_request": True, "prompt_part": 0.0}, {"K3": 0.0}),
        ("K4", {"t": 2.0, "drop": 0.1}, {"K4": 2.0}),
        ("K5", {"z": 2.5, "p": 0.01}, {"K5": 2.5}),
        ("K5", {"applies": False}, {}),
        ("K6", {"fall": 0.12}, {"K6": 0.12}),
        ("K7", {"t": 2.2}, {"K7": 2.2}),
        ("K8", {"shortfall": 0.1}, {"K8": 0.1}),
        ("K10", {"usual": [0.1], "larger": [0.1, 0.2, 0.3]}, {"K10": 2.0}),
        ("K11", {"fall": 0.05}, {"K11": 0.05}),
        ("K7", {"t": float("inf")}, {}),
        ("K7", {"t": "3"}, {}),
        ("K7", {"t": True}, {}),
    ],
)
def test_numbers_of_checks_are_turned_so_that_larger_is_more_suspicious(detector, numbers, wanted):
    assert extend_evidence({}, None, {detector: Result(detector, "done", numbers=numbers)}) == wanted


def test_a_check_that_lacked_a_part_of_the_record_still_measured_the_other_part():
    partial = Result("K6", "not_recorded", numbers={"fall": 0.2}, missing=("the passage",))
    assert extend_evidence({}, None, {"K6": partial}) == {"K6": 0.2}
