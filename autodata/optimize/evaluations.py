"""Evaluations: a recipe version on held-out or training sources, as runs in the search's own home.

A run of a slot works on one pass over its set; a version that needs more pairs goes over the same sources again with
another seed, in another run. Runs resume by themselves, so a block that was cut short is finished, not repeated.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from autodata.canon import derive_seed
from autodata.context import LoopContext
from autodata.engine import describe_process, run_sources
from autodata.errors import AutodataError, BadInput, StopRequested
from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.journals.files import has_journal
from autodata.model import Source
from autodata.optimize.population import Evaluation, Purpose, Version
from autodata.optimize.search import Search
from autodata.recipes.recipe import Recipe
from autodata.recorder import Recorder, load_history
from autodata.runs import create_run
from autodata.settings import RunSettings
from autodata.sources import Loaded
from autodata.stored_run import load_run


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the search that a version's outcomes are measured for: `name` is unique, `seed` shared by a pair."""

    name: str
    version: Version
    iteration: int | None
    purpose: Purpose
    sources: tuple[Source, ...]
    seed: int
    parts: int
    """Runs that go on at once, this one included: they share the search's slots."""

    def find_run(self, number: int) -> str:
        """The run of pass `number`, from 0."""
        return self.name if number == 0 else f"{self.name}-pass{number + 1}"


@dataclass(frozen=True, slots=True)
class Block:
    """Sources that are worked on between two looks at the keep rule, in pass `number` over their set."""

    index: int
    number: int
    sources: tuple[Source, ...]


def plan_blocks(sources: Sequence[Source], size: int, pairs: int, seed: int) -> tuple[Block, ...]:
    """Blocks of at most `size` sources that hold at least `pairs` in all; every pass in an order of its own."""
    blocks: list[Block] = []
    planned = number = 0
    while planned < pairs and sources:
        order = list(sources)
        random.Random(derive_seed(seed, "order", number)).shuffle(order)
        for start in range(0, len(order), size):
            if planned < pairs:
                own = tuple(order[start : start + size])
                blocks.append(Block(len(blocks), number, own))
                planned += len(own)
        number += 1
    return tuple(blocks)


async def evaluate_block(search: Search, slot: Slot, block: Block) -> Evaluation:
    """The slot's version on the block's sources, from the journal where it is there.

    Raises StopRequested when the search is to end or infrastructure left every source open, and the failure that no
    further call would survive.
    """
    known = search.population.evaluations.get((slot.name, block.index))
    if known is not None:
        return known
    run_id = slot.find_run(block.number)
    settings = search.settings.make_run_settings(derive_seed(slot.seed, "pass", block.number), slot.parts)
    outcomes = await run_block(search, run_id, slot.version.recipe, slot.sources, block.sources, settings)
    counts = [outcomes[source.id] for source in block.sources]
    if set(counts) == {"undecided"}:
        # An endpoint that is down says nothing about a recipe: the block is worked on again after a resume.
        raise StopRequested("paused", f"no source of a block of run {run_id} came to a decision; see why, then resume")
    counted = sum(own.calls for own in search.population.evaluations.values() if own.run_id == run_id)
    search.book.write(
        "evaluation",
        {
            "slot": slot.name,
            "run_id": run_id,
            "version": slot.version.sha,
            "iteration": slot.iteration,
            "purpose": slot.purpose,
            "block": block.index,
            "seed": settings.seed,
            "outcomes": {source.id: outcomes[source.id] for source in block.sources},
            "accepted": counts.count("accepted"),
            "undecided": counts.count("undecided"),
            "failed": len(counts) - counts.count("accepted") - counts.count("undecided"),
            "calls": search.ledger.find_spent(run_id).calls - counted,
        },
    )
    return search.population.evaluations[slot.name, block.index]


async def evaluate_both(search: Search, slots: Sequence[Slot], block: Block) -> None:
    """One block of several slots at once. Each of them comes to its end before the first failure is raised."""
    results = await asyncio.gather(*(evaluate_block(search, slot, block) for slot in slots), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def run_block(
    search: Search,
    run_id: str,
    recipe: Recipe,
    sources: Sequence[Source],
    wanted: Sequence[Source],
    settings: RunSettings,
) -> dict[str, str]:
    """Work on `wanted`, some of the run's `sources`, and return the outcomes by source id."""
    ensure_run(search.home, run_id, settings, recipe, sources)
    async with _open_run(search, run_id) as (context, finished):
        end = await run_sources(
            list(wanted),
            finished,
            context,
            read_request=lambda: "stop" if search.recorder.stopping else None,
            signals=False,
        )
    if end.state == "failed":
        raise SearchFailed(f"run {run_id}: {end.reason}")
    if end.state != "done":
        raise StopRequested(search.recorder.stopping or "budget", end.reason)
    return _read_outcomes(search.home, run_id, wanted)


class SearchFailed(AutodataError):
    """Something that every further run would meet as well: a refused key, a model that is not there."""


def ensure_run(home: Home, run_id: str, settings: RunSettings, recipe: Recipe, sources: Sequence[Source]) -> None:
    """Create the run unless it is there; one whose creation was cut short held nothing yet and is made anew."""
    path = home.journal(run_id)
    if has_journal(path):
        kinds = [record.kind for record in read_records(path)]
        if "run_started" in kinds and kinds.count("source") >= len(sources):
            return
        shutil.rmtree(home.run(run_id))
    create_run(home, settings, recipe, Loaded(tuple(sources)), run_id=run_id)


@asynccontextmanager
async def _open_run(search: Search, run_id: str) -> AsyncIterator[tuple[LoopContext, dict[str, str]]]:
    """The run ready to be worked on, and what it has finished."""
    path = search.home.journal(run_id)
    with JournalWriter(path) as journal:
        stored = load_run(search.home, run_id)
        history = load_history(path)
        if stored.state or history.calls:
            journal.append("run_resumed", {"run_id": run_id, **describe_process()})
        recorder = Recorder(
            journal,
            stored.settings.seats,
            search.transport,
            history=history,
            slots=stored.settings.slots,
            budget=search.budget,
            prices=stored.settings.prices,
        )
        with search.ledger.watch(run_id, recorder):
            if search.recorder.stopping:
                recorder.request_stop(search.recorder.stopping)
            try:
                yield LoopContext(run_id, stored.settings, stored.recipe, recorder), stored.finished
            finally:
                await recorder.drain()  # nothing may be left to write once the journal is closed


def _read_outcomes(home: Home, run_id: str, wanted: Sequence[Source]) -> dict[str, str]:
    ids = {source.id for source in wanted}
    outcomes = {
        record.data["source"]: record.data["outcome"]
        for record in read_records(home.journal(run_id))
        if record.kind == "source_done" and record.data["source"] in ids
    }
    missing = ids - outcomes.keys()
    if missing:
        raise BadInput(f"run {run_id} ended without an outcome of source {min(missing)}; resume the search")
    return outcomes
