"""What is known of a server between calls: a small file beside its log, so that it outlives whoever started it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from autodata.errors import BadInput
from autodata.home import Home, check_name, is_name
from autodata.locks import take_lock
from autodata.serving.plan import ServerPlan
from autodata.serving.processes import Identity

LOCK_S = 30.0


class ServerState(BaseModel):
    """One server as last seen. Times are Unix seconds; None has not happened."""

    model_config = ConfigDict(frozen=True)

    plan: ServerPlan
    pid: int | None = None
    started: str = ""
    """When the process started, as the system words it: with the number it names one process for good."""
    token: str = ""
    started_at: float | None = None
    ready_at: float | None = None
    stopped_at: float | None = None
    registered: str = ""
    """The model's name that was written into the seats."""

    @property
    def identity(self) -> Identity | None:
        return Identity(self.pid, self.started) if self.pid else None


def list_servers(home: Home) -> list[str]:
    """Names of all servers that were ever started here."""
    return sorted(path.stem for path in _find_folder(home).glob("*.json") if is_name(path.stem))


def load_state(home: Home, name: str) -> ServerState | None:
    """The server's state; None when it was never started. Raises BadInput for a file that is none."""
    path = _find_folder(home) / f"{check_name(name, 'server')}.json"
    try:
        return ServerState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise BadInput(f"{path} does not describe a server ({type(error).__name__}); delete it") from error


def save_state(home: Home, state: ServerState) -> None:
    """Write the state as a whole or not at all."""
    path = _find_folder(home) / f"{state.plan.name}.json"
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.write_text(state.model_dump_json(indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def find_log(home: Home, name: str) -> Path:
    """Where the server writes; begun anew at each start."""
    return _find_folder(home) / f"{check_name(name, 'server')}.log"


@contextlib.contextmanager
def hold_server(home: Home, name: str) -> Iterator[None]:
    """Nobody else starts or stops this server meanwhile. Raises HeldElsewhere when somebody does for too long."""
    folder = _find_folder(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(folder / f"{check_name(name, 'server')}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror}") from error
    try:
        take_lock(fd, LOCK_S, f"server {name} is being started or stopped by another process; try again")
        yield
    finally:
        os.close(fd)


def _find_folder(home: Home) -> Path:
    return home.root / "servers"
