"""Work in processes of its own: started, asked to pause or stop through a file, waited for. Runs and audits alike."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from autodata.errors import BadInput
from autodata.locks import is_locked
from autodata.logs import set_aside

REQUESTS = ("pause", "stop")


def launch_command(arguments: Sequence[str], log: Path) -> int:
    """Run an `autodata` command in a process that outlives this one; returns its id. What it prints goes to `log`."""
    set_aside(log)
    with open(log, "ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "autodata.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    return process.pid


def write_request(control: Path, request: str) -> None:
    """Ask whoever watches the file to pause or stop; raises BadInput for another request."""
    if request not in REQUESTS:
        raise BadInput(f"request {request!r} is unknown; {' or '.join(REQUESTS)}")
    control.write_text(request, encoding="utf-8")


def read_request(control: Path) -> str | None:
    """What the file asks for; None for nothing, and where it cannot be read: then nobody could write it either."""
    try:
        return control.read_text(encoding="utf-8").strip()
    except OSError:
        return None


def wait_until_free(journal: Path, timeout_s: float) -> bool:
    """Wait until no process works on the journal; False when one still does after `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while is_locked(journal):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
