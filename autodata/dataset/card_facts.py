"""What a card says, as numbers: gathered with the functions that the pages draw from, so that both say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodata.audit.labelled import LabelReport, measure_labels
from autodata.dataset.sample_fold import SampleSummary, summarise_sample
from autodata.dataset.sampling import current_samples
from autodata.dataset.stats import DatasetStats, measure_dataset
from autodata.index.database import Index
from autodata.index.queries.audit_runs import list_labels
from autodata.index.queries.dataset_card import (
    AuditFacts,
    RunsMade,
    count_cleared,
    count_licences,
    count_runs,
    load_audit_facts,
)
from autodata.index.queries.reviewers import list_own_votes
from autodata.index.queries.runs import load_run
from autodata.prices import Cost, sum_costs
from autodata.review.agreement import Agreement, compare_all

SEED = 1


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything beyond the manifest. `costs`: currency to what the runs cost in it; `agreement` is over the votes on
    the exported tasks, `labels` over those given in the runs that they come from. `samples`: of this version, then
    those that were drawn from all approved tasks."""

    stats: DatasetStats
    made: RunsMade
    audit: AuditFacts
    labels: LabelReport
    agreement: Agreement
    samples: tuple[SampleSummary, ...]
    licences: Mapping[str, int]
    costs: Mapping[str, Cost]


def gather_facts(index: Index, task_ids: Sequence[str], manifest: Mapping[str, Any]) -> CardFacts:
    """The facts of a version that holds these tasks. The index must be up to date."""
    run_ids = [run["run_id"] for run in manifest["runs"]]
    chosen = frozenset(task_ids)
    votes = {task_id: given for task_id, given in list_own_votes(index).items() if task_id in chosen}
    labels = [label for run_id in run_ids for label in list_labels(index, run_id)]
    known = current_samples(index.home)
    samples = [*known.find(manifest["name"], manifest["version"]), *known.find("", "")]
    return CardFacts(
        stats=measure_dataset(index, task_ids),
        made=count_runs(index, run_ids),
        audit=load_audit_facts(index, task_ids, run_ids),
        labels=measure_labels(labels, count_cleared(index, run_ids)),
        agreement=compare_all(votes, np.random.default_rng(SEED)),
        samples=tuple(summarise_sample(sample) for sample in samples),
        licences=count_licences(index, task_ids),
        costs=_sum_by_currency(index, run_ids),
    )


def _sum_by_currency(index: Index, run_ids: Sequence[str]) -> dict[str, Cost]:
    sheets = [run.price() for run_id in run_ids if (run := load_run(index, run_id))]
    return {
        currency: sum_costs(sheet.total for sheet in sheets if sheet.currency == currency)
        for currency in sorted({sheet.currency for sheet in sheets})
    }
