"""A home that the first version of the program left behind, opened by this one: nothing recorded is lost."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.index import open_index
from autodata.index.database import SCHEMA_VERSION
from autodata.index.ingest import ingest_home
from autodata.index.inspection import inspect_index
from autodata.journal import read_records
from autodata.review.shared import current_decisions

ARCHIVE = Path(__file__).with_name("old_home") / "schema-2.tar.gz"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return Home(tmp_path / "home")


def call(home: Home, *arguments: str) -> dict:
    result = CliRunner().invoke(app, [*arguments, "--home", str(home.root), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def hash_truth(home: Home) -> dict[str, str]:
    """Everything that is no index, by its name."""
    paths = [home.reviews, *home.runs.rglob("*.jsonl"), *home.datasets.rglob("v*/*")]
    return {str(path.relative_to(home.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_its_index_is_older_than_this_program(home):
    assert inspect_index(home).version == 2 < SCHEMA_VERSION


def test_its_index_is_built_again_and_says_so(home):
    with open_index(home) as index:
        report = ingest_home(index, home)
        rounds = sum(record.kind == "round" for record in read_records(home.journal("cs-0001")))
        assert index.query("SELECT count(*) FROM rounds") == [(rounds,)]
    assert "has schema version 2" in index.notices[0]
    assert report.damaged == ()


def test_decisions_are_kept(home):
    wanted = {r.data["task_id"]: r.data["verdict"] for r in read_records(home.reviews) if r.kind == "decision"}
    assert {task: decision.verdict for task, decision in current_decisions(home).items()} == wanted
    with open_index(home) as index:
        ingest_home(index, home)
        states = dict(index.query("SELECT task_id, state FROM verdicts"))
    assert sorted(states.values()) == ["approved", "rejected"]


def test_every_record_still_verifies(home):
    found = call(home, "verify")
    assert found["ok"]
    assert found["records"] == 48


def test_the_journals_and_datasets_are_left_as_they_were(home):
    before = hash_truth(home)
    call(home, "rebuild")
    assert hash_truth(home) == before


def test_it_exports_the_next_version_with_the_same_task(home):
    result = call(home, "export", "proofs")
    assert (result["version"], result["items"]) == ("v002", 1)
    ids = {json.loads(line)["id"] for line in (home.datasets / "proofs" / "v001" / "tasks.jsonl").open()}
    assert {json.loads(line)["id"] for line in (Path(result["path"]) / "tasks.jsonl").open()} == ids


def test_an_old_version_of_a_dataset_is_verified(home):
    assert call(home, "dataset", "verify", "proofs/v001")["ok"]
