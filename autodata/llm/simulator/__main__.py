"""`python -m autodata.llm.simulator`: serve until told to stop. Prints one JSON line with the address when ready."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path

from pydantic import ValidationError

from autodata.llm.simulator.config import Faults, SimulatorConfig
from autodata.llm.simulator.server import serve

_FAULT_RATES = ("rate_limited", "server_error", "hang", "malformed", "truncated", "empty", "reset", "drip", "giant")


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 stopped, 2 bad option, port taken or state directory not usable."""
    options = _parse(arguments)
    try:
        config = _make_config(options)
    except ValidationError as error:
        print(f"simulator: {error.errors()[0]['msg']}", file=sys.stderr)
        return 2
    if options.child:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        asyncio.run(serve(config, options.host, options.port, lambda port: _announce(options.host, port)))
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m autodata.llm.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="directory where written tasks are remembered")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=SimulatorConfig().latency_s, help="seconds per request")
    parser.add_argument(
        "--latency-per-token", type=float, default=SimulatorConfig().latency_per_token_s, help="seconds"
    )
    for name in _FAULT_RATES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=0.0, help="share of requests, 0 to 1")
    parser.add_argument("--down-after", type=int, help="drop every connection after so many chat requests")
    parser.add_argument("--config", help="all settings as JSON, instead of the options above")
    parser.add_argument("--child", action="store_true", help="leave when standard input closes")
    return parser.parse_args(arguments)


def _make_config(options: argparse.Namespace) -> SimulatorConfig:
    if options.config:
        return SimulatorConfig.model_validate_json(options.config)
    faults = Faults(down_after=options.down_after, **{name: getattr(options, name) for name in _FAULT_RATES})
    return SimulatorConfig(
        seed=options.seed,
        latency_s=options.latency,
        latency_per_token_s=options.latency_per_token,
        state_dir=options.state,
        faults=faults,
    )


def _announce(host: str, port: int) -> None:
    print(json.dumps({"base_url": f"http://{host}:{port}/v1"}), flush=True)


def _leave_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
