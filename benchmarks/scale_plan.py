"""What gives in first when the work grows: a model of every stage's capacity, for plans from a laptop to hundreds of
replicas, out of measured costs.

    python -m benchmarks.scale_plan                    the table
    python -m benchmarks.scale_plan --write            also into docs/scale.md
    python -m benchmarks.scale_plan --costs FILE       with what `python -m benchmarks.scale --json` measured elsewhere

A run is a pipe: sources enter, every source costs so many calls, records and bytes, and each stage takes so much of one
second for each. The stage whose share of a second is used up first sets the pace of all others, so the slowest one is
found by dividing (operational analysis: the bottleneck law, Denning and Buzen 1978, doi:10.1145/356733.356735). Nothing
is queued for good: the engine sends no call before a slot is free.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.report import print_report

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
BEGIN, END = "<!-- plan: begin -->", "<!-- plan: end -->"
DAY_S = 86_400
MEMORY_BYTES_PER_TASK = 350.0
"""Of the narrow columns that pages scan: what the database would like to keep."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What one source takes, as measured. `calls`, `records` and `tokens` are per source of a run with a calibrated
    mix of outcomes; `accepted` is the share of sources that end in an accepted task.

    Seconds are those of one core, bytes those of the disk. `call_s` is the time a model takes for one call at the
    concurrency of one replica, `slots` how many calls one replica answers at once.
    """

    calls: float = 73.1
    records: float = 128.5
    tokens: float = 93_500.0
    accepted: float = 0.75
    call_s: float = 8.0
    slots: float = 64.0
    engine_s: float = 0.0015
    append_s: float = 0.000012
    record_bytes: float = 4_590.0
    ingest_s: float = 1 / 19_600
    audit_s: float = 0.0084
    index_bytes: float = 19_000.0
    packed: float = 1 / 14.2
    review_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is set up. `engines` are processes with a core each, `homes` homes with an app (and an ingest thread) each;
    `reviewers` people who decide six hours a day, on a share `looked_at` of what was accepted.
    """

    name: str
    sources: int
    replicas: int
    engines: int = 1
    homes: int = 1
    reviewers: int = 1
    looked_at: float = 1.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the system: how many sources a second it can take, and what to do when it is the slowest."""

    name: str
    rate: float
    remedy: str


PLANS = (
    Plan("a demo", 100, 1),
    Plan("a study", 10_000, 4),
    Plan("a dataset", 100_000, 16, reviewers=4),
    Plan("a large dataset", 1_000_000, 64, engines=2, homes=1, reviewers=10, looked_at=0.2),
    Plan("the same, one engine", 1_000_000, 256, engines=1, homes=1, reviewers=10, looked_at=0.2),
    Plan("the same, 16 engines", 1_000_000, 256, engines=16, homes=4, reviewers=10, looked_at=0.2),
    Plan("ten million, 256 replicas", 10_000_000, 256, engines=16, homes=10, reviewers=20, looked_at=0.02),
    Plan("ten million, 800 replicas", 10_000_000, 800, engines=64, homes=10, reviewers=20, looked_at=0.02),
)


def list_stages(costs: Costs, plan: Plan) -> list[Stage]:
    """Capacity of every stage in sources per second, the slowest first."""
    decided = costs.accepted * plan.looked_at
    stages = [
        Stage("models", plan.replicas * costs.slots / (costs.call_s * costs.calls), "more replicas"),
        Stage("engine", plan.engines / (costs.engine_s * costs.calls), "more engine processes (or the Ray executor)"),
        Stage("journal", plan.engines / (costs.append_s * costs.records), "more engine processes, each its own run"),
        Stage("ingest", plan.homes / (costs.ingest_s * costs.records), "more homes, each with its own app"),
        Stage(
            "audit of the record", plan.homes / (costs.audit_s * costs.accepted), "more homes, each with its own app"
        ),
        Stage(
            "review", plan.reviewers * 0.25 / (costs.review_s * decided), "decide in bulk and by sample; more people"
        ),
    ]
    return sorted(stages, key=lambda stage: stage.rate)


def find_time(costs: Costs, plan: Plan) -> tuple[float, float, list[Stage]]:
    """Days until the last record is written, days until the last decision, and the stages, slowest first.

    People work beside the machines: what they take beyond them is what is left at the end.
    """
    stages = list_stages(costs, plan)
    machine = min(stage.rate for stage in stages if stage.name != "review")
    slowest = min(stage.rate for stage in stages)
    return plan.sources / machine / DAY_S, plan.sources / slowest / DAY_S, stages


def measure_home(costs: Costs, plan: Plan) -> dict[str, float]:
    """Bytes of one home when the plan is done: journals, compressed journals, index, and memory for the pages."""
    share = plan.sources / plan.homes
    journals = share * costs.records * costs.record_bytes
    return {
        "journals": journals,
        "packed": journals * costs.packed,
        "index": share * costs.index_bytes,
        "memory": share * MEMORY_BYTES_PER_TASK,
    }


def main() -> int:
    """Print the table; exit code 0 when it could be made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--costs", type=Path, help="JSON of benchmarks.scale, whose costs replace those of the page")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    costs = read_costs(options.costs) if options.costs else Costs()
    if options.write:
        PAGE.write_text(fill_page(PAGE.read_text(encoding="utf-8"), costs), encoding="utf-8")
    rows = [build_row(costs, plan) for plan in PLANS]
    return print_report("scale plan", "what gives in first", HEADINGS, rows, [], json=options.json)


def read_costs(path: Path) -> Costs:
    """Costs with the rates that `benchmarks.scale --json` measured."""
    made = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["rows"]
    values = {row["what"]: next(value for key, value in row.items() if key != "what") for row in made}
    return replace(
        Costs(),
        ingest_s=1 / float(values["ingest_rate"].replace(",", "")),
        audit_s=float(values["audit_ms"].replace(",", "")) / 1000,
        packed=1 / float(values["ratio"].replace(",", "")),
    )


def build_row(costs: Costs, plan: Plan) -> list[str]:
    """One plan of the table."""
    machine, whole, stages = find_time(costs, plan)
    first = next(stage for stage in stages if stage.name != "review")
    home = measure_home(costs, plan)
    gb = [f"{home[name] / 1e9:,.1f}" for name in ("journals", "packed", "index", "memory")]
    reviewed = "-" if whole <= machine else f"{whole:,.1f}"
    set_up = f"{plan.replicas} / {plan.engines} / {plan.homes} / {plan.reviewers}"
    return [plan.name, f"{plan.sources:,}", set_up, f"{machine:,.2f}", first.name, first.remedy, reviewed, *gb]


HEADINGS = [
    "plan", "sources", "replicas / engines / homes / people", "days of the machines", "gives in first", "what then",
    "days until the last decision", "journals, GB a home", "compressed", "index", "memory",
]  # fmt: skip


def fill_page(page: str, costs: Costs) -> str:
    """The page with the tables between its marks made anew; raises ValueError for a page without them."""
    if BEGIN not in page or END not in page:
        raise ValueError(f"{PAGE} has no {BEGIN} … {END}")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(build_row(costs, plan) for plan in PLANS)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
