"""No detector reads anything but records: it can reach no file, socket, clock or chance, and imports nothing that can.

Two ways: the imports of every module a detector is made of, and a run of all of them in an interpreter that reports
whatever they open.
"""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autodata.audit
from autodata.audit.evidence import measure_evidence
from autodata.audit.reading import read_run
from autodata.audit.records import TaskRecords
from autodata.audit.static.every import STATIC, check_task
from autodata.home import Home
from autodata.importing.store import import_path
from tests.importing.builders import make_generic_round, make_line, write_lines

PACKAGE = Path(autodata.audit.__file__).parent
ROOT = PACKAGE.parent

READS_AND_WRITES = {"reading", "book", "calibration"}
"""Modules of the audit that read journals and write calibration sets; no detector may import them."""

PURE = sorted(path for path in PACKAGE.glob("*.py") if path.stem not in READS_AND_WRITES)
DETECTORS = [*PURE, *sorted(PACKAGE.glob("static/*.py"))]
FRESH = sorted(PACKAGE.glob("fresh/*.py"))

NO_DETECTOR_NEEDS = {
    *("os", "io", "pathlib", "shutil", "tempfile", "glob", "socket", "ssl", "http", "urllib", "subprocess"),
    *("multiprocessing", "threading", "time", "datetime", "random", "secrets", "uuid", "sys", "importlib", "pickle"),
    *("httpx", "requests", "aiohttp", "duckdb", "streamlit", "benchmarks", "tests"),
}
"""Where files, networks, clocks, chance and the truth of a benchmark are. Seeded numpy generators are handed in."""

NO_DETECTOR_READS = {
    *("autodata.home", "autodata.journal", "autodata.index", "autodata.runs", "autodata.engine", "autodata.recorder"),
    *("autodata.ui", "autodata.cli", "autodata.review", "autodata.dataset", "autodata.audits"),
}

FORBIDDEN_EVENTS = ("open", "socket.", "subprocess.", "os.", "shutil.", "glob.", "urllib.", "sqlite3.", "tempfile.")


def list_imports(path: Path) -> set[str]:
    """Names of modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def list_calls(path: Path) -> set[str]:
    """Names of builtins that a file calls."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


@pytest.mark.parametrize("path", DETECTORS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_detectors_import_nothing_that_reads(path):
    imports = list_imports(path)
    assert not {name for name in imports if name.split(".")[0] in NO_DETECTOR_NEEDS}
    assert not {name for name in imports for own in NO_DETECTOR_READS if name == own or name.startswith(f"{own}.")}
    assert not {f"autodata.audit.{name}" for name in READS_AND_WRITES - {"reading"}} & imports
    assert not {"open", "eval", "exec", "__import__", "compile", "input", "print"} & list_calls(path)


@pytest.mark.parametrize("path", FRESH, ids=lambda path: path.name)
def test_checks_that_ask_models_reach_them_through_the_recorder_only(path):
    imports = list_imports(path)
    network = {"socket", "ssl", "http", "urllib", "httpx", "requests", "aiohttp", "subprocess", "secrets"}
    assert not {name for name in imports if name.split(".")[0] in network | {"benchmarks", "tests", "duckdb"}}
    assert not {name for name in imports if name.startswith(("autodata.index", "autodata.ui", "autodata.review"))}


class _Watch:
    """Events of the interpreter while it is on. A hook cannot be taken away again, so there is one for all tests."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and event.startswith(FORBIDDEN_EVENTS):
            self.events.append(f"{event} {args[:1]}")


_watch = _Watch()


@contextmanager
def sealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Whatever is opened, asked or started inside is listed; the clock raises."""

    def refuse(*_: object) -> float:
        raise AssertionError("a detector looked at the clock")

    with monkeypatch.context() as patch:
        for name in ("time", "time_ns", "monotonic", "perf_counter"):
            patch.setattr(time, name, refuse)
        _watch.events, _watch.on = [], True
        try:
            yield _watch.events
        finally:
            _watch.on = False


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> TaskRecords:
    """A task of another system, with requests, answers and verdicts."""
    folder = tmp_path_factory.mktemp("sandbox")
    home = Home(folder / "home")
    report = import_path(home, write_lines(folder / "line.jsonl", make_line(rounds=[make_generic_round()])))
    return read_run(home.journal(report.run_id), everything=True).tasks[0]


@pytest.mark.parametrize("detector", STATIC)
def test_a_detector_works_where_nothing_can_be_opened(detector, imported, monkeypatch):
    expected = STATIC[detector](imported)  # once before, so that libraries are loaded
    with sealed(monkeypatch) as events:
        assert STATIC[detector](imported) == expected
    assert events == []


def test_evidence_is_measured_where_nothing_can_be_opened(imported, monkeypatch):
    expected = measure_evidence(imported, check_task(imported), None, {})
    with sealed(monkeypatch) as events:
        assert measure_evidence(imported, check_task(imported), None, {}) == expected
    assert events == []


def test_the_seal_sees_what_it_is_for(tmp_path, monkeypatch):
    path = tmp_path / "truth.json"
    path.write_text("{}")
    with sealed(monkeypatch) as events:
        path.read_text()
    assert events
    with sealed(monkeypatch), pytest.raises(AssertionError, match="clock"):
        time.time()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["AUTODATA_HOME", "LANG", "TZ", "HOME"]), st.text("abc/", max_size=8)))
def test_equal_records_give_equal_findings_wherever_they_are_read(imported, monkeypatch, environment):
    expected = check_task(imported)
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        assert check_task(imported) == expected
