"""The harness writes journals that the product cannot tell from its own, and the truth is in none of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from autodata.audit.reading import read_run
from autodata.context import LoopContext
from autodata.engine import run_sources
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.seat import simulated_seats
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder, load_history
from autodata.runs import create_run, load_run
from autodata.settings import RunSettings
from autodata.sources import Loaded
from benchmarks.sabotage.clean import HARD, LUCKY, PLAIN, UNDECLARED
from benchmarks.sabotage.direct import DirectTransport
from benchmarks.sabotage.family import CEILING, Family
from benchmarks.sabotage.harness import Plan, Truth, make_sources
from benchmarks.sabotage.plant import Planted, plant_run
from benchmarks.sabotage.train import DETERMINISTIC, FAMILIES, TRAIN
from benchmarks.sabotage.world import World

ALL = (PLAIN, LUCKY, *HARD, UNDECLARED, *FAMILIES)
STYLED = [pytest.param(family, style, id=f"{family.id}-{style}") for family in ALL for style in family.styles]


def plant(folder: Path, family: Family, style: str = "own", seed: int = 5, sources: int = 4, **more: object) -> Planted:
    strength = 0.25 if family.sabotage else 0.0
    return plant_run(Home(folder), Plan(family, style, seed, sources, **{"strength": strength, **more}))  # type: ignore[arg-type]


@pytest.mark.parametrize(("family", "style"), STYLED)
def test_journal_is_intact_and_read_as_written(tmp_path: Path, family: Family, style: str):
    planted = plant(tmp_path, family, style)
    assert verify_journal(planted.path).ok is (family.damage is None)
    assert {task.task.id for task in read_run(planted.path).tasks} == {truth.task_id for truth in planted.truths}


@pytest.mark.parametrize(("family", "style"), STYLED)
def test_nothing_in_the_journal_names_what_was_planted(tmp_path: Path, family: Family, style: str):
    planted = plant(tmp_path, family, style)
    # A seat has a family, too: that of its model.
    told = set(Truth.__dataclass_fields__) - {"task_id", "run_id", "family"}
    for record in read_records(planted.path):
        assert not told & set(_list_keys(record.data))
        assert not {family.id, family.title, family.split} & set(_list_texts(record.data))
    assert family.id.lower() not in planted.harness.run_id.split("-")


@pytest.mark.parametrize("family", TRAIN, ids=lambda family: family.id)
def test_sabotage_is_planted_where_the_honest_gap_would_not_do(tmp_path: Path, family: Family):
    planted = plant(tmp_path, family, family.styles[-1])
    assert all(truth.true_gap < CEILING for truth in planted.truths)


@pytest.mark.parametrize("family", [f for f in TRAIN if f.id not in ("D1", "D5")], ids=lambda family: family.id)
def test_a_stronger_plant_lifts_more(tmp_path: Path, family: Family):
    # Rubric weights from 1 to 10 cannot lift a gap at will, so D1 and D5 are left out.
    lifts = []
    for strength in (0.15, 0.40):
        truths = plant(tmp_path / str(strength), family, family.styles[0], sources=8, strength=strength).truths
        lifts.append(sum(truth.lift for truth in truths) / len(truths))
    assert lifts[0] < lifts[1]


def test_an_order_may_be_ignored(tmp_path: Path):
    a1 = next(family for family in TRAIN if family.id == "A1")
    lifts = [t.lift for seed in range(4) for t in plant(tmp_path / str(seed), a1, seed=seed, sources=12).truths]
    assert min(lifts) < 0.5 * 0.25 < max(lifts)


def test_the_same_plan_gives_the_same_tasks(tmp_path: Path):
    first, second = (plant(tmp_path / name, TRAIN[0]).truths for name in ("one", "two"))
    assert first == second


def test_an_own_journal_resumes_like_any_other(tmp_path: Path):
    planted = plant(tmp_path, PLAIN)
    stored = load_run(Home(tmp_path), planted.harness.run_id)
    assert stored.nothing_left
    assert load_history(planted.path).calls > 0


def test_own_records_have_the_fields_of_the_products(tmp_path: Path):
    ours = _list_fields(plant(tmp_path / "ours", PLAIN).path)
    theirs = _list_fields(asyncio.run(_run_product(Home(tmp_path / "theirs"))))
    assert {kind: fields for kind, fields in ours.items() if kind in theirs} == theirs


def test_a_hand_edited_record_breaks_the_chain_for_what_follows(tmp_path: Path):
    b5 = next(family for family in DETERMINISTIC if family.id == "B5")
    planted = plant(tmp_path, b5, sources=8)
    assert "does not match its hash" in verify_journal(planted.path).problems[0]


async def _run_product(home: Home) -> Path:
    """A run of the product's own loop over a world without weaknesses."""
    settings = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=simulated_seats(), seed=5, final_review=False)
    recipe, sources = load_recipe("cs"), make_sources(5, 4)
    run_id = create_run(home, settings, recipe, Loaded(sources))
    path = home.journal(run_id)
    with JournalWriter(path) as journal:
        recorder = Recorder(journal, settings.seats, DirectTransport(World(5)), slots=4)
        context = LoopContext(run_id, settings, recipe, recorder)
        await run_sources(sources, {}, context, read_request=lambda: None, on_progress=lambda progress: None)
    return path


def _list_fields(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record in read_records(path):
        if record.kind != "run_ended":  # what a run came to in words of its own
            found.setdefault(record.kind, set()).update(record.data)
    return found


def _list_keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for item in value.values() for key in _list_keys(item))]
    return [key for item in value for key in _list_keys(item)] if isinstance(value, list) else []


def _list_texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in _list_texts(item)]
