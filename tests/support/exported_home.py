"""A home with a finished simulated run whose accepted tasks are approved, and the entries that leave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.dataset.entry import SPLITS, Entry
from autodata.dataset.items import make_item
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset import stream_export_rows
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.review.decisions import record_decision
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources.load import load_sources

SAMPLES = Path(__file__).parents[2] / "samples" / "cs"
LIMIT = 12

_made: list[Path] = []


def make_exported_home(factory: pytest.TempPathFactory) -> Home:
    """Made once a session; copy it before anything is written there."""
    if not _made:
        folder = factory.mktemp("exported")
        home, recipe = Home(folder / "home"), load_recipe("cs")
        settings = RunSettings(domain="cs", policy=make_policy("deployed"), seats=simulated_seats(), seed=5)
        execute_run(home, create_run(home, settings, recipe, load_sources([SAMPLES], limit=LIMIT)))
        with open_index(home) as index:
            ingest_home(index, home)
            for batch in stream_export_rows(index):
                for row in batch:
                    record_decision(
                        home,
                        task_id=row.task_id,
                        run_id=row.run_id,
                        content_sha=row.content_sha,
                        verdict="approve",
                        reviewer="Ada",
                    )
        _made.append(home.root)
    return Home(_made[0])


def load_entries(index: Index, home: Home) -> list[Entry]:
    """Every approved task, with the splits in turn."""
    ingest_home(index, home)
    rows = [row for batch in stream_export_rows(index, decisions=("approved",)) for row in batch]
    return [Entry(make_item(row, "Ada"), row, SPLITS[number % 3]) for number, row in enumerate(rows)]
