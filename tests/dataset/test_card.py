"""The card of a version: what it says, that it says it of hostile names too, and that its figures are SVG."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from autodata.dataset.card import draw_figures, gather_facts, render_card, write_card
from autodata.dataset.card_header import render_header
from autodata.dataset.figures import Series, draw_bars
from autodata.dataset.folder import read_manifest
from autodata.dataset.markdown import quote
from autodata.dataset.sampling import draw_sample, record_verdict
from autodata.dataset.versions import export_dataset
from autodata.home import Home
from autodata.index import open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_versions import list_members
from autodata.review.decisions import record_decision
from tests.support.journals import write_run

HOSTILE = "`</span><script>alert(1)</script>|\n---\nlicense: mit"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    run = write_run(home, "cs-1", 6, plans=[("too_easy", "accepted"), ("accepted",)])
    for task in run.accepted[:5]:
        record_decision(
            home, task_id=task, run_id="cs-1", content_sha=run.content[task], verdict="approve", reviewer="Ada"
        )
    return home


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        ingest_home(opened, home)
        audit_pending(opened, home)
        yield opened


def read_now(home: Home, index, name: str = "lease") -> str:
    manifest = read_manifest(home, name, "v001")
    facts = gather_facts(index, list_members(index, name, "v001"), manifest)
    return render_card(home.datasets / name / "v001", manifest, facts)


def read_header(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


def test_card_holds_every_section(home, index):
    card = (export_dataset(home, index, "lease", formats=("jsonl", "sft")).path / "README.md").read_text()
    assert re.findall(r"^## (.+)$", card, re.M) == [
        "Files", "How it was made", "Gate", "What a trainer can expect", "Audit", "Review", "Licences of the sources",
        "Known limits", "Fields",
    ]  # fmt: skip
    assert "**SIMULATED: 5 of 5 tasks" in card
    assert "- acceptance: 6 tasks accepted from 6 sources (100.0 %) in 9 rounds" in card
    assert "Policy `approved`: 5 of 5 approved tasks left. Held back:" in card
    assert "- 1 waits for a decision" in card
    assert "- not recorded: 5 tasks" in card
    assert "5 tasks were audited from their records" in card
    assert "No blind random sample of this version was judged." in card


def test_card_says_what_was_left_out_of_a_format(home, index):
    card = (export_dataset(home, index, "lease", formats=("jsonl", "dpo")).path / "README.md").read_text()
    manifest = read_manifest(home, "lease", "v001")
    counts = manifest["formats"]["dpo"]
    assert sum(counts["written"].values()) + sum(counts["skipped"].values()) == 5
    assert f"| DPO pairs | `dpo/*.jsonl` | {sum(counts['written'].values())} |" in card


def test_sample_judged_since_is_in_the_card_as_it_reads_now(home, index):
    tasks = list_members_after_export(home, index)
    sample = draw_sample(home, index, tasks, name="lease", version="v001", size=3)
    for task in sample.task_ids:
        record_verdict(home, index, sample.sample_id, task, "clean", reviewer="Bo")
    assert (
        "- 3 of 3 are clean: fewer than 63.2 % of the tasks are defective, with 95% confidence. Drawn from this "
        in (read_now(home, index))
    )


def list_members_after_export(home: Home, index) -> list[str]:
    export_dataset(home, index, "lease")
    ingest_home(index, home)
    return list_members(index, "lease", "v001")


def test_card_read_again_is_the_card_that_was_written(home, index):
    path = export_dataset(home, index, "lease", formats=("jsonl", "hf")).path
    ingest_home(index, home)
    assert read_now(home, index) == (path / "README.md").read_text()


def test_header_is_yaml_that_names_splits_types_size_and_tags(home, index):
    path = export_dataset(home, index, "lease", formats=("hf", "grpo")).path
    header = read_header((path / "hf" / "README.md").read_text())
    assert (header["pretty_name"], header["license"]) == ("lease v001", "unknown")
    assert header["size_categories"] == ["n<1K"]
    assert header["tags"] == ["synthetic", "autodata", "reinforcement-learning", "simulated"]
    assert header["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]
    assert header["dataset_info"]["splits"][0]["num_examples"] == 5
    assert header["dataset_info"]["features"][0] == {"name": "id", "dtype": "string"}


def test_card_beside_a_format_is_short_and_says_simulated(home, index):
    path = export_dataset(home, index, "lease", formats=("jsonl", "sft")).path
    card = (path / "sft" / "README.md").read_text()
    assert "SIMULATED" in card
    assert "## Audit" not in card


@pytest.mark.parametrize("licences", [{HOSTILE: 1}, {"MIT\ntags: []": 2}, {"cc-by-4.0": 1, "mit": 1}])
def test_licence_that_the_hub_does_not_know_is_other(tmp_path, licences):
    manifest = {"name": "x", "version": "v1", "items": 1, "formats": {}, "simulated": False, "files_hash": "0"}
    header = read_header(render_header(manifest, licences, tmp_path))
    assert header["license"] == "other"
    assert header["tags"] == ["synthetic", "autodata"]


def test_known_licence_is_named(tmp_path):
    manifest = {"name": "x", "version": "v1", "items": 1, "formats": {}, "simulated": False, "files_hash": "0"}
    assert read_header(render_header(manifest, {"CC-BY-4.0": 3}, tmp_path))["license"] == "cc-by-4.0"


def test_name_cannot_leave_its_code_span():
    shown = quote(HOSTILE)
    assert shown.count("`") == 2
    assert "\n" not in shown


def test_hostile_names_in_the_manifest_stay_names(home, index, tmp_path):
    export_dataset(home, index, "lease")
    manifest = read_manifest(home, "lease", "v001")
    manifest["models"] = {"weak": {HOSTILE: 5}}
    manifest["domains"] = {HOSTILE: 5}
    manifest["gate"]["overrides"] = [{"task_id": "t", "code": "c", "reason": HOSTILE, "reviewer": HOSTILE, "time": ""}]
    ingest_home(index, home)
    facts = gather_facts(index, list_members(index, "lease", "v001"), manifest)
    write_card(tmp_path, manifest, facts)
    lines = (tmp_path / "README.md").read_text().splitlines()
    for line in (line for line in lines if "script" in line):
        outside = re.sub(r"`[^`]*`", "", line)
        assert "script" not in outside
    assert any("1 override: a lead let these leave all the same" in line for line in lines)


def test_figures_are_svg_and_the_same_for_the_same_numbers(home, index):
    export_dataset(home, index, "lease")
    ingest_home(index, home)
    manifest = read_manifest(home, "lease", "v001")
    facts = gather_facts(index, list_members(index, "lease", "v001"), manifest)
    figures = draw_figures(facts)
    assert set(figures) >= {"scores.svg", "gaps.svg"}
    assert figures == draw_figures(facts)
    for content in figures.values():
        assert ElementTree.fromstring(content).tag.endswith("svg")


def test_text_in_a_figure_is_text():
    content = draw_bars('<b>"&', [Series("<i>", [0, 3])], ["<", ">", "&"], "<x>")
    assert ElementTree.fromstring(content).attrib["aria-label"] == '<b>"&'
    assert b"<i>" not in content


def test_figure_without_any_count_is_still_one():
    assert ElementTree.fromstring(draw_bars("none", [Series("tasks", [0, 0])], ["0", "1", "2"], "x")) is not None
