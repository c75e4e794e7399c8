"""Processes of a case: the command line, killed where a case says; the app, driven without a browser."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.home import Home

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 120.0
_PR_CAPBSET_DROP = 24
_CAPABILITY_VERSION = 0x20080522
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["autodata.cli", "benchmarks.faulting.processes"])
_BOUND = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: without them permission bits bind root, too."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended: its exit code, what a person read, the JSON object of its last line where it has one."""

    code: int
    said: str
    result: dict[str, Any]


class Command:
    """`autodata …` in a process and a group of its own, forked from a server that has the program loaded already."""

    def __init__(self, home: Home, *arguments: str, setup: Callable[[], object] | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="autodata-command-"))
        everything = [*arguments, "--home", str(home.root)]
        self._process = _PROCESSES.Process(target=_work, args=(everything, str(self._folder), setup))
        self._process.start()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        self.finish()

    def finish(self) -> Done:
        """Wait for its end; a command that does not end in time is killed and has code -9."""
        self._process.join(LIMIT_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        out, said = (self._read(name) for name in ("out", "err"))
        shutil.rmtree(self._folder, ignore_errors=True)
        lines = out.strip().splitlines()
        try:
            result = json.loads(lines[-1]) if lines else {}
        except ValueError:
            result = {}
        return Done(self._process.exitcode or 0, said.strip(), result)

    def _read(self, name: str) -> str:
        path = self._folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def run_command(home: Home, *arguments: str, setup: Callable[[], object] | None = None) -> Done:
    """`autodata … --json`, waited for."""
    return Command(home, *arguments, "--json", setup=setup).finish()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and what it started in its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_for(done: Callable[[], object], seconds: float = 60.0, pause: float = 0.002) -> bool:
    """Wait until `done`; False when it is not in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def bind_permissions() -> None:
    """In a new process: have permission bits bind, even for root. Only the process and its children are changed."""
    libc = ctypes.CDLL(None)
    header, mask = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), sum(1 << number for number in _BOUND)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, twice
    libc.capget(header, sets)
    for number in range(3):
        sets[number] &= ~mask
    for number in _BOUND:
        libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    libc.capset(header, sets)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """The real server on a home, asked through its own interface for programs: the whole page as a tree of values."""

    def __init__(self, home: Home, *, setup: Callable[[], object] | None = None) -> None:
        self.port = find_free_port()
        options = {
            "server.headless": "true",
            "server.address": "127.0.0.1",
            "server.port": str(self.port),
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
            "server.enableAgentApi": "true",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *flags],
            cwd=ROOT,
            env={**os.environ, "AUTODATA_HOME": str(home.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=setup,
        )
        if not wait_for(self._is_up, 90.0, 0.1):
            kill_group(self.process)
            raise RuntimeError("the app did not come up within 90 s")

    def ask(self, **request: Any) -> dict[str, Any]:
        """One interaction; the page after it. Raises OSError when the server is gone."""
        body = json.dumps(request).encode()
        address = f"http://127.0.0.1:{self.port}/_stcore/agent/interact"
        call = urllib.request.Request(address, body, {"content-type": "application/json"})
        with urllib.request.urlopen(call, timeout=60) as response:
            page: dict[str, Any] = json.loads(response.read())
            return page

    def open(self, page: str) -> dict[str, Any]:
        return self.ask(page=page)

    def kill(self) -> None:
        kill_group(self.process)
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, as a service manager would; SIGKILL when it does not end."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=1) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False


@contextmanager
def serve_app(home: Home, *, setup: Callable[[], object] | None = None) -> Iterator[App]:
    app = App(home, setup=setup)
    try:
        yield app
    finally:
        app.stop()


def _work(arguments: list[str], folder: str, setup: Callable[[], object] | None) -> None:
    """The child: its own group, its output in files, then the command line as it is installed."""
    os.setsid()
    os.chdir(ROOT)
    for number, name in ((1, "out"), (2, "err")):
        fd = os.open(Path(folder) / name, os.O_WRONLY | os.O_CREAT, 0o644)
        os.dup2(fd, number)
        os.close(fd)
    if setup is not None:
        setup()
    # Imported here: the server that forks has it loaded, the caller need not.
    from autodata.cli import main

    sys.argv = ["autodata", *arguments]
    main()


def find_action(page: dict[str, Any], prefix: str) -> str:
    """Key of the first button whose key begins so; "" where there is none."""
    return next((a["key"] for a in page.get("actions", ()) if str(a.get("key", "")).startswith(prefix)), "")


def read_page(page: dict[str, Any]) -> str:
    """Every word on a page."""
    return " ".join(_collect(page.get("tree", {})))


def _collect(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        if len(value) == 3 and isinstance(value[0], str) and isinstance(value[2], list):
            return [word for child in value[2] for word in _collect(child)]  # an element: its name is no word
        return [word for child in value for word in _collect(child)]
    if isinstance(value, dict):
        names = ("children", "props", "data", "tree", "label", "body", "value", "text", "message", "exception")
        return [word for name in names if name in value for word in _collect(value[name])]
    return []
