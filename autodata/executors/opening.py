"""From a choice to what works on a run's sources: nothing but the loop itself, or a fleet on a cluster."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from autodata.errors import BadInput
from autodata.executors.choice import ExecutorChoice
from autodata.executors.fleet import Fleet
from autodata.executors.messages import Setup
from autodata.executors.ray_cluster import RayCluster, open_cluster
from autodata.llm.seat import SeatBook
from autodata.recorder import Recorder


@contextmanager
def open_executor(choice: ExecutorChoice, seats: SeatBook) -> Iterator[RayCluster | None]:
    """The cluster that is to be worked on, None for this process, for as long as the block runs.

    Raises BadInput when the cluster cannot be used, or could not reach the models.
    """
    if choice.is_local:
        yield None
        return
    with open_cluster(choice) as cluster:
        _check_reach(seats, cluster)
        yield cluster


@asynccontextmanager
async def open_fleet(cluster: RayCluster | None, setup: Setup, recorder: Recorder) -> AsyncIterator[Fleet | None]:
    """The run's workers, None without a cluster, for as long as the block runs."""
    if cluster is None:
        yield None
        return
    fleet = Fleet(lambda: cluster.hire(setup), cluster.workers, recorder)
    try:
        await fleet.open()
        yield fleet
    finally:
        await fleet.close()


def gather_keys(seats: SeatBook) -> dict[str, str]:
    """The keys of the endpoints in use, by environment variable, from this process's environment."""
    used = {seats.endpoints[seat.endpoint].api_key_env for seat in seats.seats.values()}
    return {variable: os.environ[variable] for variable in used if variable and variable in os.environ}


def _check_reach(seats: SeatBook, cluster: RayCluster) -> None:
    if seats.simulated and len(cluster.hosts) > 1:
        raise BadInput(
            f"the simulated models answer on this machine only, and the cluster has {len(cluster.hosts)} machines: "
            "take seats with addresses that all of them reach, or leave --executor ray out"
        )
