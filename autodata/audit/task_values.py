"""What a run's statistics and every later verdict need of a task's record: plain values that fit into one database row.

They are measured once (autodata.audit.examine); the record's texts are not needed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.audit.verdict import Coverage, Finding


@dataclass(frozen=True, slots=True)
class AnswerValues:
    """One graded or failed answer: its score and length in characters, None where not recorded.

    `repeated`: nearly the same text came before from the same solver on this task.
    """

    score: float | None
    length: int | None
    refused: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class TaskValues:
    """One task's record as numbers, and what the detectors that need nothing else said of it.

    `last` is the number of its last record, `bar` the smallest gap its policy asks for. `misfits` are normed Guttman
    errors of the weak answers. `returned` holds the names its answers came under, by role. `request` is 64 bits of the
    hash of what weak was asked beside the task, None where it is not recorded; `sketch` a MinHash of question and
    rubric, empty without words. `evidence` is by measure (autodata.audit.measures).
    """

    task_id: str
    source_id: str
    round: int
    outcome: str
    last: int
    imported: bool
    weak_mean: float | None
    strong_mean: float | None
    bar: float
    criteria: int
    weak: tuple[AnswerValues, ...]
    strong: tuple[AnswerValues, ...]
    misfits: tuple[float, ...]
    returned: Mapping[str, tuple[str, ...]]
    request: int | None
    sketch: tuple[int, ...]
    findings: tuple[Finding, ...]
    coverage: Mapping[str, Coverage]
    lacking: Mapping[str, tuple[str, ...]]
    declared: bool
    evidence: Mapping[str, float]

    def list_scores(self, solver: str) -> tuple[float, ...]:
        """Scores of one side's graded answers."""
        return tuple(a.score for a in (self.weak if solver == "weak" else self.strong) if a.score is not None)


def dump_values(values: TaskValues) -> str:
    """The values as JSON."""
    return orjson.dumps(values).decode()


def load_values(text: str) -> TaskValues:
    """What `dump_values` wrote."""
    data: dict[str, Any] = orjson.loads(text)
    return TaskValues(
        **{
            **data,
            "weak": tuple(AnswerValues(**own) for own in data["weak"]),
            "strong": tuple(AnswerValues(**own) for own in data["strong"]),
            "misfits": tuple(data["misfits"]),
            "returned": {role: tuple(names) for role, names in data["returned"].items()},
            "sketch": tuple(data["sketch"]),
            "findings": tuple(Finding(**own) for own in data["findings"]),
            "lacking": {name: tuple(missing) for name, missing in data["lacking"].items()},
        }
    )
