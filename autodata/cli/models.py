"""Commands on models: check the seats, serve the simulated ones; `servers` holds those on real ones."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from autodata import runs
from autodata.cli import servers
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import DONE, FINDING, print_json, print_table, report_errors, say
from autodata.home import open_home
from autodata.llm.check import test_seats
from autodata.llm.quirks import open_quirks
from autodata.llm.seat import SIMULATED, check_roles, load_seats
from autodata.llm.simulator import Faults, SimulatorConfig, serve


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(check)
    app.command()(simulate)
    app.add_typer(servers.app)


def check(
    models: Annotated[
        str, typer.Argument(metavar="SEATS", help="'simulated', or the path of a seats file.")
    ] = SIMULATED,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Test every seat with one small call ("say ok") and say what to do about each that fails."""
    with report_errors(json):
        book, place = load_seats(models), open_home(home)
        with runs.open_addresses(place, book) as addresses:
            tests = asyncio.run(test_seats(book, addresses, open_quirks(place, book)))
    for warning in check_roles(book):
        say(f"warning: {warning}", "yellow")
    if json:
        print_json({"seats": {role: {"ok": test.ok, "message": test.message} for role, test in tests.items()}})
    else:
        print_table(
            "", ["Seat", "", "What it said"], [[r, "ok" if t.ok else "failed", t.message] for r, t in tests.items()]
        )
    raise typer.Exit(DONE if all(test.ok for test in tests.values()) else FINDING)


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 picks a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the models' abilities and of the faults.")] = 0,
    latency_ms: Annotated[float, typer.Option(min=0, help="Time before an answer, in milliseconds.")] = 5.0,
    rate_limited: Annotated[float, typer.Option(min=0, max=1, help="Share of requests answered with 429.")] = 0.0,
    server_error: Annotated[float, typer.Option(min=0, max=1, help="Share answered with 500.")] = 0.0,
    hang: Annotated[float, typer.Option(min=0, max=1, help="Share never answered.")] = 0.0,
    malformed: Annotated[float, typer.Option(min=0, max=1, help="Share of agents' replies with broken JSON.")] = 0.0,
    truncated: Annotated[float, typer.Option(min=0, max=1, help="Share cut off (finish_reason length).")] = 0.0,
    empty: Annotated[float, typer.Option(min=0, max=1, help="Share empty: all tokens spent on reasoning.")] = 0.0,
    home: HomeOption = None,
) -> None:
    """Serve the simulated models over HTTP (OpenAI-compatible) until Ctrl+C. They are not real models.

    Use it from a seats file with base_url = "http://127.0.0.1:PORT/v1" to try faults on a run.
    """
    with report_errors():
        faults = Faults(
            rate_limited=rate_limited,
            server_error=server_error,
            hang=hang,
            malformed=malformed,
            truncated=truncated,
            empty=empty,
        )
        config = SimulatorConfig(
            seed=seed, latency_s=latency_ms / 1000, faults=faults, state_dir=open_home(home).simulator
        )
        asyncio.run(
            serve(config, port=port, on_ready=lambda real: typer.echo(f"http://127.0.0.1:{real}/v1 (simulated models)"))
        )
