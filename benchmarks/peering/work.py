"""What every contender is given to do, and the requests of those that have no prompts of their own.

Standard library only: this runs in the peers' virtual environments too.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Case = Literal["loop", "staged", "calls", "tail", "kill"]
"""H1, H1r, H2, H2 with a slow tail, H3."""

Stage = Literal["challenger", "verifier", "weak", "strong", "judge"]

SIZES: dict[Stage, int] = {"challenger": 6400, "verifier": 6900, "weak": 300, "strong": 300, "judge": 2700}
"""Characters of a request: as many as the product sends at that stage of the benchmark's loop."""

ROLLOUTS = 3
WEAK_MAX = 0.65
MAX_ROUNDS = 8
PADDING = "A leader serves reads without a quorum round while its lease is unexpired. "


@dataclass(frozen=True, slots=True)
class Job:
    """One run: `count` sources of the loop or single calls, at most `slots` calls at once, files under `folder`.

    `resume`: the same job was started in the same folder before and killed. `address` has no /v1.
    """

    case: Case
    address: str
    count: int
    slots: int
    folder: str
    resume: bool = False

    @property
    def single(self) -> bool:
        """Whether the work is single calls, not the loop."""
        return self.case in ("calls", "tail")


@dataclass(frozen=True, slots=True)
class Done:
    """What a contender says of its own run: sources accepted or calls answered, and settings worth telling."""

    finished: int
    notes: tuple[str, ...] = ()


def write_job(job: Job) -> str:
    """The job as one argument of a command line."""
    return json.dumps(asdict(job))


def read_job() -> Job:
    """The job this process was started with."""
    return Job(**json.loads(sys.argv[1]))


def finish(job: Job, done: Done) -> None:
    """Leave the outcome where the benchmark looks, and end: peers leave threads behind that are none of the work."""
    (Path(job.folder) / "done.json").write_text(json.dumps(asdict(done)))
    sys.stdout.flush()
    os._exit(0)


def write_prompt(stage: Stage, source: int, tail: str) -> str:
    """A request that names its stage, is of the stage's size and differs between sources; it ends with `tail`."""
    head = f"ROLE:{stage.upper()} Source {source}. "
    room = max(0, SIZES[stage] - len(head) - len(tail))
    return head + (PADDING * (room // len(PADDING) + 1))[:room] + tail


def write_call(number: int) -> str:
    """The request of a single call."""
    return write_prompt("weak", number, f" Question {number}?")


def read_total(text: str) -> float:
    """A judge's score. Raises ValueError when there is none."""
    return float(read_object(text)["total"])


def read_object(text: str) -> dict[str, Any]:
    """A reply that is one JSON object. Raises ValueError when it is not."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"not a JSON object: {text[:80]!r}")
    return value
