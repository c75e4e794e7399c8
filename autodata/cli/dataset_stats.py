"""Commands that look into a version: what it would teach, its card, a blind sample of it, and sending it to a hub."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from autodata.cli.data import open_reading_index
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import format_score, print_json, print_table, report_errors, say
from autodata.dataset.card import gather_facts, render_card
from autodata.dataset.folder import read_manifest
from autodata.dataset.plan import ExportPlan
from autodata.dataset.pushing import push_version
from autodata.dataset.sample_fold import Sample, SampleSummary, summarise_sample
from autodata.dataset.sampling import (
    DEFAULT_SIZE,
    current_samples,
    draw_sample,
    find_sample,
    next_item,
    record_verdict,
)
from autodata.dataset.selection import select_tasks
from autodata.dataset.stats import DatasetStats, measure_dataset
from autodata.errors import BadInput
from autodata.home import Home, check_name, open_home
from autodata.index.auditing import audit_pending
from autodata.index.database import Index
from autodata.index.queries.dataset_stats import BINS
from autodata.index.queries.dataset_versions import list_members

LabelArgument = Annotated[str, typer.Argument(metavar="NAME/vN", help="A version, e.g. proofs/v001.")]
TargetArgument = Annotated[
    str | None, typer.Argument(metavar="[NAME/vN]", help="A version, e.g. proofs/v001; or give --approved.")
]
ApprovedOption = Annotated[
    bool, typer.Option("--approved", help="All approved tasks that would leave now, instead of a version.")
]
_BAR = 40


def show_stats(
    label: TargetArgument = None, approved: ApprovedOption = False, home: HomeOption = None, json: JsonOption = False
) -> None:
    """What a trainer may expect: weak pass rates and tasks without a GRPO signal, cut-off answers, lengths, copies."""
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            audit_pending(index, place)
            name, version, tasks = _choose(place, index, label, approved)
            stats = measure_dataset(index, tasks)
        _print_stats(f"{name}/{version}" if name else "approved tasks", stats)
        if json:
            print_json(stats.describe())


def show_card(label: LabelArgument, home: HomeOption = None) -> None:
    """Print a version's card as it reads today, with the samples and labels given since the export."""
    with report_errors():
        place = open_home(home)
        name, version = split_label(label)
        manifest = read_manifest(place, name, version)
        with open_reading_index(place) as index:
            audit_pending(index, place)
            facts = gather_facts(index, list_members(index, name, version), manifest)
        typer.echo(render_card(place.datasets / name / version, manifest, facts))


def take_sample(
    label: TargetArgument = None,
    approved: ApprovedOption = False,
    size: Annotated[int, typer.Option(min=1, help="Tasks to draw. 59 clean of 59 bound the rest below 5 %.")] = (
        DEFAULT_SIZE
    ),
    seed: Annotated[str, typer.Option(help="Of the draw; without it, a hash of what is drawn from.")] = "",
    sample: Annotated[str, typer.Option("--sample", help="Id of a sample that was drawn before.")] = "",
    show_next: Annotated[
        bool, typer.Option("--next", help="Print the next task to judge, without what is said of it.")
    ] = False,
    verdict: Annotated[
        tuple[str, str] | None, typer.Option("--verdict", metavar="TASK clean|defect", help="Judge a drawn task.")
    ] = None,
    note: Annotated[str, typer.Option(help="What is wrong with it.")] = "",
    reviewer: Annotated[str, typer.Option(help="Who draws or judges.")] = "",
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a blind random sample, judge it, and see which share of defective tasks it leaves room for.

    Example: autodata dataset sample proofs/v001 --next --reviewer Ada
    """
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            drawn = _find_or_draw(place, index, label, approved, size, seed, sample, reviewer)
            if verdict:
                record_verdict(place, index, drawn.sample_id, verdict[0], verdict[1], reviewer=reviewer, note=note)
                drawn = find_sample(place, drawn.sample_id)
            if show_next:
                _print_next(place, index, drawn, reviewer)
        summary = summarise_sample(drawn)
        say(f"Sample {summary.sample_id} of {summary.target}: {summary.sentence}")
        if json:
            print_json(_describe_sample(drawn, summary))


def push(
    label: LabelArgument,
    repo: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Dataset repository; made, private, if needed.")],
    public: Annotated[bool, typer.Option("--public", help="Make a new repository public.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Send a version's Hugging Face folder to a hub. Takes HF_TOKEN; needs pip install huggingface_hub."""
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            url = push_version(place, index, *split_label(label), repo, private=not public)
        say(f"Sent: {url}")
        if json:
            print_json({"url": url})


def split_label(label: str) -> tuple[str, str]:
    """NAME/vN as its two parts; raises BadInput for anything else."""
    name, slash, version = label.partition("/")
    if not slash or "/" in version:
        raise BadInput(f"{label!r} is no version; give it as NAME/vN, e.g. proofs/v001")
    return check_name(name, "dataset"), check_name(version, "version")


def _choose(place: Home, index: Index, label: str | None, approved: bool) -> tuple[str, str, list[str]]:
    """Name, version and tasks of what was asked for; the first two are "" for what would leave now."""
    if approved == bool(label):
        raise BadInput("give either a version, e.g. proofs/v001, or --approved")
    if not label:
        tasks = [facts.task_id for facts in select_tasks(index, ExportPlan()).stream_leaving()]
        if not tasks:
            raise BadInput("no task would leave; approve some on the Review page or with `autodata decide`")
        return "", "", tasks
    name, version = split_label(label)
    read_manifest(place, name, version)
    return name, version, list_members(index, name, version)


def _find_or_draw(
    place: Home,
    index: Index,
    label: str | None,
    approved: bool,
    size: int,
    seed: str,
    sample_id: str,
    reviewer: str,
) -> Sample:
    """The sample named, or the newest of the target while no seed is given, or a new one."""
    if sample_id:
        return find_sample(place, sample_id)
    name, version, tasks = _choose(place, index, label, approved)
    known = [one for one in current_samples(place).find(name, version) if not seed]
    if known:
        return known[-1]
    drawn = draw_sample(place, index, tasks, name=name, version=version, size=size, seed=seed, by=reviewer)
    say(f"Drawn: {len(drawn.task_ids):,} of {drawn.population:,} tasks with seed {drawn.seed}.")
    return drawn


def _print_next(place: Home, index: Index, sample: Sample, reviewer: str) -> None:
    item = next_item(place, index, sample.sample_id, reviewer)
    if item is None:
        say(f"{reviewer} has judged every task of this sample.")
        return
    task = item.task
    say(f"{item.place} of {item.size}: {task.task_id}")
    parts = [("Context", task.context), ("Question", task.question), ("Reference", task.reference_answer)]
    parts += [("Rubric", "\n".join(f"{one.id} ({one.weight:+g}) {one.criterion}" for one in task.rubric))]
    parts += [
        (f"{one.solver.capitalize()} answer {one.index + 1}, {one.status}, score {format_score(one.score)}", one.answer)
        for one in task.answers
    ]
    for title, text in parts:
        if text:
            print_table(title, [""], [[text]])


def _describe_sample(sample: Sample, summary: SampleSummary) -> dict[str, Any]:
    return {
        "sample_id": summary.sample_id,
        "target": summary.target,
        "seed": summary.seed,
        "population": summary.population,
        "size": summary.size,
        "judged": summary.judged,
        "defects": summary.defects,
        "own": summary.own,
        "upper": summary.upper,
        "lower": summary.lower,
        "confidence": summary.confidence,
        "complete": summary.complete,
        "task_ids": list(sample.task_ids),
    }


def _print_stats(title: str, stats: DatasetStats) -> None:
    measures, signal = stats.measures, stats.signal
    missing = measures.asked - measures.found
    say(f"{title}: {measures.found:,} tasks" + (f", {missing:,} are not in this home any more" if missing else ""))
    if measures.simulated:
        say(f"SIMULATED: {measures.simulated:,} of them come from built-in models.", "yellow")
    most = max((*measures.weak_bins, *measures.strong_bins), default=0) or 1
    rows = [
        [f"{number / BINS:.1f}–{(number + 1) / BINS:.1f}", weak, "▇" * round(_BAR * weak / most), strong, gap]
        for number, (weak, strong, gap) in enumerate(
            zip(measures.weak_bins, measures.strong_bins, measures.gap_bins, strict=True)
        )
    ]
    print_table("", ["Score", "Weak", "", "Strong", "Gap"], rows, numbers=("Weak", "Strong", "Gap"))
    shares: list[tuple[str, float | None]] = [
        ("weak rollouts all 0 (no GRPO signal)", signal.all_zero),
        ("weak rollouts all 1 (no GRPO signal)", signal.all_one),
        ("weak rollouts all equal", signal.equal),
        *((f"GRPO groups of {size} without spread, expected", share) for size, share in signal.no_spread.items()),
        ("weak answers cut off", stats.truncated["weak"]),
        ("strong answers cut off", stats.truncated["strong"]),
        ("near copies of another task", stats.near_copies),
        ("sources of the runs that are used", stats.coverage),
    ]
    shown = [[words, "–" if share is None else f"{100 * share:.1f} %"] for words, share in shares]
    print_table("", ["Share", ""], shown, numbers=("",))
    lengths = [
        [name, f"{one.median:,.0f}", f"{one.p95:,.0f}", f"{one.largest:,.0f}", f"{one.total:,.0f}",
         stats.token_source[name]]
        for name, one in stats.tokens.items()
    ]  # fmt: skip
    numbers = ("Median", "95 %", "Largest", "Total")
    print_table("", ["Tokens", *numbers, ""], lengths, numbers=numbers)
    for word, counts in (("Bands", measures.bands), ("Tags", measures.tags), ("Domains", measures.domains)):
        say(f"{word}: " + (", ".join(f"{name or 'none'} {n:,}" for name, n in counts.items()) or "none"))
