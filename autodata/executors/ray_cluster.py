"""Workers as Ray actors: connect to a cluster, start one, talk to it. The only file that knows Ray."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from autodata.errors import BadInput
from autodata.executors.choice import ExecutorChoice, reach_executor
from autodata.executors.hand import Link, WorkerLost
from autodata.executors.messages import Batch, Greeting, Order, Setup
from autodata.executors.worker import Worker

START_S = 60.0
"""The longest wait for a worker to be placed and to answer, in seconds: a full cluster places none."""

CLOSE_S = 3.0
"""How long a worker may take to close its connections before its process is ended, in seconds."""


class RayCluster:
    """A connection to a cluster. Made by `open_cluster`."""

    def __init__(self, ray: Any, workers: int | None) -> None:
        self._ray = ray
        machines = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
        self.hosts = {str(node["NodeManagerAddress"]) for node in machines}
        self.workers = workers or max(1, len(machines))

    async def hire(self, setup: Setup) -> tuple[Link, Greeting]:
        """Start one worker and wait until it is ready. Raises WorkerLost when it cannot be had in START_S seconds."""
        # The settings and keys go to the worker itself, not into the actor's creation, which the cluster stores.
        actor = (
            self._ray.remote(Worker)
            .options(num_cpus=1, max_restarts=0, max_task_retries=0, scheduling_strategy="SPREAD")
            .remote()
        )
        link = _RayLink(self._ray, actor)
        try:
            async with asyncio.timeout(START_S):
                greeting = await link.call(actor.greet.remote())
                await link.call(actor.open.remote(setup))
        except TimeoutError:
            self._ray.kill(actor)
            free = self._ray.available_resources().get("CPU", 0)
            raise WorkerLost(
                f"a worker was not placed within {START_S:.0f} s; each takes one CPU and the cluster has {free:g} free"
            ) from None
        except self._ray.exceptions.RayTaskError as error:
            self._ray.kill(actor)
            raise WorkerLost(f"a worker could not begin: {_say_cause(error)}") from None
        except BaseException:
            self._ray.kill(actor)
            raise
        return link, greeting


class _RayLink:
    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray, self._actor = ray, actor

    async def take(self, orders: list[Order]) -> None:
        await self.call(self._actor.take.remote(orders))

    async def collect(self) -> Batch:
        batch: Batch = await self.call(self._actor.collect.remote())
        return batch

    async def close(self) -> None:
        """A worker that does not close by itself is ended; one that is only thought to be gone, too."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.call(self._actor.close.remote())
        except TimeoutError:
            pass
        finally:
            self._ray.kill(self._actor)

    async def call(self, answer: Awaitable[Any]) -> Any:
        """An answer of the worker. Raises WorkerLost when it is gone, and what its own code raised as it is."""
        errors = self._ray.exceptions
        try:
            return await answer
        except errors.RayTaskError:
            raise
        except errors.RayError as error:
            raise WorkerLost(_say_lost(error)) from None


@contextmanager
def open_cluster(choice: ExecutorChoice) -> Iterator[RayCluster]:
    """Connect for as long as the block runs. Ray that this process had started before is used and left as it is.

    Raises BadInput when Ray is not installed or no cluster answers at the address.
    """
    reach_executor(choice)
    # Ray reports its use to its makers unless told not to; a person's run is nobody's business.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray: Any = importlib.import_module("ray")
    if ray.is_initialized():
        yield RayCluster(ray, choice.workers)
        return
    try:
        ray.init(
            address=choice.address or None,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if choice.address else {"include_dashboard": False}),
        )
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        where = f"at {choice.address}" if choice.address else "on this machine"
        raise BadInput(f"Ray could not be used {where}: {str(error).splitlines()[0]}") from error
    try:
        yield RayCluster(ray, choice.workers)
    finally:
        ray.shutdown()


def _say_cause(error: Exception) -> str:
    """The last line of a worker's traceback, which names what it failed with."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__


def _say_lost(error: Exception) -> str:
    """Ray's reason without its stack and its advice: the first line that is a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
