"""The reference: the same requests from a bare aiohttp loop, nothing recorded, checked or tried again."""

from __future__ import annotations

import asyncio
import json

import aiohttp

from benchmarks.engine import make_sources, run_raw
from benchmarks.peering.work import Done, Job, finish, read_job, write_call


def main() -> None:
    job = read_job()
    asyncio.run(send_calls(job) if job.single else run_raw(job.address, make_sources(job.count), job.slots))
    finish(job, Done(job.count))


async def send_calls(job: Job) -> None:
    gate = asyncio.Semaphore(job.slots)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def send(number: int) -> None:
            message = {"role": "user", "content": write_call(number)}
            body = {"model": "fixed-weak", "messages": [message], "max_tokens": 900}
            async with gate, session.post(f"{job.address}/v1/chat/completions", json=body) as response:
                json.loads(await response.read())

        await asyncio.gather(*(send(number) for number in range(1, job.count + 1)))


if __name__ == "__main__":
    main()
