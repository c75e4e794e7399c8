"""The certified share of a version: of accepted tasks drawn at random, how many gaps hold on fresh, blindly judged
answers. And the alarm that ends a search when acceptance rises while that share falls.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from autodata.audit.divergence import Divergence, VersionCounts, compare_versions
from autodata.audit.fresh.engine import AuditProgress
from autodata.audit.fresh.stored import count_audits, load_audit, load_audit_history, read_results
from autodata.audits import AuditOrder, create_audit, draft_audit, execute_audit, request_audit
from autodata.canon import derive_seed
from autodata.engine import POLL_S
from autodata.errors import StopRequested
from autodata.journal import read_records
from autodata.optimize.evaluations import SearchFailed
from autodata.optimize.ledger import Spent, measure_history
from autodata.optimize.population import Iteration, Population, Purpose, Version
from autodata.optimize.samples import write_samples
from autodata.optimize.search import Search
from autodata.recorder import Recorder

CHECK = "K1"
"""The certified gap (autodata.audit.certified)."""


async def certify_comparison(search: Search, iteration: Iteration) -> None:
    """Measure gaps of both sides of a comparison that was won, and raise the alarm where that is due."""
    write_samples(search, iteration)
    decision = iteration.decision or {}
    child = search.population.versions[decision["child"]]
    for side, version in (("parent", search.population.versions[iteration.parent]), ("child", child)):
        await certify_version(search, version, f"i{iteration.number:04d}-{side}", "select")
    raise_alarm(search, child)


async def certify_version(search: Search, version: Version, label: str, purpose: Purpose) -> None:
    """Draw accepted tasks of a version at random among those not measured yet, and measure their gaps; once a label."""
    count = search.settings.certify_tasks
    if not count or label in search.population.certified:
        return
    async with search.lock(f"certify {version.sha}"):
        pool = _list_accepted(search, version, purpose)
        rng = random.Random(derive_seed(search.settings.seed, "certify", label))
        drawn = rng.sample(sorted(pool), min(count, len(pool)))
        verdicts: dict[str, str] = {}
        for run_id in sorted({pool[task] for task in drawn}):
            tasks = tuple(sorted(task for task in drawn if pool[task] == run_id))
            verdicts |= await _measure(search, run_id, tasks)
    found = [verdicts.get(task, "") for task in drawn]
    search.book.write(
        "certified",
        {
            "version": version.sha,
            "label": label,
            "population": len(pool),
            "tasks": sorted(drawn),
            "real": found.count("real"),
            "not_real": found.count("not_real"),
            "undecided": found.count("undecided"),
            "unmeasured": found.count(""),
        },
    )


def raise_alarm(search: Search, version: Version) -> None:
    """Write an alarm for every version that it is about, where one is due."""
    if version.state == "candidate":
        sentence, versions = find_alarm(search.population, version)
        for own in versions:
            search.book.write("alarm", {"version": own.sha, "sentence": sentence})


def find_alarm(population: Population, version: Version) -> tuple[str, tuple[Version, ...]]:
    """Why a kept version, or all kept ones together, must not go on, and which these are; nothing when they may.

    Each is compared with the first recipe: acceptance up by 3 standard errors, certified share down by 2.
    """
    before = _count(population.baseline)
    kept = tuple(own for own in population.versions.values() if own.state == "candidate")
    for after, versions in ((_count(version), (version,)), (_pool(kept), kept)):
        divergence = compare_versions(before, after)
        if divergence.alarm:
            return describe_alarm(divergence, after.version), versions
    return "", ()


def describe_alarm(divergence: Divergence, version: str) -> str:
    """The alarm in one sentence."""
    rise, fall = divergence.accepted_change or 0.0, divergence.certified_change or 0.0
    return (
        f"Goodhart alarm: with {version} {100 * rise:.0f} points more sources are accepted than with the first recipe "
        f"(z {divergence.accepted_z or 0:.1f}), and of the accepted gaps {-100 * fall:.0f} points fewer hold on fresh "
        f"answers (z {divergence.certified_z or 0:.1f}). The search improves the measure, not the tasks; it stops here."
    )


def _count(version: Version) -> VersionCounts:
    counts = version.count()
    return VersionCounts(f"recipe {version.sha[:8]}", counts.accepted, counts.decided, version.real, version.measured)


def _pool(versions: Sequence[Version]) -> VersionCounts:
    each = [_count(version) for version in versions]
    return VersionCounts(
        "all kept recipes",
        sum(own.accepted for own in each),
        sum(own.proposed for own in each),
        sum(own.real for own in each),
        sum(own.certified for own in each),
    )


def _list_accepted(search: Search, version: Version, purpose: Purpose) -> dict[str, str]:
    """Accepted tasks that were not measured yet, each with its run."""
    measured = {task for own in version.certified for task in own.tasks}
    runs = {own.run_id for own in version.evaluations if own.purpose == purpose}
    found = {}
    for run_id in sorted(runs):
        for record in read_records(search.home.journal(run_id)):
            if record.kind == "source_done" and record.data["outcome"] == "accepted":
                found[record.data["task_id"]] = run_id
    return {task: run_id for task, run_id in found.items() if task not in measured}


def measure_audit(search: Search, run_id: str) -> Spent:
    """What the audit of one of the search's runs has used."""
    path = search.home.audit_journal(run_id)
    stored = load_audit(path)
    return measure_history(load_audit_history(path), stored.seats, stored.prices)


async def _measure(search: Search, run_id: str, tasks: tuple[str, ...]) -> dict[str, str]:
    """The verdict on each task's gap. Audits are durable by themselves: one that was cut short goes on."""
    home, settings, path = search.home, search.settings, search.home.audit_journal(run_id)
    if count_audits(path) and load_audit(path).state != "done":
        await _work_on_audit(search, run_id)
    missing = tuple(task for task in tasks if task not in _read_verdicts(path))
    if missing:
        order = AuditOrder(
            run_id,
            tasks=missing,
            checks=(CHECK,),
            most=settings.certify_answers,
            seed=derive_seed(settings.seed, "audit", run_id),
            slots=max(1, settings.slots // settings.workers),
            budget=search.budget,
        )
        create_audit(home, draft_audit(home, order))
        await _work_on_audit(search, run_id)
    return _read_verdicts(path)


def _read_verdicts(path: Path) -> dict[str, str]:
    """Real, not_real or undecided by task, for tasks whose gap was measured."""
    gaps = {task: found[CHECK] for task, found in read_results(path).items() if CHECK in found}
    return {task: str(gap.numbers["verdict"]) for task, gap in gaps.items() if gap.coverage == "done"}


async def _work_on_audit(search: Search, run_id: str) -> None:
    """The audit in a thread of its own, where no signal reaches it; told to stop when the search is."""
    name = f"audit/{run_id}"

    def count(progress: AuditProgress, recorder: Recorder) -> None:
        search.ledger.begin(name, recorder)

    work = asyncio.create_task(
        asyncio.to_thread(execute_audit, search.home, run_id, count, budget=search.budget, simulator=search.simulator)
    )
    try:
        while not (await asyncio.wait([work], timeout=POLL_S))[0]:
            if search.recorder.stopping:
                request_audit(search.home, run_id, "stop")
                break
        end = await work
    finally:
        search.ledger.settle(name, measure_audit(search, run_id))
    if end.state == "failed":
        raise SearchFailed(f"the audit of run {run_id}: {end.reason}")
    if end.state != "done":
        raise StopRequested(search.recorder.stopping or "budget", end.reason)
