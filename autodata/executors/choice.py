"""Where a run works: in one process, or on a Ray cluster. Not a setting of the run: it changes none of its results."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autodata.errors import BadInput

EXECUTORS = ("local", "ray")
WORKERS_MAX = 1024
REACH_S = 5.0
"""The longest wait for a cluster's head, in seconds."""


@dataclass(frozen=True, slots=True)
class ExecutorChoice:
    """`address` is HOST:PORT of the cluster's head; "" takes the cluster of this machine, or starts Ray here alone.

    `workers`: processes that work on sources; None is one per machine of the cluster.
    """

    kind: str = "local"
    address: str = ""
    workers: int | None = None

    @property
    def is_local(self) -> bool:
        return self.kind == "local"


LOCAL = ExecutorChoice()
"""One process on this machine."""


def make_choice(kind: str, address: str = "", workers: int | None = None) -> ExecutorChoice:
    """Check a choice as a person makes it. Raises BadInput naming what does not fit and the remedy."""
    if kind not in EXECUTORS:
        raise BadInput(f"executor {kind!r} is unknown; {' or '.join(EXECUTORS)}")
    if kind == "local" and (address or workers):
        given = f"the address {address!r}" if address else f"{workers} workers"
        raise BadInput(f"{given} can only be used on a cluster: add --executor ray, or leave it out")
    if workers is not None and not 1 <= workers <= WORKERS_MAX:
        raise BadInput(f"{workers} workers: give 1 to {WORKERS_MAX}, or leave it out for one per machine")
    if "://" in address:
        raise BadInput(
            f"address {address!r} is not HOST:PORT; give the one that `ray start --head` printed, such as "
            "10.0.0.5:6379, on a machine of the cluster"
        )
    return ExecutorChoice(kind, address.strip(), workers)


def require_executor(choice: ExecutorChoice) -> None:
    """Raise BadInput when what the choice needs is not installed."""
    if not choice.is_local and importlib.util.find_spec("ray") is None:
        raise BadInput(
            "Ray is not installed here, and --executor ray needs it: run `pip install -r requirements-ray.txt`, or "
            "leave the option out to work in one process"
        )


def reach_executor(choice: ExecutorChoice) -> None:
    """Raise BadInput when what the choice needs is not installed, or nobody answers at its address.

    Ray itself waits a minute for a head that is not there.
    """
    require_executor(choice)
    if choice.address:
        _check_head(choice.address)


def describe_choice(choice: ExecutorChoice, before: ExecutorChoice = LOCAL) -> dict[str, Any]:
    """The choice as a record holds it; nothing where it is the same as before."""
    return {} if choice == before else {"executor": asdict(choice)}


def read_choice(choice: ExecutorChoice, data: Mapping[str, Any]) -> ExecutorChoice:
    """The choice after a record; what it does not name stays."""
    return ExecutorChoice(**data["executor"]) if data.get("executor") else choice


def render_choice(choice: ExecutorChoice | None) -> list[str]:
    """The choice as options of the command line; None for what the run had last."""
    if choice is None:
        return []
    address = ["--address", choice.address] if choice.address else []
    workers = ["--workers", str(choice.workers)] if choice.workers else []
    return ["--executor", choice.kind, *address, *workers]


def _check_head(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise BadInput(f"address {address!r} is not HOST:PORT, such as 10.0.0.5:6379")
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_S).close()
    except OSError as error:
        raise BadInput(
            f"no Ray cluster answers at {address} ({error.strerror or error}); start its head with `ray start --head "
            "--port=6379`, and the other machines with `ray start --address=HEAD:6379`"
        ) from error
