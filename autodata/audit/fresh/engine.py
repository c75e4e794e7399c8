"""An audit in one process: the stages of its plan, many tasks at once, every result written down before the next stage.

Whatever is in the journal is not asked again, so an audit that was stopped goes on by running the same stages anew.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from autodata.audit.fresh.anchors import Anchor
from autodata.audit.fresh.board import Board, Job
from autodata.audit.fresh.certify import fit_prior, weigh_again
from autodata.audit.fresh.checks import is_settled, mark_done, run_check
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.plan_run import Stage, list_stages
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.stored import describe_result
from autodata.audit.fresh.tamper_pool import pool_tamper
from autodata.engine import handle_signals, watch_requests
from autodata.errors import AutodataError, JournalDamaged, ProviderFailure, StopRequested
from autodata.history import History
from autodata.model import SOLVERS, Role

ENDING = ("auth", "not_found")
"""Failures that every further call would meet as well."""

HOPELESS_AFTER = 20
"""Checks that fail one after another, each with failed calls, before the audit ends rather than spend on."""

JUDGES: tuple[Role, ...] = ("judge", "auditor_judge")
ANSWERING: tuple[Role, ...] = (*SOLVERS, "peer")


@dataclass(slots=True)
class AuditProgress:
    """Where an audit stands: its stage with the jobs in it, and the tasks with a finding so far."""

    stage: str = ""
    jobs: int = 0
    done: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """Checks by coverage, and `found` for those with a violation or a flag."""


@dataclass(frozen=True, slots=True)
class AuditEnd:
    """How an audit ended: done, paused, stopped or failed, with the reason, and its totals."""

    state: str
    reason: str
    totals: dict[str, Any]


async def work_through(
    board: Board,
    context: AuditContext,
    history: History,
    anchors: Sequence[Anchor],
    *,
    read_request: Callable[[], str | None],
    on_progress: Callable[[AuditProgress], None] = lambda progress: None,
) -> AuditEnd:
    """Every stage of the plan, then `audit_ended`.

    Budget, pause, stop, a signal, a full disk, a wrong key and a wrong model name end it early; it can be resumed.
    Anything else that goes wrong with one check leaves that check failed and the task unchecked there.
    """
    recorder, progress = context.loop.recorder, AuditProgress()
    watcher = asyncio.create_task(watch_requests(context.loop, read_request))
    remove_handlers = handle_signals(context.loop)
    worker = _Worker(board, context, anchors, progress, on_progress)
    try:
        state, reason = await worker.run()
        await recorder.drain()
    finally:
        watcher.cancel()
        remove_handlers()
    totals = _count_totals(history, context)
    try:
        recorder.append(
            "audit_ended", {"audit_id": context.audit_id, "state": state, "reason": reason, "totals": totals}
        )
    except StopRequested as full:
        state, reason = "stopped", str(full)
    return AuditEnd(state, reason, totals)


class _Worker:
    """The jobs of the stages, done by a pool of workers."""

    def __init__(
        self,
        board: Board,
        context: AuditContext,
        anchors: Sequence[Anchor],
        progress: AuditProgress,
        on_progress: Callable[[AuditProgress], None],
    ) -> None:
        self._board, self._context, self._anchors = board, context, anchors
        self._progress, self._on_progress = progress, on_progress
        self._refused = context.loop.recorder.errors["auth"]
        """Refused keys of earlier sittings; the key may have been mended since."""
        self._failed, self._errors = 0, context.loop.recorder.errors.total()
        """Checks that failed one after another, and the failed calls when the last of them ended."""

    async def run(self) -> tuple[str, str]:
        """State and reason of the end."""
        try:
            for stage in list_stages(self._board.checks):
                await self._run_stage(stage)
                self._settle()
        except StopRequested as stop:
            return ("paused" if stop.reason in ("paused", "budget") else "stopped"), str(stop)
        except AutodataError as failure:
            return "failed", str(failure)
        return "done", ""

    async def _run_stage(self, stage: Stage) -> None:
        """All jobs of a stage; raises the first reason to end the audit once the jobs in hand have ended."""
        jobs, stops = stage.list_jobs(self._board), list[AutodataError]()
        self._progress.stage, self._progress.jobs, self._progress.done = stage.name, len(jobs), 0
        self._on_progress(self._progress)
        queue = iter(jobs)

        async def work() -> None:
            for job in queue:
                if stops:
                    return
                try:
                    await self._run_job(job)
                except AutodataError as stop:
                    stops.append(stop)
                    self._context.loop.recorder.request_stop("stopped")
                    return
                self._progress.done += 1
                self._on_progress(self._progress)

        workers = min(self._context.loop.settings.sources_in_flight, len(jobs))
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
        if stops:
            raise stops[0]

    async def _run_job(self, job: Job) -> None:
        known, gap = self._board.find(job.task_id, job.detector), self._board.find(job.task_id, "K1")
        certified = gap is not None and gap.coverage == "done"
        settled = known is not None and is_settled(known, job, certified=certified)
        result = known if known and settled else mark_done(await self._check(job), job, certified=certified)
        for task_id in (job.task_id, *job.shared):
            own = self._tell_why(task_id, result)
            if own != self._board.find(task_id, job.detector):
                self._keep(task_id, own)
        self._progress.outcomes[result.coverage] += 1
        self._progress.outcomes["found"] += any(finding.severity != "note" for finding in result.findings)

    async def _check(self, job: Job) -> Result:
        subject = self._board.subjects[job.task_id]
        try:
            result = await run_check(job, subject, self._context, self._board, self._anchors)
        except (StopRequested, JournalDamaged):
            raise
        except ProviderFailure as failure:
            if failure.kind in ENDING:
                raise
            return Result(job.detector, "failed", missing=(f"{failure.kind}: {failure}",))
        except Exception as error:  # noqa: BLE001 - one task's hostile record must not end the audit of the others
            words = str(error) if isinstance(error, AutodataError) else f"this check cannot be made: {error!r}"
            return Result(job.detector, "failed", missing=(words,))
        if result.coverage == "failed" and self._context.loop.recorder.errors["auth"] > self._refused:
            raise ProviderFailure("auth", "; ".join(result.missing) or "an endpoint refuses the key")
        self._weigh_failure(result)
        return result

    def _weigh_failure(self, result: Result) -> None:
        """End the audit when nothing comes back any more: the solvers' answers would be paid for and never graded."""
        if result.coverage != "failed":
            self._failed = 0
            return
        errors = self._context.loop.recorder.errors.total()
        self._failed += errors > self._errors
        self._errors = errors
        if self._failed >= HOPELESS_AFTER:
            why = "; ".join(result.missing) or "calls fail"
            raise ProviderFailure("connection", f"{self._failed} checks failed one after another, the last one: {why}.")

    def _settle(self) -> None:
        """What depends on many tasks: the prior of certified gaps, and tests pooled over one request."""
        board = self._board
        # By id: sums do not depend on the order in which answers came, so a resumed audit finds the same numbers.
        ordered = sorted(board.results.items())
        certified = {task: results["K1"] for task, results in ordered if "K1" in results}
        prior = fit_prior(certified.values(), board.noise)
        if prior != board.prior:
            board.prior = prior
            for task, result in certified.items():
                self._keep_changed(task, weigh_again(result, prior, board.noise))
        tested = {task: results["K2"] for task, results in ordered if "K2" in results}
        for task, result in pool_tamper(tested, board.noise).items():
            self._keep_changed(task, result)

    def _keep_changed(self, task_id: str, result: Result) -> None:
        if result != self._board.find(task_id, result.detector):
            self._keep(task_id, result)

    def _keep(self, task_id: str, result: Result) -> None:
        """Write a result down and put it on the board."""
        data = describe_result(task_id, self._context.audit_id, result)
        self._context.loop.recorder.commit("check", (task_id, result.detector), data)
        self._board.results.setdefault(task_id, {})[result.detector] = result

    def _tell_why(self, task_id: str, result: Result) -> Result:
        """A certified gap says how its task came to be measured; being drawn says more than being asked for."""
        own = self._board.chosen.get(task_id)
        if result.detector != "K1" or result.coverage != "done" or own is None or own.why == "asked":
            return result
        return replace(result, numbers={**result.numbers, "why": own.why, "inclusion": own.inclusion})


def _count_totals(history: History, context: AuditContext) -> dict[str, Any]:
    """Calls of this audit in all its sittings."""
    uses, recorder = history.uses, context.loop.recorder
    return {
        "calls": recorder.calls,
        "solver_calls": sum(uses[role].calls for role in ANSWERING if role in uses),
        "judge_calls": sum(uses[role].calls for role in JUDGES if role in uses),
        "prompt_tokens": recorder.prompt_tokens,
        "completion_tokens": recorder.completion_tokens,
        "cost": asdict(recorder.cost),
    }
