"""What leaves under a plan: the gate over everything in the index, with near copies, benchmarks and splits.

The same code for a dry run and for an export. Nothing is held per task that could be asked again: 1,000,000 tasks pass
through one after another, and the index is asked as often as it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from autodata.audit.clusters import sketch_text
from autodata.dataset.contamination import Benchmark, Overlap, load_benchmark
from autodata.dataset.copies import link_copies, stack_sketches
from autodata.dataset.entry import Split
from autodata.dataset.gate import Gate, GateSummary, Judged, summarise_judged
from autodata.dataset.items import make_facts_row
from autodata.dataset.plan import ExportPlan
from autodata.dataset.splits import Placed, assign_splits
from autodata.index.database import Index
from autodata.index.queries.dataset import ExportRow, cut_batches, load_export_rows
from autodata.index.queries.dataset_gate import TaskFacts, load_sketches, stream_facts
from autodata.index.queries.dataset_versions import Override, index_overrides, load_overrides

Progress = Callable[[int, int], None]
"""Called with tasks done so far and tasks to do."""

BATCH = 2_000


@dataclass(slots=True)
class Selection:
    """What was decided, to be streamed again and again. `overlaps`: task to the stretches that it shares with a
    benchmark; `checked` tasks were compared. `splits` is empty where everything is for training;
    `used` are overrides without which a task would stay, as (task, reason)."""

    index: Index
    plan: ExportPlan
    gate: Gate
    summary: GateSummary
    overrides: tuple[Override, ...] = ()
    benchmark: Benchmark | None = None
    overlaps: Mapping[str, tuple[Overlap, ...]] = field(default_factory=dict)
    checked: int = 0
    splits: Mapping[tuple[str, str], Split] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def stream_judged(self, *, everything: bool = False) -> Iterator[tuple[TaskFacts, Judged]]:
        """Approved tasks, or with `everything` all that were accepted or decided, each with what becomes of it."""
        for facts in stream_facts(self.index, () if everything else ("approved",)):
            yield facts, self.gate.judge(make_facts_row(facts))

    def stream_leaving(self) -> Iterator[TaskFacts]:
        """The tasks that leave, by run id and in the order of the run's journal."""
        return (facts for facts, judged in self.stream_judged() if not judged.reason)

    def find_split(self, run_id: str, task_id: str) -> Split:
        return self.splits.get((run_id, task_id), "train")

    def list_used_overrides(self) -> list[Override]:
        """Those without which a task of the selection would not leave."""
        return [one for one in self.overrides if (one.task_id, one.code) in self.used]

    def count(self) -> GateSummary:
        """Judge everything once: what leaves and what stays in numbers, and which overrides were made use of."""
        self.used = set()
        return summarise_judged(self._note_used(judged) for _, judged in self.stream_judged(everything=True))

    def _note_used(self, judged: Judged) -> Judged:
        if not judged.reason:
            self.used.update((judged.task_id, code) for code in judged.overridden)
        return judged


def select_tasks(
    index: Index,
    plan: ExportPlan,
    *,
    contaminated: Collection[str] | None = None,
) -> Selection:
    """Decide what leaves. `index` is up to date, audited where the plan asks for it, and best held still
    (autodata.index.still). `contaminated` are tasks known to share text with a benchmark, instead of a search.

    Raises BadInput for a benchmark that cannot be read.
    """
    overrides = load_overrides(index)
    gate = Gate(plan.policy, index_overrides(overrides))
    selection = Selection(index, plan, gate, GateSummary(0, 0, {}, {}), tuple(overrides))
    if contaminated is not None:
        gate.contaminated = frozenset(contaminated)
    elif plan.contamination:
        selection.benchmark = load_benchmark(plan.contamination.files, plan.contamination.ngram)
        selection.overlaps, selection.checked = _find_overlaps(selection)
        if plan.contamination.action == "exclude":
            gate.contaminated = frozenset(selection.overlaps)
    if plan.wants_copies:
        gate.copies = _find_copies(selection)
    gate.prepare(make_facts_row(facts) for facts in stream_facts(index, ("approved",)))
    if plan.splits:
        placed = (_place(facts) for facts in selection.stream_leaving())
        together = gate.copies if plan.splits.near_copies_together else None
        selection.splits = assign_splits(placed, plan.splits, together)
    selection.summary = selection.count()
    return selection


def _place(facts: TaskFacts) -> Placed:
    return Placed(facts.task_id, facts.run_id, facts.source_id, "" if facts.given else facts.document)


def _stream_passing(selection: Selection) -> Iterator[TaskFacts]:
    """Tasks that nothing of their own holds back, whatever their neighbours do; overridden ones among them."""
    for facts in stream_facts(selection.index, ("approved",)):
        if not selection.gate.list_standing(make_facts_row(facts))[0]:
            yield facts


def _find_overlaps(selection: Selection) -> tuple[dict[str, tuple[Overlap, ...]], int]:
    benchmark, found, checked = selection.benchmark, dict[str, tuple[Overlap, ...]](), 0
    if benchmark is None:
        return found, checked
    for batch in cut_batches(_stream_passing(selection), BATCH):
        for row in load_export_rows(selection.index, batch, answers=False):
            texts = {"question": row.question, "context": row.context, "reference_answer": row.reference_answer}
            if overlaps := benchmark.find_overlaps(texts):
                found[row.task_id] = overlaps
        checked += len(batch)
    return found, checked


def _find_copies(selection: Selection) -> dict[str, int]:
    """Groups of near copies among the tasks that may leave. What the audit measured is taken, the rest is measured."""
    ids: list[str] = []
    stacked = []
    for batch in cut_batches(_stream_passing(selection), BATCH):
        known = load_sketches(selection.index, [facts.key for facts in batch])
        missing = [facts for facts in batch if facts.key not in known]
        if missing:
            rows = load_export_rows(selection.index, missing, answers=False)
            measured = {row.task_id: sketch_text(_join_text(row)) for row in rows}
            known |= {facts.key: list(measured[facts.task_id]) for facts in missing if facts.task_id in measured}
        ids += [facts.task_id for facts in batch]
        stacked.append(stack_sketches([known.get(facts.key, ()) for facts in batch]))
    return link_copies(ids, np.concatenate(stacked)) if ids else {}


def _join_text(row: ExportRow) -> str:
    """Question and rubric as the audit puts them together."""
    rubric = "\n".join(criterion.criterion for criterion in row.rubric)
    return f"{row.question}\n{rubric}"
