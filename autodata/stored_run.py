"""Runs as their journals tell them: which there are, and what one of them was started with and has finished."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from autodata.belonging import require_own
from autodata.errors import BadInput, JournalDamaged
from autodata.executors.choice import LOCAL, ExecutorChoice, read_choice
from autodata.home import Home, is_name
from autodata.journal import read_records
from autodata.journals.files import has_journal, list_journals
from autodata.model import Source
from autodata.policy import parse_policy
from autodata.recipes.recipe import Recipe, make_recipe
from autodata.settings import RunSettings, parse_settings
from autodata.terms import Terms, make_terms, read_terms


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as its journal tells it. `finished` maps source ids to outcomes; undecided sources are not finished.

    `terms` are those in force: a resumed run may have been given others. `state` is the word of its last end, "" while
    there is none.
    """

    run_id: str
    settings: RunSettings
    recipe: Recipe
    sources: list[Source]
    finished: dict[str, str]
    terms: Terms
    state: str
    executor: ExecutorChoice
    """Where it was worked on last."""

    @property
    def nothing_left(self) -> bool:
        """Whether the run said it was done and every source has its outcome."""
        return self.state == "done" and len(self.finished) == len(self.sources)


def find_journal(home: Home, run_id: str) -> Path:
    """Path of a run's journal; raises BadInput naming the runs there are."""
    path = home.journal(run_id)
    if not has_journal(path):
        ids = list_run_ids(home)
        known = ", ".join(ids[-5:]) or "none yet"
        newest = f"the newest of {len(ids)} runs" if len(ids) > 5 else "known runs"
        raise BadInput(f"run {run_id!r} does not exist in {home.runs}; {newest}: {known}")
    return path


def list_run_ids(home: Home) -> list[str]:
    """Ids of all runs, oldest first. A folder whose name cannot be a run's, such as a copy, is passed over."""
    names = (path.parent.name for path in list_journals(home.runs))
    return sorted((name for name in names if is_name(name)), key=lambda name: (number_of(name), name))


def claim_run(home: Home, kind: str) -> str:
    """Make the folder of the next run number, safe against another process doing the same; returns the run's id."""
    number = 1 + max((number_of(run_id) for run_id in list_run_ids(home)), default=0)
    while True:
        run_id = f"{kind}-{number:04d}"
        try:
            home.run(run_id).mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return run_id


def load_run(home: Home, run_id: str) -> StoredRun:
    """Settings, recipe, sources and what is finished, from the journal.

    Raises JournalDamaged without a start, BadInput when the run's creation was interrupted and sources are missing.
    """
    path = find_journal(home, run_id)
    require_own(home, path)
    start: dict[str, Any] | None = None
    sources: list[Source] = []
    finished: dict[str, str] = {}
    resumed: list[dict[str, Any]] = []
    state = ""
    for record in read_records(path):
        if record.kind == "run_started":
            start = record.data
        elif record.kind == "source":
            sources.append(Source(**record.data["source"]))
        elif record.kind == "source_done" and record.data["outcome"] != "undecided":
            finished[record.data["source"]] = record.data["outcome"]
        elif record.kind == "run_resumed":
            resumed.append(record.data)
            state = ""
        elif record.kind == "run_ended":
            state = record.data["state"]
    if start is None:
        raise JournalDamaged(
            f"{path} holds no start of a run, so nothing is known of {run_id} and it cannot go on. Put the file back "
            "from a copy of the home (`autodata restore`), or start a new run over the same documents."
        )
    if start.get("imported"):
        raise BadInput(f"run {run_id} was imported from {start['imported'].get('format')}: there is nothing to resume")
    if len(sources) < start.get("sources", 0):
        raise BadInput(
            f"run {run_id} was interrupted while it was being created: {len(sources)} of {start['sources']} sources "
            "are recorded and nothing was called. Start a new run over the same documents."
        )
    policy = parse_policy(start["policy"])
    settings = parse_settings({**start["settings"], "policy": policy})
    recipe = make_recipe(start["recipe"]["files"])
    terms = reduce(read_terms, resumed, make_terms(settings))
    executor = reduce(read_choice, [start, *resumed], LOCAL)
    return StoredRun(run_id, settings, recipe, sources, finished, terms, state, executor)


def number_of(run_id: str) -> int:
    """The number a run's id ends in; 0 where it ends in none."""
    match = re.search(r"(\d+)$", run_id)
    return int(match.group(1)) if match else 0
