"""Journals of an honest run and of one with a cheat, to be audited with a scripted transport."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.home import Home
from tests.audit.fresh.stage import AuditStage
from tests.support.audited_home import RUN, make_audited_home


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The honest run's journal."""
    return Home(make_audited_home(tmp_path_factory)).journal(RUN)


@pytest.fixture(scope="session")
def cheated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of the import in which weak is told to be weak."""
    (path,) = Home(make_audited_home(tmp_path_factory)).runs.glob("imported-*/journal.jsonl")
    return path


@pytest.fixture
def stage(tmp_path: Path, journal: Path) -> AuditStage:
    return AuditStage(tmp_path, journal)
