"""The command that generates verifiable tasks procedurally, as a file that `autodata filter` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer

from autodata.cli.options import JsonOption
from autodata.cli.output import print_json, report_errors, say
from autodata.errors import BadInput
from autodata.sources.generated import generate_items


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("generate")(generate)


def generate(
    package: Annotated[Literal["reasoning-gym"], typer.Argument(help="Where tasks come from.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="The file to write; it may not exist yet.")],
    tasks: Annotated[list[str], typer.Option("--tasks", help="A task by name; give it again for several.")],
    count: Annotated[int, typer.Option(min=1, help="Items of each task.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same items.")] = 0,
    json: JsonOption = False,
) -> None:
    """Write generated tasks with their answers, to be tried by weak and strong like any data of your own.

    Example: autodata generate reasoning-gym sums.jsonl --tasks chain_sum --count 100
    Then: autodata filter sums.jsonl --missing-rubric reference
    """
    with report_errors(json):
        lines = [orjson.dumps(item) for task in dict.fromkeys(tasks) for item in generate_items(task, count, seed)]
        try:
            with out.open("xb") as file:
                file.write(b"\n".join(lines) + b"\n")
        except FileExistsError:
            raise BadInput(f"{out} is there already; name another file") from None
        except OSError as error:
            raise BadInput(f"{out} cannot be written ({error.strerror or error})") from error
    if json:
        print_json({"path": str(out), "items": len(lines), "package": package})
    else:
        say(f"{len(lines):,} items in {out}. Try them: autodata filter {out} --missing-rubric reference")
