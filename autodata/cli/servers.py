"""The commands `autodata models up | down | status`: model servers on this machine."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import DONE, FINDING, console, make_printable, print_json, print_table, report_errors, say
from autodata.errors import BadInput
from autodata.home import Home, open_home
from autodata.serving.control import ServerView, start_server, stop_server, wait_for_server, watch_server
from autodata.serving.plan import ServerPlan, make_plan
from autodata.serving.state import find_log, list_servers, load_state

app = typer.Typer(
    name="models",
    no_args_is_help=True,
    help="Start, watch and stop model servers (vLLM) on this machine; they give themselves their seats.",
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The seat it is for (weak, strong, judge …), or any name with --seat.")
]


@app.command()
def up(
    name: NameArgument,
    extra: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- ARGUMENTS", help="Passed on to the server, after `--`."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="A name on its hub, or a folder. Left out: as last time.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Usual: weak 8001, strong 8002.")] = None,
    host: Annotated[str | None, typer.Option(help="Where it listens; 0.0.0.0 for other machines too.")] = None,
    gpus: Annotated[str | None, typer.Option(help="GPUs by number, such as 0,1 (CUDA_VISIBLE_DEVICES).")] = None,
    data_parallel: Annotated[int | None, typer.Option(min=1, help="Copies of the model side by side.")] = None,
    max_len: Annotated[int | None, typer.Option(min=1, help="Longest prompt and answer together, in tokens.")] = None,
    served_as: Annotated[str | None, typer.Option(help="The model's name in requests.")] = None,
    command: Annotated[
        list[str] | None,
        typer.Option(
            help="The program, a word at a time (--command /PATH/vllm --command serve). With {port} in a word it is a "
            "whole command of any server; {model}, {host}, {max_len}, {data_parallel} are filled in too."
        ),
    ] = None,
    seat: Annotated[list[str] | None, typer.Option(help="A seat it plays; may be given several times.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait until it answers; 0 does not wait.")] = 900.0,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Start a model server, wait until it answers, and write it into the seats. Does nothing when it runs as asked."""
    with report_errors(json):
        place = open_home(home)
        given: dict[str, Any] = {
            "model": model,
            "port": port,
            "host": host,
            "gpus": _read_gpus(gpus),
            "data_parallel": data_parallel,
            "max_len": max_len,
            "served_as": served_as,
            "command": tuple(command) if command else None,
            "extra": tuple(extra) if extra else None,
            "seats": tuple(seat) if seat else None,
        }
        plan = _complete_plan(place, name, {key: value for key, value in given.items() if value is not None})
        if not start_server(place, plan):
            say(f"server {name} runs already as asked")
        view = _wait(place, name, wait)
        if json:
            print_json(_describe(view))
        else:
            _print_view(view)
            if view.phase == "ready" and plan.seats:
                say(f"use it: autodata run PATH --models {place.seats}")
    raise typer.Exit(DONE if view.phase in ("ready", "starting") else FINDING)


@app.command()
def down(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One server; left out: every one.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Stop a model server, or all of them. Does nothing for one that does not run."""
    with report_errors(json):
        place = open_home(home)
        stopped = [one for one in ([name] if name else list_servers(place)) if stop_server(place, one)]
        if json:
            print_json({"stopped": stopped})
        else:
            say(f"stopped {', '.join(stopped)}" if stopped else "no server was running")


@app.command()
def status(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One server, with the end of its log.")] = None,
    lines: Annotated[int, typer.Option(min=0, help="Lines of its log to show.")] = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Say which model servers run here, and why one died."""
    with report_errors(json):
        place = open_home(home)
        names = [name] if name else list_servers(place)
        views = [view for one in names if (view := watch_server(place, one, lines=lines)) is not None]
        if name and not views:
            known = ", ".join(list_servers(place)) or "none was ever started"
            raise BadInput(f"there is no server {name!r} here; known: {known}")
        if json:
            print_json({"servers": [_describe(view) for view in views]})
        elif name:
            _print_view(views[0])
            say(f"whole log: {find_log(place, name)}")
        elif views:
            rows = [[v.plan.name, v.phase, v.plan.model_name, v.sentence] for v in views]
            print_table("", ["Server", "State", "Model", "What it does"], rows)
        else:
            say("no server was started here yet: autodata models up weak --model MODEL")
    if any(view.phase in ("died", "silent") for view in views):
        raise typer.Exit(FINDING)


def _complete_plan(home: Home, name: str, given: dict[str, Any]) -> ServerPlan:
    """A plan from what was given; without a model it is the last one, changed by what was given."""
    if "model" in given:
        return make_plan({"name": name, **given})
    state = load_state(home, name)
    if state is None:
        raise BadInput(f"server {name} was never started here; say which model: --model NAME-OR-FOLDER")
    return make_plan({**state.plan.model_dump(), **given})


def _read_gpus(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError:
        raise BadInput(f"GPUs {text!r} are not numbers such as 0,1") from None


def _wait(home: Home, name: str, seconds: float) -> ServerView:
    with console.status(make_printable(f"starting server {name}")) as shown:

        def show(view: ServerView) -> None:
            last = view.tail[-1][:100] if view.tail else ""
            shown.update(make_printable(f"starting server {name}, {view.seconds or 0:.0f} s  {last}"))

        return wait_for_server(home, name, seconds, show)


def _print_view(view: ServerView) -> None:
    bad = view.phase in ("died", "silent")
    say(f"{view.plan.name}: {view.sentence}", "red" if bad else None)
    if view.phase != "ready":
        for line in view.tail:
            say(f"  {line}", "dim")


def _describe(view: ServerView) -> dict[str, Any]:
    return {
        "name": view.plan.name,
        "phase": view.phase,
        "sentence": view.sentence,
        "model": view.plan.model_name,
        "base_url": view.plan.base_url,
        "models": list(view.models),
        "pid": view.pid,
        "seconds": view.seconds,
        "seats": list(view.plan.seats),
        "tail": list(view.tail),
    }
