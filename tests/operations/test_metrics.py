"""A home in Prometheus' text format, read back by Prometheus' own parser."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.journal import JournalWriter
from autodata.operations.metrics import render_metrics
from tests.support.journals import write_decision, write_run

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(home: Home, last_pass: float | None = None, *, ingest: bool = True) -> Samples:
    with open_index(home) as index:
        if ingest:
            ingest_home(index, home)
        text = render_metrics(home, index, last_pass).decode()
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    written = write_run(home, "cs-1", 4, plans=[("too_easy", "accepted")])
    write_run(home, "cs-2", 1, end=None)
    write_decision(home, written.accepted[0])
    return home


def test_runs_count_by_state_and_a_dead_process_is_told_apart(home: Home) -> None:
    samples = read(home)
    assert samples["autodata_runs", (("state", "done"),)] == 1
    assert samples["autodata_runs", (("state", "interrupted"),)] == 1
    assert samples["autodata_runs", (("state", "running"),)] == 0


def test_a_run_at_work_is_running(home: Home) -> None:
    with JournalWriter(home.journal("cs-2")):
        assert read(home)["autodata_runs", (("state", "running"),)] == 1


def test_calls_and_tokens_are_those_of_the_index(home: Home) -> None:
    samples = read(home)
    with open_index(home) as index:
        calls, prompt = index.query("SELECT sum(calls), sum(prompt_tokens) FROM uses")[0]
    assert sum(v for (name, _), v in samples.items() if name == "autodata_calls_total") == calls
    kinds = {key: v for key, v in samples.items() if key[0] == "autodata_tokens_total"}
    assert sum(v for (_, labels), v in kinds.items() if ("kind", "prompt") in labels) == prompt


def test_tasks_count_by_decision(home: Home) -> None:
    samples = read(home)
    assert samples["autodata_tasks", (("decision", "approved"),)] == 1
    assert samples["autodata_tasks_undecided", ()] == samples["autodata_tasks", (("decision", "open"),)] >= 3
    assert samples["autodata_decisions_total", (("verdict", "approve"),)] == 1


def test_what_the_index_has_not_read_is_its_lag(home: Home, tmp_path: Path) -> None:
    own = Home(tmp_path / "home")
    write_run(own, "cs-1", 1)
    assert read(own)["autodata_ingest_lag_bytes", ()] == 0
    write_run(own, "cs-2", 1)
    size = own.journal("cs-2").stat().st_size
    samples = read(own, ingest=False)
    assert samples["autodata_ingest_lag_bytes", ()] == size
    assert samples["autodata_journal_bytes", ()] == size + own.journal("cs-1").stat().st_size


def test_the_age_of_the_index_is_told_where_somebody_keeps_it(home: Home) -> None:
    assert 100 <= read(home, time.time() - 100)["autodata_index_age_seconds", ()] < 200
    assert ("autodata_index_age_seconds", ()) not in read(home)


def test_failures_count_by_kind_and_endpoint(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-1", 1)
    with open_index(home) as index:
        ingest_home(index, home)
        with index.write() as db:
            db.execute("UPDATE calls SET error_kind = 'timeout' WHERE role = 'weak'")
            db.execute("UPDATE calls SET error_kind = 'what a server said' WHERE role = 'judge'")
        text = render_metrics(home, index).decode()
    kinds = re.findall(r'autodata_failures_total\{endpoint="([^"]*)",kind="([^"]*)"\}', text)
    assert {kind for _, kind in kinds} == {"timeout", "other"}
    assert all(re.fullmatch(r"[\w.-]+", endpoint) for endpoint, _ in kinds)


def test_no_label_is_what_somebody_else_wrote(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-1", 1)
    with open_index(home) as index:
        ingest_home(index, home)
        with index.write() as db:
            for table, column in (("runs", "state"), ("decisions", "verdict"), ("tallies", "outcome"), ("uses", "role"),
                                  ("trajectories", "decision")):  # fmt: skip
                db.execute(f"UPDATE {table} SET {column} = 'hostile\"}} 1\nword'")
        text = render_metrics(home, index).decode()
    assert "hostile" not in text
    assert 'state="other"' in text
