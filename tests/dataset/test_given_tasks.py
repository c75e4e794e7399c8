"""Tasks that were given, not written: which models they name, and which document they belong to."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.dataset.plan import ExportPlan
from autodata.dataset.selection import select_tasks
from autodata.dataset.splits import SplitSettings
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset import stream_export_rows
from autodata.index.queries.dataset_gate import stream_facts
from tests.items.test_filter_run import RUBRIC, make_items, write_jsonl
from tests.support.datasets import append


@pytest.fixture(scope="module")
def filtered(tmp_path_factory):
    """A finished filter over a file in which every other item came with a rubric; everything accepted is approved."""
    folder = tmp_path_factory.mktemp("given")
    home = Home(folder / "home")
    result = CliRunner().invoke(
        app, ["filter", str(write_jsonl(folder, make_items())), "--home", str(home.root), "--quiet"]
    )
    assert result.exit_code == 0, result.output
    with open_index(home) as index:
        ingest_home(index, home)
        for number, (task_id, sha) in enumerate(index.query("SELECT task_id, content_sha FROM tasks ORDER BY seq")):
            append(home, "decision", {"decision_id": f"d{number}", "task_id": task_id, "verdict": "approve",
                                      "reviewer": "Ada", "content_sha": sha})  # fmt: skip
        ingest_home(index, home)
        yield index


def test_task_that_came_with_its_rubric_names_no_challenger(filtered):
    rows = [row for batch in stream_export_rows(filtered) for row in batch]
    given = [row for row in rows if len(row.rubric) == len(RUBRIC)]
    assert given
    assert not [row.models for row in given if "challenger" in row.models]
    assert all({"weak", "strong", "judge"} <= row.models.keys() for row in given if row.strong is not None)


def test_rows_of_one_file_are_documents_of_their_own(filtered):
    plan = ExportPlan(splits=SplitSettings(test=0.5, near_copies_together=False))
    assert all(facts.given and facts.document for facts in stream_facts(filtered))
    assert set(select_tasks(filtered, plan).splits.values()) == {"train", "test"}
