"""A home with an honest simulated run and an import in which weak is told to be weak: made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.home import Home
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources.load import load_sources
from tests.audit.fresh.planted import import_cheated

SAMPLES = Path(__file__).parents[2] / "samples" / "cs"
RUN = "cs-0001"
"""The honest run, with several accepted tasks."""

_made: list[Path] = []


def make_audited_home(factory: pytest.TempPathFactory) -> Path:
    """The home's folder; copy it before anything is written there."""
    if not _made:
        _made.append(_make(factory))
    return _made[0]


def _make(factory: pytest.TempPathFactory) -> Path:
    folder = factory.mktemp("audited")
    recipe, home = load_recipe("cs"), Home(folder / "home")
    settings = RunSettings(domain="cs", policy=make_policy("deployed"), seats=simulated_seats(), seed=3)
    assert create_run(home, settings, recipe, load_sources([SAMPLES], limit=10)) == RUN
    execute_run(home, RUN)
    import_cheated(home, RUN, folder, tasks=5)
    return home.root
