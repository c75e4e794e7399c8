"""Acceptance sampling: a blind random audit of what leaves, recorded in data/reviews.jsonl beside the decisions.

Who draws cannot choose the tasks: the draw hangs on the seed, and without one on the version's content hash. Who judges
sees task and answers, and neither decisions nor alarms. 59 clean of 59 bound the share of defective tasks below 5 %
with 95 % confidence (1 - 0.05^(1/59) = 4.95 %), 299 of 299 below 1 %.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autodata.canon import hash_text
from autodata.dataset.sample_fold import FINDINGS, Sample, SampleState, SampleSummary, summarise_sample
from autodata.errors import BadInput
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.queries.dataset_card import SampleTask, find_voters, load_sample_task
from autodata.journal import JournalWriter
from autodata.review.entry import check_note, check_reviewer
from autodata.review.followed import FollowedFold
from autodata.review.shared import read_reviews

DEFAULT_SIZE = 59
"""Without a defect among so many, fewer than 5 % of all are defective, with 95 % confidence."""


@dataclass(frozen=True, slots=True)
class NextItem:
    """What a sampler looks at next: the `place`th of `size`, from 1."""

    sample_id: str
    place: int
    size: int
    task: SampleTask


def draw_sample(
    home: Home,
    index: Index,
    task_ids: Sequence[str],
    *,
    name: str = "",
    version: str = "",
    size: int = DEFAULT_SIZE,
    seed: str = "",
    by: str = "",
) -> Sample:
    """Draw `size` of `task_ids` without replacement, record the draw, and return it. All of them when there are fewer.

    `seed` "" stands for a hash of what is drawn from. The same draw asked for again is the one on record, so that
    nobody can draw until they like the tasks.

    Raises BadInput for an empty selection, a size below 1, and a person whose role does not allow it; HeldElsewhere and
    StopRequested("disk") as every append.
    """
    population = sorted(set(task_ids))
    if not population:
        raise BadInput("there is nothing to draw from: no task is in this selection")
    if size < 1:
        raise BadInput(f"a sample of {size} tasks; draw at least 1, for example {DEFAULT_SIZE}")
    read_reviews(home).team.require(by, "label")
    chosen = seed or hash_text("\x1f".join([name, version, *population]))[:16]
    drawn = draw_tasks(population, size, chosen)
    with JournalWriter.open_tail(home.reviews) as journal:
        for known in current_samples(home).find(name, version):
            if (known.seed, known.task_ids) == (chosen, drawn):
                return known
        sample_id = f"s{uuid.uuid4().hex[:15]}"
        data: dict[str, Any] = {
            "sample_id": sample_id,
            "name": name,
            "version": version,
            "seed": chosen,
            "population": len(population),
            "task_ids": list(drawn),
            "by": by,
        }
        record = journal.append("sample", data)
    return Sample(sample_id, name, version, chosen, len(population), drawn, by, record.t)


def draw_tasks(task_ids: Sequence[str], size: int, seed: str) -> tuple[str, ...]:
    """A simple random sample without replacement, in the order drawn; the same for the same seed and tasks."""
    ranked = sorted(task_ids, key=lambda task_id: hash_text(f"acceptance\x1f{seed}\x1f{task_id}"))
    return tuple(ranked[:size])


def next_item(home: Home, index: Index, sample_id: str, reviewer: str) -> NextItem | None:
    """The first drawn task that nobody judged, else the first that this reviewer did not; None when they judged all.

    A task whose record is gone from the home is passed over. Raises BadInput for an unknown sample.
    """
    sample = find_sample(home, sample_id)
    name = check_reviewer(reviewer)
    judged = {task_id for task_id, _ in sample.verdicts}
    own = {task_id for task_id, who in sample.verdicts if who == name}
    fresh = [task_id for task_id in sample.task_ids if task_id not in judged]
    again = [task_id for task_id in sample.task_ids if task_id in judged and task_id not in own]
    for task_id in [*fresh, *again]:
        task = load_sample_task(index, task_id)
        if task is not None:
            return NextItem(sample_id, sample.task_ids.index(task_id) + 1, len(sample.task_ids), task)
    return None


def record_verdict(
    home: Home, index: Index, sample_id: str, task_id: str, verdict: str, *, reviewer: str, note: str = ""
) -> SampleSummary:
    """Append one person's verdict on a drawn task, clean or defect, and return what the sample says now.

    A later verdict of the same person on the same task stands for the earlier one, which stays in the journal.

    Raises BadInput for a verdict or name that cannot be used, a task that was not drawn, and a person whose role does
    not allow it.
    """
    name = check_reviewer(reviewer)
    if verdict not in FINDINGS:
        raise BadInput(f"verdict {verdict!r} is unknown; choose {' or '.join(FINDINGS)}")
    read_reviews(home).team.require(name, "label")
    clean_note, own = check_note(note), name in find_voters(index, task_id)
    with JournalWriter.open_tail(home.reviews) as journal:
        sample = find_sample(home, sample_id)
        if task_id not in sample.task_ids:
            raise BadInput(f"task {task_id} was not drawn in sample {sample_id} of {sample.target}")
        data = {"sample_id": sample_id, "task_id": task_id, "verdict": verdict, "note": clean_note, "own": own}
        journal.append("sample_verdict", {**data, "reviewer": name})
    return summarise_sample(find_sample(home, sample_id))


def find_sample(home: Home, sample_id: str) -> Sample:
    """A sample by its id; raises BadInput when there is none."""
    try:
        return current_samples(home).samples[sample_id]
    except KeyError:
        raise BadInput(f"sample {sample_id!r} does not exist in {home.root}; draw one first") from None


def current_samples(home: Home) -> SampleState:
    """All samples as the journal has them. Reads only what was appended since the last call in this process."""
    return _samples.read(home.reviews)


_samples = FollowedFold(SampleState)
