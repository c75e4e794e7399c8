"""Options of the gate, the splits and the benchmarks, which an export and its dry run share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from autodata.dataset.contamination import ContaminationSettings
from autodata.dataset.formats import FormatOptions
from autodata.dataset.policies import GatePolicy, change_policy, find_policy
from autodata.errors import BadInput
from autodata.home import Home, check_name

PolicyOption = Annotated[
    str, typer.Option("--policy", help="The gate: approved, audited, certified, a policy of your own or a .toml file.")
]
QuorumOption = Annotated[
    int | None, typer.Option("--quorum", min=1, help="Fewest people who approved; a lead's last word counts for all.")
]
OnePerClusterOption = Annotated[
    bool, typer.Option("--one-per-cluster", help="Of near copies only the best by certified gap, then by gap.")
]
CertifiedOption = Annotated[
    float | None,
    typer.Option("--certified-above", min=-1, max=1, help="Lower end of the certified gap must lie above this."),
]
LeaveOutOption = Annotated[
    list[str] | None, typer.Option("--leave-out-run", metavar="RUN", help="Nothing of this run leaves; repeat.")
]
ValidationOption = Annotated[float, typer.Option("--validation", min=0, max=0.99, help="Share of the documents.")]
TestOption = Annotated[float, typer.Option("--test", min=0, max=0.99, help="Share of the documents.")]
SeedOption = Annotated[int, typer.Option("--split-seed", help="Draws other documents for validation and test.")]
BenchmarkOption = Annotated[
    list[Path] | None,
    typer.Option("--benchmark", help="File of a benchmark to compare with (.jsonl, .parquet, .csv, .txt); repeat."),
]
NgramOption = Annotated[int, typer.Option("--ngram", min=6, max=50, help="Words in a row that count as shared text.")]
ReportOnlyOption = Annotated[
    bool, typer.Option("--contaminated-too", help="Let tasks leave that share text with a benchmark, and report them.")
]


def choose_policy(
    home: Home,
    name: str,
    quorum: int | None,
    one_per_cluster: bool,
    certified_above: float | None,
    leave_out: list[str] | None,
) -> GatePolicy:
    changes: dict[str, Any] = {}
    if quorum is not None:
        changes["quorum"] = quorum
    if one_per_cluster:
        changes["one_per_cluster"] = True
    if certified_above is not None:
        changes["certified_low_above"] = certified_above
    if leave_out:
        changes["leave_out_runs"] = tuple(sorted(check_name(run, "run") for run in leave_out))
    return change_policy(find_policy(home, name), **changes)


def choose_options(sft_answer: str, sft_score_min: float | None) -> FormatOptions:
    if sft_answer not in ("strong", "reference"):
        raise BadInput(f"--sft-answer {sft_answer!r} is unknown; choose strong or reference")
    return FormatOptions(sft_answer=sft_answer, sft_score_min=sft_score_min)


def choose_benchmarks(files: list[Path] | None, ngram: int, report_only: bool) -> ContaminationSettings | None:
    if not files:
        return None
    action = "report" if report_only else "exclude"
    return ContaminationSettings(files=tuple(str(path) for path in files), ngram=ngram, action=action)


def find_empty_splits(validation: float, test: float, splits: Mapping[str, int]) -> list[str]:
    """Splits that were asked for and got no task."""
    return [name for name, share in (("validation", validation), ("test", test)) if share and not splits.get(name)]


def join_splits(splits: dict[str, int]) -> str:
    return ", ".join(f"{split} {count:,}" for split, count in splits.items())
