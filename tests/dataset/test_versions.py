"""Dataset versions from real journals through a real index to real files."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from autodata.dataset.policies import GATE_PRESETS
from autodata.dataset.versions import export_dataset, list_versions, read_manifest
from autodata.errors import BadInput, StopRequested
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.queries.dataset_versions import list_exports
from autodata.journal import read_last, read_records, verify_journal
from autodata.review.decisions import record_decision, undo_last
from tests.support.journals import WrittenRun, write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def run(home: Home) -> WrittenRun:
    return write_run(home, "cs-1", 5, plans=[("too_easy", "accepted"), ("accepted",), ("too_easy",)])


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


def decide(home: Home, run: WrittenRun, task: str, verdict: str = "approve", reviewer: str = "Ada", **more) -> None:
    more = {"content_sha": run.content[task], **more}
    record_decision(home, task_id=task, run_id=run.run_id, verdict=verdict, reviewer=reviewer, **more)


def approve_all(home: Home, run: WrittenRun) -> None:
    for number, task in enumerate(run.accepted):
        decide(home, run, task, reviewer=("Ada", "Bo")[number % 2])


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in (path / "tasks.jsonl").read_bytes().splitlines()]


def test_approved_tasks_are_on_the_disk(home, run, index):
    approve_all(home, run)
    result = export_dataset(home, index, "lease")
    assert (result.version, result.path, result.items) == ("v001", home.datasets / "lease" / "v001", 4)
    assert sorted(path.name for path in result.path.iterdir()) == [
        "README.md",
        "contents.jsonl",
        "figures",
        "manifest.json",
        "tasks.jsonl",
        "tasks.parquet",
    ]
    items = read_lines(result.path)
    assert [item["id"] for item in items] == run.accepted
    item = items[0]
    assert len(item["scores"]["weak"]) == 3
    assert item["scores"]["gap"] == pytest.approx(item["scores"]["strong_mean"] - item["scores"]["weak_mean"])
    assert item["decision"]["verdict"] == "approve"
    assert item["policy"]["name"] == "deployed"
    assert item["models"]["weak"] == "sim-weak"
    assert item["rubric"][0]["weight"] == 4
    assert item["simulated"] is True


def test_parquet_of_a_version_equals_its_json_lines(home, run, index):
    approve_all(home, run)
    path = export_dataset(home, index, "lease").path
    rows = pq.read_table(path / "tasks.parquet").to_pylist()
    assert [{**row, "policy": json.loads(row["policy"])} for row in rows] == read_lines(path)
    with duckdb.connect() as connection:
        found = connection.execute("SELECT id FROM read_parquet(?)", [str(path / "tasks.parquet")]).fetchall()
    assert [task for (task,) in found] == run.accepted


def test_only_what_the_gate_lets_through_leaves_and_the_rest_is_counted(home, run, index):
    first, second, third, fourth = sorted(run.accepted)
    decide(home, run, first)
    decide(home, run, second, "reject")
    decide(home, run, third, content_sha="0" * 64)
    easy = next(task for key, task in run.tasks.items() if run.outcomes[key] == "too_easy")
    decide(home, run, easy)
    result = export_dataset(home, index, "lease")
    assert [item["id"] for item in read_lines(result.path)] == [first]
    assert result.excluded == {"content_changed": 1, "not_accepted": 1, "not_decided": 1, "rejected": 1}
    gate = read_manifest(home, "lease", "v001")["gate"]
    assert gate["held_tasks"] == {third: "content_changed", easy: "not_accepted"}
    assert fourth not in json.dumps(read_lines(result.path))


def test_task_with_requests_that_differ_does_not_leave(home, index):
    bad = write_run(home, "cs-2", 1, plans=[("accepted",)], parity_broken=True)
    good = write_run(home, "cs-3", 1, plans=[("accepted",)])
    decide(home, bad, bad.accepted[0])
    decide(home, good, good.accepted[0])
    result = export_dataset(home, index, "lease")
    assert (result.items, result.excluded) == (1, {"request_differs": 1})


def test_decision_undone_a_moment_ago_counts(home, run, index):
    approve_all(home, run)
    export_dataset(home, index, "lease")
    undo_last(home, "Ada")
    assert export_dataset(home, index, "lease").items == 3


@pytest.mark.parametrize("verdict", [None, "reject"])
def test_nothing_approved_says_what_to_do_and_makes_no_folder(home, run, index, verdict):
    if verdict:
        decide(home, run, run.accepted[0], verdict)
    with pytest.raises(
        BadInput, match=r"No task is approved yet\. Nothing can be exported\. Approve .* on the Review page"
    ):
        export_dataset(home, index, "lease")
    assert not home.datasets.exists()


def test_nothing_that_passes_says_what_holds_it(home, run, index):
    decide(home, run, run.accepted[0], content_sha="0" * 64)
    with pytest.raises(BadInput, match=r"0 of 1 approved task can be exported\. 1 was approved with other words"):
        export_dataset(home, index, "lease")


@pytest.mark.parametrize("name", ["../out", "", "a/b", ".hidden", "x" * 81])
def test_name_that_could_leave_the_folder_is_refused(home, run, index, name):
    approve_all(home, run)
    with pytest.raises(BadInput, match="dataset name"):
        export_dataset(home, index, name)


def test_manifest_holds_what_is_needed_to_defend_the_dataset(home, run, index):
    approve_all(home, run)
    result = export_dataset(home, index, "lease", formats=("jsonl", "parquet", "csv"))
    manifest = read_manifest(home, "lease", "v001")
    lines = (result.path / "tasks.jsonl").read_bytes()
    assert manifest["hash"] == result.hash == hashlib.sha256(lines).hexdigest()
    assert set(manifest["files"]) == {"contents.jsonl", "tasks.jsonl", "tasks.parquet", "tasks.csv"}
    for name, entry in manifest["files"].items():
        content = (result.path / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (described,) = manifest["runs"]
    assert described["run_id"] == "cs-1"
    assert described["journal_head"] == read_last(home.journal("cs-1")).sha
    assert described["seats"]["seats"]["weak"]["model"] == "sim-weak"
    assert manifest["reviewers"] == {"Ada": 2, "Bo": 2}
    assert (manifest["gate"]["name"], manifest["simulated"], manifest["items"]) == ("approved", True, 4)
    assert [policy["name"] for policy in manifest["policies"].values()] == ["deployed"]


def test_card_says_that_simulated_data_is_simulated(home, run, index):
    approve_all(home, run)
    card = (export_dataset(home, index, "lease").path / "README.md").read_text()
    assert "**SIMULATED: 4 of 4 tasks" in card


def test_card_of_real_models_does_not_say_simulated(home, index):
    real = write_run(home, "cs-9", 1, plans=[("accepted",)], simulated=False)
    decide(home, real, real.accepted[0])
    result = export_dataset(home, index, "lease")
    assert "SIMULATED" not in (result.path / "README.md").read_text()
    assert read_lines(result.path)[0]["simulated"] is False


def test_reviewers_can_leave_as_pseudonyms(home, run, index):
    approve_all(home, run)
    path = export_dataset(home, index, "lease", reviewer_pseudonyms=True).path
    assert {item["decision"]["reviewer"] for item in read_lines(path)} == {"reviewer-1", "reviewer-2"}
    written = b"".join(file.read_bytes() for file in path.rglob("*.*") if file.suffix != ".parquet")
    assert b"Ada" not in written


def test_same_inputs_give_the_same_hash_in_a_new_version(home, run, index):
    approve_all(home, run)
    first = export_dataset(home, index, "lease")
    second = export_dataset(home, index, "lease", formats=("csv",))
    assert (first.version, second.version) == ("v001", "v002")
    assert first.hash == second.hash


def test_rebuilt_index_gives_the_same_hash(home, run):
    approve_all(home, run)
    hashes = []
    for _ in range(2):
        with open_index(home) as index:
            hashes.append(export_dataset(home, index, "lease").hash)
        home.database.unlink()
    assert hashes[0] == hashes[1]


def test_version_is_recorded_in_the_reviews_journal_and_the_index(home, run, index):
    approve_all(home, run)
    result = export_dataset(home, index, "lease")
    record = list(read_records(home.reviews))[-1]
    assert record.kind == "export"
    assert record.data == {
        "name": "lease",
        "version": "v001",
        "path": "datasets/lease/v001",
        "hash": result.hash,
        "manifest_sha": hashlib.sha256((result.path / "manifest.json").read_bytes()).hexdigest(),
        "items": 4,
        "excluded": {},
        "format": ["jsonl", "parquet"],
        "policy": "approved",
        "policy_sha": GATE_PRESETS["approved"].sha,
        "task_ids": run.accepted,
    }
    assert verify_journal(home.reviews).ok
    export_dataset(home, index, "other")
    assert {(export.name, export.items) for export in list_exports(index)} >= {("lease", 4)}


def test_files_of_a_version_are_read_only(home, run, index):
    approve_all(home, run)
    path = export_dataset(home, index, "lease").path
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.rglob("*") if file.is_file()} == {0o444}


def test_crash_in_the_middle_leaves_no_version(home, run, index):
    approve_all(home, run)

    def crash(done: int, total: int) -> None:
        raise RuntimeError(f"crashed at {done} of {total}")

    with pytest.raises(RuntimeError, match="crashed at 4 of 4"):
        export_dataset(home, index, "lease", progress=crash)
    assert [path.name for path in (home.datasets / "lease").iterdir()] == [".lock"]
    assert list_versions(home) == []
    assert "export" not in {record.kind for record in read_records(home.reviews)}
    assert export_dataset(home, index, "lease").version == "v001"


def test_what_a_killed_export_left_is_cleaned_by_the_next(home, run, index):
    approve_all(home, run)
    left = home.datasets / "lease" / ".v001.partial"
    left.mkdir(parents=True)
    (left / "tasks.jsonl").write_text("{half")
    assert list_versions(home) == []
    assert export_dataset(home, index, "lease").version == "v001"
    assert not left.exists()


def test_exports_at_once_get_different_versions(home, run, index):
    approve_all(home, run)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: export_dataset(home, index, "lease"), range(3)))
    assert sorted(result.version for result in results) == ["v001", "v002", "v003"]
    assert len({result.hash for result in results}) == 1
    assert verify_journal(home.reviews).ok


def test_number_of_a_deleted_version_is_not_given_again(home, run, index):
    approve_all(home, run)
    first = export_dataset(home, index, "lease")
    first.path.rename(home.root / "elsewhere")
    assert export_dataset(home, index, "lease").version == "v002"


def test_full_disk_is_named_and_leaves_nothing(home, run):
    """A file size limit stands in for the full disk: the same error from the same system call."""
    approve_all(home, run)
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from autodata.dataset.versions import export_dataset; from autodata.errors import StopRequested\n"
        "from autodata.home import Home; from autodata.index import open_index\n"
        "from autodata.index.ingest import ingest_home; from autodata.index.auditing import audit_pending\n"
        "home = Home(Path(sys.argv[1])); index = open_index(home); ingest_home(index, home)\n"
        "audit_pending(index, home)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))\n"
        "try: export_dataset(home, index, 'lease', formats=('jsonl', 'parquet', 'csv'))\n"
        "except StopRequested as error: print(error.reason, error)\n"
    )
    child = subprocess.run([sys.executable, "-c", script, str(home.root)], capture_output=True, text=True, check=False)
    assert child.stdout.startswith(f"disk cannot write {home.datasets / 'lease'}: File too large. Nothing half-written")
    assert [path.name for path in (home.datasets / "lease").iterdir()] == [".lock"]


def test_forbidden_folder_is_named(home, run, index):
    approve_all(home, run)
    home.datasets.write_text("a file where the folder should be")
    with pytest.raises(StopRequested, match=r"cannot write .*lease: "):
        export_dataset(home, index, "lease")


def test_progress_counts_up_to_the_items(home, run, index):
    approve_all(home, run)
    seen: list[tuple[int, int]] = []
    export_dataset(home, index, "lease", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)


def test_versions_are_listed_by_name_and_newest_first(home, run, index):
    approve_all(home, run)
    for name in ("b", "a", "a"):
        export_dataset(home, index, name)
    listed = list_versions(home)
    assert [(version.name, version.version) for version in listed] == [("a", "v002"), ("a", "v001"), ("b", "v001")]
    assert all(version.items == 4 and version.simulated and not version.problem for version in listed)


def test_version_with_a_broken_manifest_is_listed_with_its_problem(home, run, index):
    approve_all(home, run)
    manifest = export_dataset(home, index, "lease").path / "manifest.json"
    manifest.unlink()
    manifest.write_text("{")
    (version,) = list_versions(home)
    assert version.problem.startswith("the manifest cannot be used:")


def test_version_that_does_not_exist_is_named(home):
    with pytest.raises(BadInput, match="dataset lease has no version v007"):
        read_manifest(home, "lease", "v007")
