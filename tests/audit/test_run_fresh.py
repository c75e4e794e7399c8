"""What fresh answers to many tasks say of their run: a peer's lead on one request, and numbers that cannot be read."""

from __future__ import annotations

from autodata.audit.fresh.result import Result
from autodata.audit.run_fresh import study_fresh


def make_peer(lead: object, wrapper: str = "a" * 64, coverage: str = "done") -> dict[str, Result]:
    return {"K9": Result("K9", coverage, numbers={"lead": lead, "wrapper": wrapper})}  # type: ignore[arg-type]


def find(results: list[dict[str, Result]], detector: str) -> list[tuple[str, str]]:
    return [(one.coverage, one.severity) for one in study_fresh(results) if one.detector == detector]


def test_a_peer_that_leads_on_one_request_alone_is_a_flag_of_that_request():
    own = [make_peer(0.3 + 0.01 * at) for at in range(8)]
    others = [make_peer(0.02 * at, "b" * 64) for at in range(8)]
    found = {one.numbers["wrapper"]: one for one in study_fresh([*own, *others]) if one.detector == "K9"}
    assert found["a" * 64].severity == "flag"
    assert "on 8 tasks with request aaaaaaaa the peer of weak leads by +0.26 more than elsewhere" in (
        found["a" * 64].sentence
    )
    assert found["b" * 64].severity == ""


def test_too_few_tasks_of_a_peer_are_told_as_not_run():
    assert find([make_peer(0.3)] * 3, "K9") == [("not_run", "")]


def test_no_peer_is_no_finding():
    assert find([{}], "K9") == []
    assert find([make_peer(0.3, coverage="not_run")], "K9") == []


def test_numbers_that_cannot_be_read_are_told_as_failed():
    assert find([make_peer("large")] * 12, "K9") == [("failed", "")]


def test_a_run_that_no_second_judge_graded_is_not_run():
    assert find([], "Z6") == [("not_run", "")]
