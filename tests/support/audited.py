"""Simulated runs with accepted tasks, and audits of them whose models are the in-process simulated server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer

from autodata.audit.fresh.blind import load_canonical
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.result import Subject
from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_task
from autodata.audit.run_luck import fit_run_noise
from autodata.context import LoopContext
from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.llm.client import OpenAITransport
from autodata.llm.reply import Transport
from autodata.llm.seat import SeatBook, simulated_seats
from autodata.llm.simulator import SimulatorConfig, build_app
from autodata.model import Role, Source
from autodata.policy import PRESETS, make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources.load import load_sources
from tests.support.scripted import skip_sleep
from tests.support.sim_chat import FAST

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True)
class AuditedRun:
    """A finished run: its journal, its passages, and where its simulated models remember their tasks."""

    journal: Path
    memory: Path
    sources: Mapping[str, Source]

    def list_subjects(self, journal: Path | None = None) -> list[Subject]:
        """The accepted tasks, of this journal or of a changed copy of it."""
        records = read_run(journal or self.journal)
        noise = fit_run_noise(records.measured)
        return [Subject(task, audit_task(task, noise), self.sources.get(task.task.source_id)) for task in records.tasks]


def make_run(folder: Path, domain: str, limit: int, seed: int = 2) -> AuditedRun:
    """A run over the first passages of the samples of a domain."""
    recipe, home = load_recipe(domain), Home(folder / "home")
    policy = make_policy(recipe.limits.flow.policy)
    settings = RunSettings(domain=domain, policy=policy, seats=simulated_seats(), seed=seed)
    loaded = load_sources([SAMPLES / domain], limit=limit)
    run_id = create_run(home, settings, recipe, loaded)
    execute_run(home, run_id)
    return AuditedRun(home.journal(run_id), home.simulator, {source.id: source for source in loaded.sources})


@asynccontextmanager
async def open_audit(
    run: AuditedRun,
    folder: Path,
    *,
    without: tuple[Role, ...] = (),
    seed: int = 7,
    transport: Transport | None = None,
    **simulator: Any,
) -> AsyncIterator[AuditContext]:
    """An audit that asks a simulated server; `simulator` are fields of its configuration, `without` seats it lacks.

    A `transport` answers in the place of the server.
    """
    config = SimulatorConfig(**{**FAST, "state_dir": run.memory, **simulator})
    own = simulated_seats()
    seats = SeatBook(
        endpoints={name: endpoint.model_copy(update={"max_tries": 2}) for name, endpoint in own.endpoints.items()},
        seats={role: seat for role, seat in own.seats.items() if role not in without},
    )
    settings = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=seats, seed=seed)
    async with TestServer(build_app(config)) as server:
        network = OpenAITransport({"simulated": str(server.make_url("/v1"))})
        journal = JournalWriter(folder / "audit.jsonl")
        recorder = Recorder(journal, seats, transport or network, slots=8, sleep=skip_sleep)
        records = read_run(run.journal)
        loop = LoopContext(records.facts.run_id, settings, load_canonical(), recorder)
        try:
            yield AuditContext("audit", loop, fit_run_noise(records.measured))
        finally:
            await recorder.drain()
            journal.close()
            await network.close()


def read_calls(folder: Path) -> list[dict[str, Any]]:
    """The calls of the audit in `folder`."""
    return [record.data for record in read_records(folder / "audit.jsonl") if record.kind == "call"]
