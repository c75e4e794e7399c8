"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of everything a user has.", envvar="AUTODATA_HOME")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress bar, no table.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, e.g. cs-0001.")]
