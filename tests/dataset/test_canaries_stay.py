"""Canaries look like tasks to reviewers, stand in no count, and never leave: not approved, not edited, not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.dataset.gate import summarise_gate
from autodata.dataset.versions import export_dataset
from autodata.errors import BadInput
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_gate import count_gate
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.funnel import load_funnel
from autodata.index.queries.overview import load_landing, load_totals
from autodata.index.queries.review import Queue, load_queue
from autodata.index.queries.tasks import list_tasks
from autodata.index.queries.votes import list_planted
from autodata.journal import JournalWriter
from autodata.llm.seat import simulated_seats
from autodata.model import Criterion, Task
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.review.bulk import Chosen, decide_all, undo_all
from autodata.review.canaries import list_canaries, plant_canaries
from autodata.review.edits import create_trial, find_edit, record_edit
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import load_sources

SAMPLES = Path(__file__).parents[2] / "samples" / "cs"


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Iterator[tuple[Home, Index, frozenset[str], tuple]]:
    """A simulated run with four canaries from it: home, index, canaries, figures before they were planted."""
    home = Home(tmp_path_factory.mktemp("home"))
    chosen = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=simulated_seats())
    run_id = create_run(home, chosen, load_recipe("cs"), load_sources([SAMPLES], limit=14))
    execute_run(home, run_id)
    with open_index(home) as index:
        ingest_home(index, home)
        before = read_figures(index)
        plant_canaries(home, run_id, 4, "Lea")
        ingest_home(index, home)
        yield home, index, frozenset(list_canaries(home)), before


def read_figures(index: Index) -> tuple:
    totals = load_totals(index)
    return totals, load_funnel(index), load_landing(index).measured, summarise_gate(count_gate(index)).excluded


def choose_all(index: Index) -> list[Chosen]:
    rows = index.query(
        """SELECT r.task_id, u.run_id, k.content_sha FROM rounds r JOIN runs u USING (run) JOIN tasks k USING (run, key)
        WHERE r.outcome = 'accepted' ORDER BY 1"""
    )
    return [Chosen(*row) for row in rows]


def test_canaries_are_in_the_queue_and_in_the_table_like_any_task(planted):
    _, index, canaries, _ = planted
    assert canaries <= {item.task_id for item in load_queue(index, Queue())}
    assert canaries <= set(list_tasks(index, TaskFilter(scope="accepted"), limit=500)["task_id"])


def test_no_figure_changes_when_canaries_are_planted(planted):
    _, index, _, before = planted
    after = read_figures(index)
    assert {name: getattr(after[0], name) for name in COUNTED} == {name: getattr(before[0], name) for name in COUNTED}
    assert after[1:] == before[1:]


def test_planted_runs_are_known_by_name(planted):
    home, index, _, _ = planted
    assert list_planted(index) == frozenset(path.parent.name for path in home.runs.glob("*/journal.jsonl")) - {
        "cs-0001"
    }


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_canary_is_in_any_export_whatever_is_approved(planted, data):
    home, index, canaries, _ = planted
    approved = data.draw(st.lists(st.sampled_from(choose_all(index)), min_size=1, unique_by=lambda one: one.task_id))
    act = decide_all(home, approved, "approve", "Lea")
    try:
        result = export_dataset(home, index, "set", formats=("jsonl",))
        lines = (result.path / "tasks.jsonl").read_bytes().splitlines()
        assert {orjson.loads(line)["id"] for line in lines} == {one.task_id for one in approved} - canaries
        assert not [name for name in canaries if name.encode() in (result.path / "manifest.json").read_bytes()]
        assert "canary" not in result.excluded
    except BadInput:
        assert {one.task_id for one in approved} <= canaries
    finally:
        undo_all(home, act.bulk_id, "Lea")
        ingest_home(index, home)


def test_what_is_made_out_of_a_canary_by_editing_it_stays_as_well(planted):
    home, index, canaries, _ = planted
    one = next(one for one in choose_all(index) if one.task_id in canaries)
    edit = record_edit(home, load_original(index, one), one.run_id, {"question": "Which bound holds, and why?"}, "Ada")
    execute_run(home, create_trial(home, find_edit(home, edit.edit_id)))
    ingest_home(index, home)
    made = index.query("SELECT task_id FROM tasks WHERE run = (SELECT max(run) FROM runs)")
    with JournalWriter.open_tail(home.reviews) as journal:
        for (task_id,) in made:
            content = index.query("SELECT content_sha FROM tasks WHERE task_id = ?", [task_id])[0][0]
            journal.append("decision", {"decision_id": f"d-{task_id}", "task_id": task_id, "verdict": "approve",
                                        "reviewer": "Ada", "content_sha": content})  # fmt: skip
    ingest_home(index, home)
    gate = [count for count in count_gate(index) if count.decision == "approved"]
    assert made
    assert gate
    assert all(count.canary for count in gate)


def load_original(index: Index, one: Chosen) -> Task:
    row = index.records("SELECT * FROM tasks WHERE task_id = ?", [one.task_id])[0]
    rubric = tuple(Criterion(c["id"], c["criterion"], c["weight"]) for c in orjson.loads(row["rubric"]))
    return Task(
        id=row["task_id"], source_id=row["source_id"], round=row["round"], question_type=row["question_type"],
        context=row["context"], question=row["question"], reference_answer=row["reference_answer"], rubric=rubric,
        tags=tuple(orjson.loads(row["tags"])),
    )  # fmt: skip


COUNTED = (
    "sources", "rounds", "judged", "tasks", "accepted", "claimed_gap", "approved", "rejected", "flagged", "open",
    "open_risky", "decided_today", "exported",
)  # fmt: skip
