"""Dataset: what can leave, what is held back and why, and what an export leaves on the disk."""

from __future__ import annotations

import orjson

from autodata.home import Home
from tests.support.journals import WrittenRun, write_decision, write_run
from tests.support.page_driver import PageDriver


def write_approved(home: Home, approved: int = 2, sources: int = 3, **options: object) -> WrittenRun:
    written = write_run(home, "cs-0001", sources, plans=[["accepted"]], **options)  # type: ignore[arg-type]
    for task in written.accepted[:approved]:
        write_decision(home, task, run_id="cs-0001", content_sha=written.content[task])
    return written


def test_empty_home_says_what_has_to_happen(home: Home) -> None:
    page = PageDriver(home, "dataset")
    assert "No task is approved yet" in page.text("dataset.none.empty")


def test_sentence_counts_what_can_leave(home: Home) -> None:
    write_approved(home)
    assert (
        PageDriver(home, "dataset")
        .text("dataset.gatehead.sentence")
        .startswith("2 of 2 approved tasks can be exported")
    )


def test_open_tasks_are_held_back_with_their_reason(home: Home) -> None:
    write_approved(home)
    assert "1waits for a decision" in PageDriver(home, "dataset").text("dataset.gate")


def test_changed_content_holds_an_approved_task_back(home: Home) -> None:
    written = write_run(home, "cs-0001", 2, plans=[["accepted"]])
    write_decision(home, written.accepted[0], run_id="cs-0001", content_sha="0" * 64)
    page = PageDriver(home, "dataset")
    assert "approved, but was approved with other words than the record holds" in page.text("dataset.gate")
    assert written.accepted[0] in page.text("dataset.held")
    assert page.at.button(key="dataset.export").disabled


def test_export_writes_files_and_a_manifest(home: Home) -> None:
    written = write_approved(home)
    page = PageDriver(home, "dataset").click("dataset.export")
    folder = home.datasets / "autodata" / "v001"
    lines = [orjson.loads(line) for line in (folder / "tasks.jsonl").read_bytes().splitlines()]
    assert sorted(line["id"] for line in lines) == sorted(written.accepted[:2])
    assert (folder / "tasks.parquet").exists()
    assert orjson.loads((folder / "manifest.json").read_bytes())["items"] == 2
    assert "Wrote 2 tasks" in page.text("dataset.done")


def test_exported_version_is_shown_with_hash_and_label(home: Home) -> None:
    write_approved(home)
    page = PageDriver(home, "dataset").click("dataset.export")
    assert page.at.query_params["version"] == "autodata/v001"
    assert "Simulated" in page.text("dataset.versions")
    manifest = orjson.loads((home.datasets / "autodata" / "v001" / "manifest.json").read_bytes())
    assert manifest["hash"] in page.text("dataset.facts")


def test_card_is_shown_as_plain_text(home: Home) -> None:
    write_approved(home)
    page = PageDriver(home, "dataset").click("dataset.export")
    assert page.at.code[0].value == (home.datasets / "autodata" / "v001" / "README.md").read_text().strip()
    assert not page.at.markdown


def test_second_export_is_a_second_version(home: Home) -> None:
    write_approved(home)
    page = PageDriver(home, "dataset").click("dataset.export")
    page.set("dataset.view", "gate").click("dataset.export")
    assert sorted(path.name for path in (home.datasets / "autodata").glob("v*")) == ["v001", "v002"]


def test_name_that_leaves_the_folder_is_refused(home: Home) -> None:
    write_approved(home)
    page = PageDriver(home, "dataset").set("dataset.name", "../../evil").click("dataset.export")
    assert "cannot be used" in page.text("dataset.error")
    assert not (home.root.parent / "evil").exists()


def test_chosen_formats_are_the_files_written(home: Home) -> None:
    write_approved(home)
    PageDriver(home, "dataset").set("dataset.formats", ["csv"]).click("dataset.export")
    names = {path.name for path in (home.datasets / "autodata" / "v001").iterdir()}
    assert "tasks.csv" in names
    assert "tasks.jsonl" not in names


def test_pseudonyms_keep_the_name_out(home: Home) -> None:
    write_approved(home)
    PageDriver(home, "dataset").set("dataset.pseudonyms", True).click("dataset.export")
    assert b'"ann"' not in (home.datasets / "autodata" / "v001" / "tasks.jsonl").read_bytes()


def test_small_files_can_be_downloaded(home: Home) -> None:
    write_approved(home)
    page = PageDriver(home, "dataset").click("dataset.export")
    labels = {element.proto.label for element in page.at.get("download_button")}
    assert {"tasks.jsonl", "tasks.parquet", "manifest.json", "README.md"} <= labels
