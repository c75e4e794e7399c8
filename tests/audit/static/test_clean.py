"""Honest simulated runs of every domain: complete records, no violation, and nothing to see but records."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest

import autodata.audit.static
from autodata.audit.records import TaskRecords
from autodata.audit.run_audit import audit_run
from autodata.audit.static.every import STATIC, check_task
from tests.audit.static.planting import read_everything

FORBIDDEN = {"os", "io", "pathlib", "sys", "subprocess", "socket", "time", "random", "duckdb", "shutil", "glob"}
FORBIDDEN |= {"autodata.journal", "autodata.index", "autodata.home", "autodata.audit.reading", "autodata.stored_run"}
MODULES = sorted(Path(autodata.audit.static.__file__).parent.glob("*.py"))


@pytest.fixture(params=["cs", "legal", "math"])
def clean(request):
    return request.getfixturevalue(f"{request.param}_journal")


def test_honest_run_has_no_violation(clean):
    tasks = audit_run(read_everything(clean)).tasks
    assert tasks
    assert [f.sentence for t in tasks for f in t.findings if f.severity == "violation"] == []


def test_records_of_our_own_run_are_complete(clean):
    tasks = audit_run(read_everything(clean)).tasks
    assert {task.verdict.integrity for task in tasks} == {"clean"}
    assert [task.lacking for task in tasks if task.lacking] == []


def test_no_gap_is_certified(clean):
    tasks = audit_run(read_everything(clean)).tasks
    assert {task.verdict.difficulty for task in tasks} == {"unchecked"}
    assert all("The gap was not certified." in task.sentence for task in tasks)


def test_accepted_tasks_are_looked_at_unless_all_are_asked_for(cs_journal):
    accepted, everything = autodata.audit.reading.read_run(cs_journal), read_everything(cs_journal)
    assert [task.decision.outcome for task in accepted.tasks] == ["accepted"]
    assert len(everything.tasks) == 2
    assert accepted.measured == everything.measured


def test_detector_takes_records_and_nothing_else():
    for detector in STATIC.values():
        (parameter,) = inspect.signature(detector, eval_str=True).parameters.values()
        assert parameter.annotation is TaskRecords


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_detector_modules_import_nothing_that_reaches_out(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert imported & FORBIDDEN == set()
    assert called & {"open", "exec", "eval", "__import__"} == set()


def test_findings_do_not_depend_on_the_file_once_it_is_read(journal, tmp_path):
    path = journal.save(tmp_path / "journal.jsonl")
    (task,) = autodata.audit.reading.read_run(path).tasks
    before = check_task(task)
    path.unlink()
    assert check_task(task) == before


def test_records_cannot_be_changed(cs_journal):
    (task,) = autodata.audit.reading.read_run(cs_journal).tasks
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.calls[0].response = "another"
    with pytest.raises(TypeError):
        task.models["weak"] = "another"
    task.calls[0].read_body()["messages"] = []
    assert task.calls[0].read_body()["messages"]
