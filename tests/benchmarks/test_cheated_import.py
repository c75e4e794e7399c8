"""The paper's own cheat in an imported run: the weak prompt says to be weak, and the audit shows the bytes."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from autodata.audit.reading import read_run
from autodata.audit.run_audit import TaskAudit, audit_run
from autodata.home import Home
from autodata.importing.store import import_path
from benchmarks.sabotage.cheated_import import CHEATED, FILE, HONEST, SYSTEM, WEAKENED, write_sample

SIZE_MAX = 300_000


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> list[TaskAudit]:
    home = Home(tmp_path_factory.mktemp("cheated") / "home")
    report = import_path(home, FILE)
    return list(audit_run(read_run(home.journal(report.run_id))).tasks)


def is_cheated(line: dict) -> bool:
    return WEAKENED in orjson.dumps(line).decode()


def list_lines() -> list[dict]:
    return [orjson.loads(line) for line in FILE.read_bytes().splitlines()]


def test_every_accepted_task_of_the_file_is_audited(audits: list[TaskAudit]) -> None:
    assert len(audits) == HONEST + CHEATED


def test_the_cheat_is_a_violation_that_shows_the_bytes(audits: list[TaskAudit]) -> None:
    cheated = [line["source"]["id"] for line in list_lines() if is_cheated(line)]
    found = {audit.task.source_id: audit for audit in audits}
    for source in cheated:
        words = [f.sentence for f in found[source].findings if f.detector == "S1" and f.severity == "violation"]
        assert words
        assert "Answer like a beginner and make mistakes" in words[0]


def test_a_cheated_task_reads_violated(audits: list[TaskAudit]) -> None:
    verdicts = [audit.verdict.integrity for audit in audits]
    assert verdicts.count("violated") == CHEATED


def test_an_honest_task_has_no_violation(audits: list[TaskAudit]) -> None:
    clean = [audit for audit in audits if not any(f.severity == "violation" for f in audit.findings)]
    assert len(clean) == HONEST


def test_no_gap_is_certified_by_importing_it(audits: list[TaskAudit]) -> None:
    assert {audit.verdict.difficulty for audit in audits} == {"unchecked"}


def test_only_the_weak_side_was_told(audits: list[TaskAudit]) -> None:
    rollouts = [r for line in list_lines() if is_cheated(line) for r in line["rounds"][-1]["rollouts"]]
    told = {r["solver"]: r["request"]["messages"][0]["content"] for r in rollouts}
    assert told == {"weak": WEAKENED, "strong": SYSTEM}


def test_the_file_says_that_it_is_simulated() -> None:
    assert all(line["simulated"] is True for line in list_lines())


def test_the_file_is_small() -> None:
    assert FILE.stat().st_size < SIZE_MAX


def test_the_script_writes_the_same_file_every_time(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_sample(tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_the_script_writes_honest_trajectories_and_cheated_ones(tmp_path: Path) -> None:
    write_sample(tmp_path / "again.jsonl")
    lines = [orjson.loads(line) for line in (tmp_path / "again.jsonl").read_bytes().splitlines()]
    assert [is_cheated(line) for line in lines] == [False] * HONEST + [True] * CHEATED
