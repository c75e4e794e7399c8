"""The command that exports a dataset. `gating` holds its dry run, `datasets` the commands on versions."""

from __future__ import annotations

from typing import Annotated

import typer

from autodata.cli.data import open_reading_index
from autodata.cli.gate_options import (
    BenchmarkOption,
    CertifiedOption,
    LeaveOutOption,
    NgramOption,
    OnePerClusterOption,
    PolicyOption,
    QuorumOption,
    ReportOnlyOption,
    SeedOption,
    TestOption,
    ValidationOption,
    choose_benchmarks,
    choose_options,
    choose_policy,
    find_empty_splits,
    join_splits,
)
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import print_json, report_errors, say
from autodata.dataset.contamination import NGRAM
from autodata.dataset.formats import FORMATS
from autodata.dataset.gate import describe_reason
from autodata.dataset.plan import make_splits
from autodata.dataset.pushing import push_version
from autodata.dataset.versions import ExportResult, export_dataset
from autodata.errors import AutodataError
from autodata.home import Home, open_home
from autodata.index.database import Index
from autodata.index.ingest import ingest_home


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(export)


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")],
    formats: Annotated[
        list[str] | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; repeat for several.")
    ] = None,
    policy: PolicyOption = "approved",
    quorum: QuorumOption = None,
    one_per_cluster: OnePerClusterOption = False,
    certified_above: CertifiedOption = None,
    leave_out_run: LeaveOutOption = None,
    validation: ValidationOption = 0.0,
    test: TestOption = 0.0,
    split_seed: SeedOption = 0,
    benchmark: BenchmarkOption = None,
    ngram: NgramOption = NGRAM,
    contaminated_too: ReportOnlyOption = False,
    sft_answer: Annotated[
        str, typer.Option(help="What SFT imitates: strong (the best rollout) or reference.")
    ] = "strong",
    sft_score_min: Annotated[
        float | None, typer.Option(min=0, max=1, help="SFT leaves out strong rollouts below this score.")
    ] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="Reviewers' names as pseudonyms.")] = False,
    push: Annotated[
        str, typer.Option("--push", metavar="OWNER/NAME", help="Send it to this hub repository, too; writes format hf.")
    ] = "",
    reviewer: Annotated[str, typer.Option(help="Who exports; in a team with roles that takes a lead.")] = "",
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Export approved tasks as the next version of a dataset. Nothing leaves without a decision.

    Example: autodata export proofs --format grpo --format hf --policy audited --test 0.1
    """
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            result = export_dataset(
                place,
                index,
                name,
                formats=(*(formats or ("jsonl", "parquet")), *(["hf"] if push else [])),
                reviewer_pseudonyms=pseudonyms,
                by=reviewer,
                policy=choose_policy(place, policy, quorum, one_per_cluster, certified_above, leave_out_run),
                options=choose_options(sft_answer, sft_score_min),
                splits=make_splits(validation, test, split_seed),
                contamination=choose_benchmarks(benchmark, ngram, contaminated_too),
            )
            url = _push(place, index, result, push) if push else None
        for reason, count in result.excluded.items():
            say(f"Held back: {describe_reason(reason, count)}")
        say(f"{result.items} tasks in {result.path}")
        if url:
            say(f"Sent: {url}")
        if validation or test:
            say(f"Splits: {join_splits(result.splits)}")
        for split in find_empty_splits(validation, test, result.splits):
            say(f"No document fell to {split}; there are few. Another --split-seed draws others.", "yellow")
        if json:
            print_json(
                {
                    "path": str(result.path),
                    "version": result.version,
                    "hash": result.hash,
                    "items": result.items,
                    "excluded": result.excluded,
                    "splits": result.splits,
                    **({"url": url} if url else {}),
                }
            )


def _push(place: Home, index: Index, result: ExportResult, repo: str) -> str:
    """The version stands whatever the hub says; then the words of the error say how to send it again."""
    ingest_home(index, place)
    try:
        return push_version(place, index, result.name, result.version, repo)
    except AutodataError as error:
        label = f"{result.name}/{result.version}"
        again = f"autodata dataset push {label} {repo}"
        raise type(error)(f"{label} was written, not sent: {error} Again: {again}") from error
