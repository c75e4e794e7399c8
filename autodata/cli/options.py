"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autodata.executors.choice import WORKERS_MAX
from autodata.frugal import Frugality
from autodata.settings import COUNT_MAX

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of everything a user has.", envvar="AUTODATA_HOME")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress bar, no table.")]
BudgetCalls = Annotated[
    int | None, typer.Option("--budget-calls", min=0, max=COUNT_MAX, help="Pause after so many calls; 0 for no limit.")
]
BudgetTokens = Annotated[
    int | None,
    typer.Option("--budget-tokens", min=0, max=COUNT_MAX, help="Pause after so many tokens; 0 for no limit."),
]
BudgetCost = Annotated[
    float | None,
    typer.Option(
        "--budget-cost", min=0, max=COUNT_MAX, help="Pause at this cost, in the price table's currency; 0 for no limit."
    ),
]
StopBelow = Annotated[
    float | None,
    typer.Option("--stop-below", min=0, max=0.99, help="Pause when acceptance is below this share; 0 for never."),
]
StopAfter = Annotated[
    int | None, typer.Option("--stop-after", min=1, help="Sources to finish before --stop-below says anything.")
]
FrugalOption = Annotated[
    Frugality,
    typer.Option(
        "--frugal",
        help="Ask for no answer that can no longer change a round's decision: as few at a time as could settle it, or "
        "in two batches a side, which is faster and saves less.",
    ),
]
WeakSpreadMin = Annotated[
    float | None,
    typer.Option(
        "--weak-spread-min",
        min=0,
        max=0.5,
        help="Also require this standard deviation of the weak scores: GRPO learns nothing from equal ones.",
    ),
]
ExecutorOption = Annotated[
    str | None,
    typer.Option(
        "--executor", help="local: one process here. ray: workers on a Ray cluster. Default: as last time, else local."
    ),
]
AddressOption = Annotated[
    str,
    typer.Option("--address", metavar="HOST:PORT", help="Head of the Ray cluster; without it this machine's own."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, max=WORKERS_MAX, help="Worker processes on the cluster; default: one a machine."),
]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, e.g. cs-0001.")]
