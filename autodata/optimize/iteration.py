"""One iteration, readable top to bottom: trajectories → analysis → edit → guard → comparison → decision.

Durable by replay, as a source's rounds are: each part is a record, a record that is there is not made again, and the
runs and calls in between answer from their own journals.
"""

from __future__ import annotations

import random
from dataclasses import asdict

from autodata.canon import derive_seed, hash_value
from autodata.errors import MalformedReply, ProviderFailure, StopRequested
from autodata.optimize.certifying import certify_comparison
from autodata.optimize.evaluations import Slot, evaluate_block, evaluate_both, plan_blocks
from autodata.optimize.keep import Decision, decide
from autodata.optimize.population import Iteration, Version
from autodata.optimize.proposing import analyse, propose
from autodata.optimize.search import Search
from autodata.optimize.selection import Candidate, choose_parent
from autodata.optimize.trajectories import Trajectory, read_trajectories
from autodata.steps.work import is_passing

SHOWN = 12
"""Earlier iterations that the agents are told of, the latest ones."""


async def run_iteration(search: Search, number: int) -> None:
    """One pass, until its decision is in the journal.

    Raises StopRequested when the search is to end, and failures that every further call would meet as well.
    """
    iteration = search.population.iterations.get(number) or begin_iteration(search, number)
    try:
        trajectories = await _run_minibatch(search, iteration)
        analysis = await analyse(search, iteration, trajectories)
        edit = await propose(search, iteration, analysis)
    except MalformedReply as failure:
        _end(search, iteration, "failed", f"no edit came of it: {failure}")
        return
    except ProviderFailure as failure:
        if failure.retryable:
            # The endpoint may answer again tomorrow; the iteration goes on where it is.
            raise StopRequested("paused", f"iteration {number}: {failure}") from failure
        if not is_passing(failure):
            raise
        _end(search, iteration, "failed", f"no edit came of it: {failure}")
        return
    if edit["refusals"]:
        first = edit["refusals"][0]
        more = len(edit["refusals"]) - 1
        _end(search, iteration, "refused", first["sentence"] + (f" (and {more} more)" if more else ""))
        return
    child = search.population.versions[edit["child"]]
    if child.iteration != number:
        where = f"iteration {child.iteration}" if child.iteration else "the first version"
        _end(search, iteration, "duplicate", f"the same text as {child.sha[:8]}, {where}", child=child.sha)
        return
    parent = search.population.versions[iteration.parent]
    decision = await _compare(search, iteration, parent, child)
    state = "kept" if decision.state == "keep" else "discarded"
    reason = "left_open" if decision.state == "more" else decision.reason
    _end(search, iteration, state, reason, child=child.sha, decision=decision)
    if state == "kept":
        await certify_comparison(search, iteration)


def begin_iteration(search: Search, number: int) -> Iteration:
    """Choose a parent and a minibatch by the population as it is now, and write both down."""
    settings, population = search.settings, search.population
    rng = random.Random(derive_seed(settings.seed, "iteration", number))
    candidates = [Candidate(version.sha, population.find_score(version)) for version in population.parents]
    parent = choose_parent(candidates, rng, settings.temperature)
    count = min(settings.minibatch, len(search.split.train))
    # One draw in a fixed rotation, so that the runs of a parent on the same minibatch can be used again.
    start = rng.randrange(max(1, -(-len(search.split.train) // count))) * count
    sources = [search.split.train[(start + i) % len(search.split.train)].id for i in range(count)]
    shown = population.ended[-SHOWN:]
    search.book.write(
        "iteration_started",
        {"iteration": number, "parent": parent.sha, "minibatch": sources, "shown": list(shown)},
    )
    return population.iterations[number]


async def _run_minibatch(search: Search, iteration: Iteration) -> tuple[Trajectory, ...]:
    """The parent on its training sources: a run that another iteration made is read again."""
    parent = search.population.versions[iteration.parent]
    chosen = set(iteration.minibatch)
    sources = tuple(source for source in search.split.train if source.id in chosen)
    name = f"train-{parent.sha[:10]}-{hash_value(sorted(chosen))[:6]}"
    slot = Slot(name, parent, None, "train", sources, derive_seed(search.settings.seed, name), search.settings.workers)
    async with search.lock(name):
        block = plan_blocks(sources, len(sources), len(sources), slot.seed)[0]
        await evaluate_block(search, slot, block)
    path = search.home.journal(slot.find_run(0))
    return read_trajectories(path, slot.find_run(0), iteration.minibatch, f"i{iteration.number}-t")


async def _compare(search: Search, iteration: Iteration, parent: Version, child: Version) -> Decision:
    """Parent and child on the same held-out sources with the same seeds, block by block, until the rule decides.

    The parent is measured anew every time: luck that it was kept by does not count against its children, and bad luck
    not for them.
    """
    settings, keep = search.settings, search.settings.keep
    seed = derive_seed(settings.seed, "compare", iteration.number)
    parts = 2 * settings.workers
    sources = search.split.validation
    slots = [
        Slot(f"{iteration.name}-{side}", own, iteration.number, "select", sources, seed, parts)
        for side, own in (("parent", parent), ("child", child))
    ]
    longer = child.length > parent.length
    # Twice as many as are wanted: pairs that infrastructure left open have to be made up for.
    blocks = plan_blocks(sources, settings.block, 2 * keep.pairs_max, seed)
    decision = decide([], keep, longer=longer)
    for block in blocks:
        await evaluate_both(search, slots, block)
        decision = decide(search.population.pair_up(slots[0].name, slots[1].name), keep, longer=longer)
        if decision.state != "more":
            break
    return decision


def _end(
    search: Search,
    iteration: Iteration,
    state: str,
    reason: str,
    *,
    child: str | None = None,
    decision: Decision | None = None,
) -> None:
    edit = iteration.edit or {}
    search.book.write(
        "decision",
        {
            "iteration": iteration.number,
            "parent": iteration.parent,
            "child": child or edit.get("child"),
            "state": state,
            "reason": reason,
            "evidence": decision.evidence if decision else "",
            "numbers": asdict(decision) if decision else {},
        },
    )
