"""What becomes of a version afterwards: compared, verified, made again, withdrawn, outdated."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.dataset.comparing import compare_versions
from autodata.dataset.contamination import ContaminationSettings
from autodata.dataset.overrides import record_override
from autodata.dataset.policies import GATE_PRESETS, change_policy
from autodata.dataset.reproducing import reproduce_version
from autodata.dataset.splits import SplitSettings
from autodata.dataset.standing import list_states
from autodata.dataset.verifying import verify_version
from autodata.dataset.versions import export_dataset, read_manifest
from autodata.dataset.withdrawing import withdraw_version
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_versions import list_outdated
from autodata.journal import verify_journal
from autodata.review.team import Team, record_team
from tests.support.datasets import approve, damage, read_items, write_accepted
from tests.support.journals import WrittenRun

FORMATS = ("jsonl", "parquet", "csv", "sft", "grpo", "dpo", "hf", "raw")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def run(home: Home) -> WrittenRun:
    written = write_accepted(home, "cs-1", 5)
    approve(home, written)
    return written


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


def test_versions_of_the_same_tasks_are_the_same(home, run, index):
    export_dataset(home, index, "set")
    export_dataset(home, index, "set")
    found = compare_versions(home, ("set", "v001"), ("set", "v002"))
    assert found.sentence == "set v001 and set v002 hold the same 5 items, byte for byte."


def test_difference_names_added_removed_and_changed_tasks(home, run, index):
    first, second, *_ = run.accepted
    approve(home, run, second, verdict="reject")
    export_dataset(home, index, "set")
    approve(home, run, second)
    approve(home, run, first, verdict="reject")
    approve(home, run, run.accepted[2], reviewer="Bo", reason="Other")
    export_dataset(home, index, "set", splits=SplitSettings(test=0.9))
    found = compare_versions(home, ("set", "v001"), ("set", "v002"))
    assert (found.added, found.removed) == ((second,), (first,))
    assert {field for one in found.changed for field in one.fields} <= {"decision", "split"}
    assert set(found.settings) == {"splits"}
    assert len(found.changed) + found.unchanged == 3


def test_version_that_is_not_there_is_named(home, run, index):
    export_dataset(home, index, "set")
    with pytest.raises(BadInput, match="dataset set has no version v009"):
        compare_versions(home, ("set", "v001"), ("set", "v009"))


def test_whole_version_verifies_and_says_what_has_grown(home, run, index):
    export_dataset(home, index, "set", formats=FORMATS)
    report = verify_version(home, "set", "v001")
    assert report.ok, report.problems
    assert report.grown == {"reviews": 1}


@pytest.mark.parametrize("name", ["tasks.jsonl", "sft/train.jsonl", "README.md", "manifest.json", "contents.jsonl"])
def test_changed_file_is_named(home, run, index, name):
    path = export_dataset(home, index, "set", formats=("jsonl", "sft")).path / name
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content.replace(b"cs-1", b"cs-2", 1).replace(b"5", b"6", 1))
    (problem,) = verify_version(home, "set", "v001").problems
    assert f"{path} is not what was exported" in problem


def test_missing_and_foreign_files_are_named(home, run, index):
    path = export_dataset(home, index, "set").path
    (path / "tasks.jsonl").rename(path / "other.jsonl")
    assert verify_version(home, "set", "v001").problems == (
        f"{path / 'tasks.jsonl'} is missing",
        f"{path / 'other.jsonl'} was not exported",
    )


def test_link_in_the_place_of_a_file_is_named(home, run, index, tmp_path):
    path = export_dataset(home, index, "set").path / "tasks.jsonl"
    path.rename(tmp_path / "elsewhere.jsonl")
    path.symlink_to(tmp_path / "elsewhere.jsonl")
    assert verify_version(home, "set", "v001").problems == (f"{path} is a link; an export writes none",)


def test_withdrawn_version_verifies(home, run, index):
    export_dataset(home, index, "set")
    withdraw_version(home, "set", "v001", reason="wrong source\nsecond line", reviewer="Lea")
    assert verify_version(home, "set", "v001").ok


@pytest.mark.parametrize("content", [None, b"# Withdrawn\n\nNo longer.\n"], ids=["taken away", "changed"])
def test_marker_of_a_withdrawal_that_is_gone_or_changed_is_named(home, run, index, content):
    export_dataset(home, index, "set")
    marker = withdraw_version(home, "set", "v001", reason="wrong source", reviewer="Lea")
    marker.unlink()
    if content:
        marker.write_bytes(content)
    (problem,) = verify_version(home, "set", "v001").problems
    assert problem.startswith(str(marker))
    assert problem.endswith("wrong source")


def test_marker_without_a_withdrawal_is_named(home, run, index):
    marker = export_dataset(home, index, "set").path / "WITHDRAWN.md"
    marker.write_text("# Withdrawn\n")
    assert verify_version(home, "set", "v001").problems == (f"{marker} was not written by a withdrawal",)


def test_making_it_again_tells_of_a_changed_file_in_its_folder(home, run, index):
    path = export_dataset(home, index, "set").path / "tasks.jsonl"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\n")
    again = reproduce_version(home, "set", "v001")
    assert again.same
    assert any(f"not as it was exported: {path} is not what was exported" in note for note in again.notes)


def test_version_without_a_record_is_listed_as_such(home, run, index):
    first = export_dataset(home, index, "set").path
    shutil.copytree(first, first.with_name("v002"))
    ingest_home(index, home)
    assert [state.words.split(":")[0] for state in list_states(home, index)] == ["not recorded", ""]


def test_journal_that_was_cut_back_is_named(home, run, index):
    export_dataset(home, index, "set")
    path = home.journal("cs-1")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    (problem,) = verify_version(home, "set", "v001").problems
    assert problem.startswith(f"{path} has ")
    with pytest.raises(JournalDamaged, match=r"The version cannot be made again from it\."):
        reproduce_version(home, "set", "v001")


def test_journal_written_anew_is_not_the_one_of_the_version(home, run, index):
    export_dataset(home, index, "set")
    home.journal("cs-1").unlink()
    write_accepted(home, "cs-1", 5, seed=3)
    assert any("is not the record that the version was made up to" in one or "has" in one
               for one in verify_version(home, "set", "v001").problems)  # fmt: skip


def test_every_format_comes_out_the_same_again(home, run, index, tmp_path):
    bench = tmp_path / "bench.txt"
    bench.write_text(read_question(home, index, run))
    bad = write_accepted(home, "cs-bad", 2, parity_broken=True)
    approve(home, bad)
    for number, task in enumerate(bad.accepted):
        code = ("request_differs", "alarm_open")[number]
        record_override(
            home, task_id=task, run_id="cs-bad", content_sha=bad.content[task], code=code, reason="seen", reviewer="Lea"
        )
    result = export_dataset(
        home, index, "set", formats=FORMATS, reviewer_pseudonyms=True,
        policy=change_policy(GATE_PRESETS["approved"], one_per_cluster=True),
        splits=SplitSettings(test=0.3, validation=0.2), contamination=ContaminationSettings(files=(str(bench),)),
    )  # fmt: skip
    more = write_accepted(home, "cs-2", 3)
    approve(home, more)
    approve(home, run, run.accepted[1], verdict="reject")
    again = reproduce_version(home, "set", result.version)
    assert (again.same, again.files, again.items) == (True, (), result.items)
    assert again.notes == ("reviews has grown by 5 records since, which were left out",)


def read_question(home: Home, index: Index, run: WrittenRun) -> str:
    ingest_home(index, home)
    return str(index.query("SELECT question FROM tasks WHERE task_id = ?", [run.accepted[0]])[0][0])


def test_contaminated_task_stays_and_its_stretch_is_shown(home, run, index, tmp_path):
    bench = tmp_path / "bench.txt"
    bench.write_text(read_question(home, index, run))
    settings = ContaminationSettings(files=(str(bench),))
    result = export_dataset(home, index, "set", contamination=settings)
    assert run.accepted[0] not in {item["id"] for item in read_items(result.path)}
    manifest = read_manifest(home, "set", "v001")
    assert manifest["gate"]["held_tasks"][run.accepted[0]] == "contaminated"
    assert manifest["contamination"]["found"] == manifest["gate"]["excluded"]["contaminated"]
    assert str(tmp_path) not in (result.path / "manifest.json").read_text()
    assert run.accepted[0].encode() in (result.path / "contamination.jsonl").read_bytes()
    both = export_dataset(home, index, "set", contamination=settings.model_copy(update={"action": "report"}))
    assert both.items == 5
    assert (both.path / "contamination.jsonl").read_bytes() == (result.path / "contamination.jsonl").read_bytes()


def test_what_was_made_again_can_be_kept(home, run, index, tmp_path):
    export_dataset(home, index, "set")
    reproduce_version(home, "set", "v001", scratch=tmp_path / "kept")
    assert (tmp_path / "kept" / "v001" / "tasks.jsonl").is_file()
    with pytest.raises(BadInput, match="is not empty; give a new folder"):
        reproduce_version(home, "set", "v001", scratch=tmp_path / "kept")


def test_withdrawn_version_stays_readable_and_says_why(home, run, index):
    path = export_dataset(home, index, "set").path
    marker = withdraw_version(home, "set", "v001", reason="Wrong\nsource", reviewer="Lea")
    ingest_home(index, home)
    (state,) = list_states(home, index)
    assert state.words == "withdrawn by Lea: Wrong\nsource"
    assert "    Wrong\n    source\n" in marker.read_text()
    assert len(read_items(path)) == 5
    assert verify_version(home, "set", "v001").ok
    with pytest.raises(BadInput, match="was withdrawn already by Lea"):
        withdraw_version(home, "set", "v001", reason="again", reviewer="Lea")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reason": " "}, "a withdrawal needs a reason"),
        ({"reviewer": "Ada"}, "Ada is a reviewer"),
        ({"version": "v002"}, "has no version v002"),
        ({"version": "../v001"}, "version name"),
    ],
)
def test_withdrawal_that_cannot_be_records_nothing(home, run, index, changes, problem):
    export_dataset(home, index, "set")
    record_team(home, Team(others="reviewer", roles={"Lea": "lead"}), "Lea")
    before = verify_journal(home.reviews).records
    fields = {"version": "v001", "reason": "Wrong source", "reviewer": "Lea", **changes}
    with pytest.raises(BadInput, match=problem):
        withdraw_version(home, "set", fields.pop("version"), **fields)
    assert verify_journal(home.reviews).records == before


def test_task_rejected_after_export_marks_the_version_and_the_next_one_drops_it(home, run, index):
    export_dataset(home, index, "set")
    approve(home, run, run.accepted[0], verdict="reject")
    second = export_dataset(home, index, "set")
    assert second.items == 4
    ingest_home(index, home)
    assert [(state.version.version, state.outdated) for state in list_states(home, index)] == [("v002", 0), ("v001", 1)]
    assert list_outdated(index, "set", "v001") == [(run.accepted[0], "rejected")]


def test_damaged_journal_refuses_the_export_and_says_where(home, run, index):
    other = write_accepted(home, "cs-2", 1)
    approve(home, other)
    ingest_home(index, home)
    damage(home.journal("cs-1"), 7)
    with pytest.raises(
        JournalDamaged, match=r"cs-1/journal.jsonl, line 7: .*leave the run out \(--leave-out-run cs-1\)"
    ):
        export_dataset(home, index, "set")
    assert not (home.datasets / "set").exists()
    policy = change_policy(GATE_PRESETS["approved"], leave_out_runs=("cs-1",))
    assert export_dataset(home, index, "set", policy=policy).items == 1


def test_damaged_reviews_refuse_the_export(home, run, index):
    ingest_home(index, home)
    damage(home.reviews, 2)
    with pytest.raises(JournalDamaged, match=r"reviews.jsonl, line 2: "):
        export_dataset(home, index, "set")
