"""The simulated server as a child process that cannot outlive its parent.

The child watches its standard input: when the parent ends, however it ends, the pipe closes and the child leaves.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from autodata.errors import HeldElsewhere
from autodata.llm.simulator.config import Faults, JudgeBias, SimulatorConfig
from autodata.logs import set_aside

START_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A server that answers. `base_url` ends in /v1. Use as a context manager, or call `stop`."""

    base_url: str
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self.process.pid

    def stop(self, timeout_s: float = 5.0) -> None:
        """Close the child's input, on which it leaves, and wait for it. Safe to call twice."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> RunningSimulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_simulator(
    state_dir: Path,
    *,
    seed: int = 0,
    latency_s: float | None = None,
    latency_per_token_s: float | None = None,
    faults: Faults | None = None,
    judge_bias: JudgeBias | None = None,
    port: int = 0,
) -> RunningSimulator:
    """Start a server on the loopback interface and wait until it answers. Its messages go to state_dir/simulator.log.

    Raises HeldElsewhere with its last words when it does not come up: a taken port, a directory that cannot be written.
    """
    given = {
        "latency_s": latency_s,
        "latency_per_token_s": latency_per_token_s,
        "faults": faults,
        "judge_bias": judge_bias,
    }
    config = SimulatorConfig(seed=seed, state_dir=state_dir, **{k: v for k, v in given.items() if v is not None})
    state_dir.mkdir(parents=True, exist_ok=True)
    log_path = state_dir / "simulator.log"
    command = [
        sys.executable,
        "-m",
        "autodata.llm.simulator",
        "--config",
        config.model_dump_json(),
        "--port",
        str(port),
        "--child",
    ]
    set_aside(log_path)
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
    line = _read_line(process, START_TIMEOUT_S)
    if not line:
        process.kill()
        process.wait()
        words = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise HeldElsewhere(f"the simulated model server did not start: {words[0]} (all of it in {log_path})")
    return RunningSimulator(json.loads(line)["base_url"], process)


def _read_line(process: subprocess.Popen[bytes], timeout_s: float) -> bytes:
    """First line of the child's output, written once it answers; empty when it ended or stayed silent."""
    if process.stdout is None:
        return b""
    deadline = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            return b""
    return process.stdout.readline()
