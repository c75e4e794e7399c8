"""Trajectories for the analyst: what happened with each source of a run, cut to a bounded length.

The solvers are called A and B: which one is to be trained is not the analyst's business, and an edit that names them
would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodata.journal import read_records

ANSWER_MAX, TEXT_MAX, CRITERION_MAX = 700, 1500, 220
"""Characters shown of one answer, of a question or context, and of a criterion."""
ROUNDS_SHOWN = 2
"""Rounds of one trajectory that are shown in full, the latest ones; earlier ones in a line each."""
TRAJECTORY_MAX, ALL_MAX = 9_000, 72_000
"""Characters of one trajectory, and of all that one analysis reads, whatever they hold."""
NAMES: Mapping[str, str] = {"weak": "A", "strong": "B"}


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One source's trajectory as the analyst reads it. `id` is what an analysis cites."""

    id: str
    run_id: str
    source_id: str
    title: str
    outcome: str
    text: str


@dataclass(slots=True)
class _Round:
    number: int
    task: Mapping[str, Any] = field(default_factory=dict)
    reviews: list[str] = field(default_factory=list)
    rollouts: list[Mapping[str, Any]] = field(default_factory=list)
    end: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Track:
    title: str
    rounds: dict[int, _Round] = field(default_factory=dict)
    outcome: str = ""

    def open(self, number: int) -> _Round:
        return self.rounds.setdefault(number, _Round(number))


def read_trajectories(path: Path, run_id: str, sources: Sequence[str], prefix: str) -> tuple[Trajectory, ...]:
    """The trajectories of these sources in a run's journal, failures first; ids are `prefix`1, `prefix`2, …"""
    tracks: dict[str, _Track] = {}
    answers: dict[int, str] = {}
    for record in read_records(path):
        data = record.data
        if record.kind == "source":
            tracks[data["source"]["id"]] = _Track(data["source"]["title"])
        elif record.kind == "call" and data["role"] in NAMES and data.get("response"):
            answers[record.seq] = data["response"]
        elif record.kind in ("task", "quality", "rollout", "round"):
            _take(tracks[data["source"]].open(data["round"]), record.kind, data)
        elif record.kind == "source_done":
            tracks[data["source"]].outcome = data["outcome"]
    wanted = [source for source in sources if source in tracks and tracks[source].rounds]
    wanted.sort(key=lambda source: tracks[source].outcome == "accepted")
    most = min(TRAJECTORY_MAX, ALL_MAX // max(1, len(wanted)))
    return tuple(
        Trajectory(
            id=f"{prefix}{number}",
            run_id=run_id,
            source_id=source,
            title=tracks[source].title,
            outcome=tracks[source].outcome,
            text=_render(tracks[source], answers)[:most],
        )
        for number, source in enumerate(wanted, 1)
    )


def render_trajectories(trajectories: Sequence[Trajectory]) -> str:
    """All of them as one text for the analyst."""
    return "\n\n".join(f"trajectory {own.id}\ndocument: {own.title}\n{own.text}" for own in trajectories)


def _take(own: _Round, kind: str, data: Mapping[str, Any]) -> None:
    if kind == "task":
        own.task = data["task"]
    elif kind == "quality":
        own.reviews.append(f"{data['by']}: {'passed' if data['passed'] else 'failed. ' + data['feedback']}")
    elif kind == "rollout":
        own.rollouts.append(data)
    else:
        own.end = data


def _render(track: _Track, answers: Mapping[int, str]) -> str:
    rounds = sorted(track.rounds.values(), key=lambda own: own.number)
    lines = [f"ended: {track.outcome or 'not finished'}"]
    lines += [_summarise(own) for own in rounds[:-ROUNDS_SHOWN]]
    for own in rounds[-ROUNDS_SHOWN:]:
        lines += _render_round(own, answers)
    return "\n".join(lines)


def _summarise(own: _Round) -> str:
    return f"round {own.number}: {own.end.get('outcome', 'open')}; question: {_cut(own.task.get('question', ''), 200)}"


def _render_round(own: _Round, answers: Mapping[int, str]) -> list[str]:
    lines = [f"round {own.number}: {own.end.get('outcome', 'open')}{_describe_means(own.end)}"]
    if own.task:
        lines.append(f"context: {_cut(own.task.get('context', ''), TEXT_MAX)}")
        lines.append(f"question: {_cut(own.task.get('question', ''), TEXT_MAX)}")
    lines += [f"review, {_cut(review, TEXT_MAX)}" for review in own.reviews]
    lines += _render_criteria(own)
    for solver, name in NAMES.items():
        written = [r for r in own.rollouts if r["solver"] == solver and r.get("answer_call") in answers]
        if written:
            lines.append(f"an answer of {name}: {_cut(answers[written[0]['answer_call']], ANSWER_MAX)}")
    return lines


def _describe_means(end: Mapping[str, Any]) -> str:
    """Shares of the rubric that either side earned. The reason itself names the rule, which is not the analyst's."""
    means = {NAMES[solver]: end.get(f"{solver}_mean") for solver in NAMES}
    shown = [f"{name} earned {value:.2f}" for name, value in means.items() if value is not None]
    if not shown:
        return f" ({_cut(end.get('reason', ''), TEXT_MAX)})" if end.get("outcome") == "failed_quality" else ""
    return f" ({', '.join(shown)})"


def _render_criteria(own: _Round) -> list[str]:
    """Each criterion with how many answers of either side met it; of an item without a rubric the grades."""
    lines = []
    for criterion in own.task.get("rubric") or ():
        counts = []
        for solver, name in NAMES.items():
            graded = [r["verdicts"][criterion["id"]] for r in own.rollouts if _has(r, solver, criterion["id"])]
            if graded:
                counts.append(f"{name} {sum(bool(v['met']) for v in graded)}/{len(graded)}")
        met = f" [met by {', '.join(counts)}]" if counts else ""
        lines.append(
            f"criterion {criterion['id']} ({criterion['weight']:+g}): {_cut(criterion['criterion'], CRITERION_MAX)}"
            + met
        )
    if not lines:
        for solver, name in NAMES.items():
            graded = [r["score"]["value"] for r in own.rollouts if r["solver"] == solver and r.get("score")]
            if graded:
                lines.append(f"right answers of {name}: {sum(value >= 1 for value in graded)}/{len(graded)}")
    return lines


def _has(rollout: Mapping[str, Any], solver: str, criterion: str) -> bool:
    return bool(rollout["solver"] == solver and criterion in (rollout.get("verdicts") or {}))


def _cut(text: Any, most: int) -> str:
    """On one line, so that no text can look like another part of its trajectory."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
