"""A home of its own, and the records an import writes into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autodata.home import Home
from autodata.importing.report import ImportReport
from autodata.importing.store import import_path
from autodata.journal import read_records


class Imported:
    """An import with its report and its records by kind."""

    def __init__(self, home: Home, report: ImportReport) -> None:
        self.home, self.report = home, report
        self.records = list(read_records(home.journal(report.run_id)))

    def __getitem__(self, kind: str) -> list[dict[str, Any]]:
        return [record.data for record in self.records if record.kind == kind]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def bring(home: Home) -> Callable[[Path], Imported]:
    """Imports a path into the home."""
    return lambda path: Imported(home, import_path(home, path))
