"""The product: the loop as `autodata run` does it, journal on; single calls through a run's recorder, journal on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from autodata.history import CallKey
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.llm.client import OpenAITransport
from autodata.recorder import Recorder
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import Loaded
from benchmarks.engine import RECIPE, make_settings, make_sources
from benchmarks.peering.work import Done, Job, finish, read_job, write_call


def main() -> None:
    job = read_job()
    home = Home(Path(job.folder))
    settings = make_settings(job.address, job.slots)
    if job.single:
        finish(job, Done(asyncio.run(send_calls(job, settings, Path(job.folder) / "calls.jsonl"))))
    runs = sorted(home.runs.iterdir()) if job.resume else []
    run_id = runs[0].name if runs else create_run(home, settings, RECIPE, Loaded(sources=make_sources(job.count)))
    finish(job, Done(execute_run(home, run_id).totals["accepted"]))


async def send_calls(job: Job, settings: RunSettings, path: Path) -> int:
    """Single calls, recorded and retried as those of a run; returns how many were answered."""
    transport = OpenAITransport()
    with JournalWriter(path) as journal:
        recorder = Recorder(journal, settings.seats, transport, slots=job.slots)

        async def send(number: int) -> str:
            body = {
                "model": "fixed-weak",
                "messages": [{"role": "user", "content": write_call(number)}],
                "max_tokens": 900,
            }
            call = await recorder.call(CallKey(f"{number:05d}", 1, "weak"), body, template_sha="")
            return call.reply.content

        try:
            replies = await asyncio.gather(*(send(number) for number in range(1, job.count + 1)))
        finally:
            await transport.close()
        await recorder.drain()
    return sum(bool(reply) for reply in replies)


if __name__ == "__main__":
    main()
