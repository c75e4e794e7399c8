"""The command line: `running` holds the commands on runs, `models` those on seats, `data` those on records,
`exporting` and `datasets` those on what leaves, `recipes` those on domains, `auditing` and
`labelling` those on audits, `filtering` the one on your own tasks,
`generating` the one that makes some, `optimizing` and `recipe_versions` those on the search for better recipes,
`reviewing` those on the team that reviews, `operating` those on a home as a whole."""

from __future__ import annotations

import typer

import autodata
from autodata.cli import (
    auditing,
    data,
    datasets,
    exporting,
    filtering,
    generating,
    importing,
    labelling,
    models,
    operating,
    optimizing,
    recipe_versions,
    recipes,
    reviewing,
    running,
)
from autodata.cli.group import CommandGroup

app = typer.Typer(
    name="autodata",
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Run loops that write training tasks, see what they do, and export what a person approved.\n\n"
    "Everything a user has lies in one folder: --home, or AUTODATA_HOME, default ./data.\n\n"
    "Exit codes: 0 done, 1 finished with a finding, 2 bad input, 3 stopped and resumable.",
)
running.add_commands(app)
models.add_commands(app)
data.add_commands(app)
exporting.add_commands(app)
datasets.add_commands(app)
importing.add_commands(app)
recipes.add_commands(app)
optimizing.add_commands(app)
recipe_versions.add_commands(app)
filtering.add_commands(app)
auditing.add_commands(app)
labelling.add_commands(app)
generating.add_commands(app)
reviewing.add_commands(app)
operating.add_commands(app)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(autodata.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Options of the whole program."""


def main() -> None:
    """Entry point of the `autodata` command."""
    app()
