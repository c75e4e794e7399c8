"""Whatever stands in a foreign file, an import takes what it can use and names the rest, or says BadInput."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.home import Home
from autodata.importing.detect import FORMATS
from autodata.importing.store import import_path
from tests.security.corpus import TEXTS

_NAMES = st.sampled_from(
    "format source id title text models policy accepted_round rounds round outcome feedback task context question "
    "reference_answer rubric criterion weight tags rollouts solver index answer finish_reason score verdicts request "
    "usage judge_request judge_reply chunk_id round_num status arm run_id trajectories accepted weak_scores "
    "strong_scores final_round c1 version".split()
)
_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(TEXTS[:150])
    | st.sampled_from(["autodata-trajectory/1", "weak", "strong", "accepted", "too_easy", "ACCEPTED", "REVISE", "stop"])
)  # fmt: skip
VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6), max_leaves=25
)


def take_in(path: Path, name: str) -> None:
    """One import into a home of its own; the errors that it may end with are part of it."""
    with suppress(BadInput):
        assert import_path(Home(path.parent / "home"), path, name).trajectories > 0


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "autosynth"])
@given(value=VALUES)
@settings(max_examples=60, deadline=None)
def test_any_json_is_taken_in_or_refused(name: str, value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.json"
        path.write_text(json.dumps(value, ensure_ascii=True))
        take_in(path, name)


@given(rounds=st.lists(st.dictionaries(_NAMES, VALUES, max_size=8), min_size=1, max_size=3), rest=VALUES)
@settings(max_examples=40, deadline=None)
def test_any_field_of_a_trajectory_is_used_or_named(rounds: list[dict[str, Any]], rest: Any) -> None:
    line = {"format": "autodata-trajectory/1", "source": rest, "policy": rest, "models": rest}
    line["rounds"] = [{"task": {"question": "Which?", **item}, **item} for item in rounds]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.jsonl"
        path.write_text(json.dumps(line))
        take_in(path, "generic")


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("given.json", "given.db"):
            path = Path(folder) / name
            path.write_bytes((b"SQLite format 3\0" if name.endswith("db") else b"") + data)
            take_in(path, "auto")


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE VIEW runs AS SELECT load_extension('/tmp/x')",
        "CREATE TABLE runs (a, run_id TEXT GENERATED ALWAYS AS (zeroblob(1000000000)))",
        "CREATE VIRTUAL TABLE runs USING fts5(x)",
        "CREATE TABLE runs (run_id)",
        "CREATE TRIGGER t BEFORE INSERT ON x BEGIN SELECT 1; END",
    ],
)
def test_a_database_runs_nothing_of_its_own(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE x (y)")
        db.execute(schema)
    db.close()
    with pytest.raises(BadInput):
        import_path(Home(tmp_path / "home"), path, "autosynth")
