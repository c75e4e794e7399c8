"""Calibration sets: clean tasks per domain and solver pair, in journals under data/audits/calibration.

Agents must not be able to make their own tasks look usual. So a task enters only when a person found it in order, or
when it comes from a run of built-in models that a person named as trusted; everything else is refused, with the reason.
A set belongs to one stratum (autodata.audit.clean): another model, judge or template begins another set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from autodata.agents.solver import SOLVER_TEMPLATE_SHA
from autodata.audit.catalogue import DETECTORS
from autodata.audit.clean import CalibrationSet, CleanTask, Stratum, make_calibration_set
from autodata.audit.conformal import FULL_CALIBRATION
from autodata.audit.measures import find_detector
from autodata.audit.records import RunFacts
from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, Record, read_records
from autodata.recipes.recipe import name_templates

Ground = Literal["label", "decision", "trusted_run"]
"""Why a task counts as clean: labelled honest-hard, approved after a look without suspicion, or a trusted run's."""

GROUNDS: tuple[Ground, ...] = Ground.__args__  # type: ignore[attr-defined]

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who says that a task is clean, and on what ground."""

    ground: Ground
    by: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that may enter: its evidence, its worst finding's severity ("" for none) and where it comes from.

    `simulated` and `imported` are the run's; `content_sha` is that of the task that was measured.
    """

    task: CleanTask
    stratum: Stratum
    run_id: str
    content_sha: str
    severity: str = ""
    simulated: bool = False
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """Tasks that are new in their set, or there with new evidence; and those that may not enter, with the reason."""

    admitted: tuple[str, ...]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CalibrationSummary:
    """One set as a person sees it; `note` says what it is too small for, "" from 2000 clean tasks on."""

    name: str
    stratum: Stratum
    tasks: int
    grounds: Mapping[str, int]
    note: str


def make_stratum(facts: RunFacts) -> Stratum:
    """What a run's tasks must share with the clean tasks they are compared with."""
    files = facts.recipe.files if facts.recipe else {}
    judge = [files[name] for agent in ("judge", "answer_verifier") for name in name_templates(agent) if name in files]
    return Stratum(
        domain=facts.recipe.name if facts.recipe else "",
        weak=facts.models.get("weak", ""),
        strong=facts.models.get("strong", ""),
        judge=facts.models.get("judge", ""),
        template="" if facts.imported else hash_value([SOLVER_TEMPLATE_SHA, judge]),
    )


def name_set(stratum: Stratum) -> str:
    """The name of a stratum's set: words to know it by, and a hash that tells it from every other one."""
    words = "-".join(filter(None, (stratum.domain, stratum.weak, stratum.strong)))
    return f"{_NOT_IN_NAMES.sub('-', words).strip('-')[:60].rstrip('-') or 'set'}-{stratum.sha[:10]}"


def load_calibration(home: Home, stratum: Stratum, auditor: str | None = None) -> CalibrationSet | None:
    """The clean tasks of a stratum; None where there are none.

    With `auditor`, what other blind judges measured is left out. Raises JournalDamaged for a file that is not what was
    written.
    """
    name = name_set(stratum)
    state = _read_set(_locate(home, name))
    if not state.tasks:
        return None
    tasks = [task if auditor is None or task.auditor == auditor else _keep_record(task) for task in state.tasks]
    return make_calibration_set(name, tasks)


def list_calibrations(home: Home) -> tuple[CalibrationSummary, ...]:
    """All sets, by name."""
    found = []
    for path in sorted(_folder(home).glob("*.jsonl")):
        state = _read_set(path)
        if state.stratum is None:
            continue
        grounds: dict[str, int] = {
            ground: count for ground in GROUNDS if (count := sum(g == ground for g in state.grounds.values()))
        }
        size = make_calibration_set(path.stem, state.tasks).size
        found.append(CalibrationSummary(path.stem, state.stratum, size, grounds, _explain_size(size)))
    return tuple(found)


def admit_clean(home: Home, candidates: Sequence[tuple[Candidate, Voucher]]) -> Admission:
    """Put tasks into the sets of their strata; what may not enter is refused, each with its reason.

    A task with the same evidence is written once. Raises HeldElsewhere and StopRequested("disk") as every journal does.
    """
    refused: dict[str, str] = {}
    strata: dict[Stratum, list[tuple[Candidate, Voucher]]] = {}
    for candidate, voucher in candidates:
        reason = explain_refusal(candidate, voucher)
        if reason:
            refused[candidate.task.task_id] = reason
        else:
            strata.setdefault(candidate.stratum, []).append((candidate, voucher))
    admitted = [task_id for stratum, own in strata.items() for task_id in _append(home, stratum, own)]
    return Admission(tuple(admitted), refused)


def withdraw_clean(home: Home, name: str, task_id: str, reason: str) -> bool:
    """Take a task out of a set because it is no longer known to be clean; False when it was not in."""
    path = _locate(home, name)
    if not path.exists():
        return False
    with JournalWriter.open_tail(path) as journal:
        if all(task.task_id != task_id for task in _read_set(path).tasks):
            return False
        journal.append("withdrawn", {"task_id": task_id, "reason": reason})
    return True


def list_members(home: Home, name: str) -> dict[str, Ground]:
    """The tasks of a set and the ground on which each is in."""
    return dict(_read_set(_locate(home, name)).grounds)


def explain_refusal(candidate: Candidate, voucher: Voucher) -> str:
    """Why a task may not enter a calibration set, as a sentence; "" when it may."""
    if voucher.ground not in GROUNDS or not voucher.by.strip():
        return "nobody vouches for it; a person labels it honest-hard, or approves it after a blind look"
    if voucher.ground == "trusted_run" and (candidate.imported or not candidate.simulated):
        return (
            f"{candidate.run_id} is no run of the built-in models, so others may have written its records; its tasks "
            "enter one by one, after a person has looked"
        )
    if candidate.severity == "violation":
        return "its record holds a violation, which no clean task has"
    if not candidate.task.evidence:
        return "no detector measured anything on it"
    return ""


@dataclass(slots=True)
class _Set:
    """A set's file, folded: the latest record of each task, oldest first."""

    stratum: Stratum | None
    tasks: list[CleanTask]
    grounds: dict[str, Ground]


def _append(home: Home, stratum: Stratum, candidates: Sequence[tuple[Candidate, Voucher]]) -> Iterator[str]:
    path = _locate(home, name_set(stratum))
    with JournalWriter.open_tail(path) as journal:
        state = _read_set(path)
        if state.stratum is None:
            journal.append("calibration", {"stratum": asdict(stratum)})
        known = {task.task_id: task for task in state.tasks}
        for candidate, voucher in candidates:
            task = candidate.task
            if known.get(task.task_id) == task:
                continue
            known[task.task_id] = task
            data = {
                "task_id": task.task_id,
                "run_id": candidate.run_id,
                "content_sha": candidate.content_sha,
                "evidence": dict(task.evidence),
                "auditor": task.auditor,
                "ground": voucher.ground,
                "by": voucher.by,
            }
            journal.append("clean", data)
            yield task.task_id


def _read_set(path: Path) -> _Set:
    stratum, tasks, grounds = None, dict[str, CleanTask](), dict[str, Ground]()
    for record in read_records(path):
        match record.kind:
            case "calibration":
                stratum = Stratum(**record.data["stratum"])
            case "clean":
                task = _read_task(record)
                tasks.pop(task.task_id, None)  # so that its new record makes it the latest
                tasks[task.task_id], grounds[task.task_id] = task, record.data["ground"]
            case "withdrawn":
                tasks.pop(record.data["task_id"], None)
                grounds.pop(record.data["task_id"], None)
    return _Set(stratum, list(tasks.values()), grounds)


def _read_task(record: Record) -> CleanTask:
    evidence = {str(name): float(value) for name, value in record.data["evidence"].items() if value is not None}
    return CleanTask(str(record.data["task_id"]), evidence, str(record.data.get("auditor") or ""))


def _keep_record(task: CleanTask) -> CleanTask:
    """Without what checks that asked models measured."""
    own = {
        name: value
        for name, value in task.evidence.items()
        if (found := DETECTORS.get(find_detector(name))) is None or found.kind != "counterfactual"
    }
    return CleanTask(task.task_id, own)


def _explain_size(size: int) -> str:
    if size >= 2 * FULL_CALIBRATION:
        return ""
    return f"{size:,} of {2 * FULL_CALIBRATION:,} clean tasks: it ranks, and flags nothing"


def _folder(home: Home) -> Path:
    return home.audits / "calibration"


def _locate(home: Home, name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,79}", name):
        raise BadInput(f"calibration set {name!r} cannot exist; `autodata calibration list` names those there are")
    return _folder(home) / f"{name}.jsonl"
