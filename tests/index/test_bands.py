"""Bands under a rule that is tried: SQL says what `acceptance.find_band` says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.acceptance import find_band
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.bands import build_band, count_bands_under
from autodata.index.queries.tasks import Box, TaskFilter
from autodata.index.queries.whole import stream_tasks
from autodata.policy import PRESETS, Policy
from tests.support.journals import write_run

scores = st.integers(0, 100).map(lambda n: n / 100) | st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(scores | st.none(), scores | st.none()), min_size=1), st.sampled_from(sorted(PRESETS)))
def test_bands_of_sql_are_the_bands_of_acceptance(pairs: list[tuple[float | None, float | None]], name: str) -> None:
    band, params = build_band(PRESETS[name])
    places = {"weak": [weak for weak, _ in pairs], "strong": [strong for _, strong in pairs]}
    rows = "SELECT unnest($weak::DOUBLE[]) AS weak, unnest($strong::DOUBLE[]) AS strong"
    found = duckdb.execute(f"SELECT {band} FROM ({rows}) v", {**places, **params}).fetchall()
    assert [row[0] for row in found] == [find_band(PRESETS[name], weak, strong) for weak, strong in pairs]


def test_no_rule_to_try_reads_what_is_stored() -> None:
    assert build_band(None) == ("v.band", {})


@pytest.mark.parametrize("gap_min", [0.0, 0.2, 0.9])
def test_counts_are_those_of_every_task_and_leave_the_brush_out(tmp_path: Path, gap_min: float) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-1", 6, plans=[["narrow_gap", "accepted"], ["narrow_gap", "failed_on_strong"], ["accepted"]])
    policy = Policy(name="custom", gap_min=gap_min)
    with open_index(home) as index:
        ingest_home(index, home)
        view = TaskFilter(scope="all")
        rows = [row for frame in stream_tasks(index, view) for row in frame[["weak", "strong"]].itertuples(index=False)]
        expected = Counter(find_band(policy, weak, strong) for weak, strong in rows if strong == strong)
        counts = count_bands_under(index, TaskFilter(scope="all", box=Box(0.0, 0.01, 0.0, 0.01)), policy)
        assert {band: n for band, n in counts.items() if n} == dict(expected)
