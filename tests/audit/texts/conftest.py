"""Small simulated runs with accepted tasks, made once."""

from __future__ import annotations

import pytest

from autodata.audit.fresh.result import Subject
from autodata.audit.records import TaskRecords
from tests.support.audited import AuditedRun, make_run


@pytest.fixture(scope="session")
def cs_run(tmp_path_factory: pytest.TempPathFactory) -> AuditedRun:
    return make_run(tmp_path_factory.mktemp("texts-cs"), "cs", limit=8, seed=3)


@pytest.fixture(scope="session")
def legal_run(tmp_path_factory: pytest.TempPathFactory) -> AuditedRun:
    return make_run(tmp_path_factory.mktemp("texts-legal"), "legal", limit=1, seed=2)


@pytest.fixture(scope="session")
def math_run(tmp_path_factory: pytest.TempPathFactory) -> AuditedRun:
    return make_run(tmp_path_factory.mktemp("texts-math"), "math", limit=1, seed=3)


@pytest.fixture(scope="session")
def cs_tasks(cs_run: AuditedRun) -> list[Subject]:
    """The accepted tasks of the computer science run; none of them is planted."""
    tasks = cs_run.list_subjects()
    assert len(tasks) >= 4
    return tasks


@pytest.fixture(scope="session")
def cs_records(cs_tasks: list[Subject]) -> TaskRecords:
    return cs_tasks[0].records
