"""What the evidence component is sent: plain strings already cut and split; every number already formatted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Any

from autodata.index.queries.task import RolloutDetail, TaskDetail
from autodata.model import SOLVERS, Criterion, Task
from autodata.scoring import attainable_points, share_of_gap
from autodata.ui.review.diffs import (
    Span,
    count_hidden,
    diff_rewording,
    measure_kept,
)
from autodata.ui.review.quotes import cut_text, find_quote, split_by_quotes
from autodata.ui.review.requests import build_requests
from autodata.ui.review.used import describe_used, split_used
from autodata.ui.text import count_of, format_count, format_gap, format_number, format_score

STATUS_WORDS = {"truncated": "cut off", "empty": "empty", "refused": "refused", "failed": "not answered"}


def build_evidence(detail: TaskDetail, whole: frozenset[str], before: Task | None = None) -> dict[str, Any]:
    """Data of the component for one task. `whole` names the texts to be sent uncut (`weak:select:0`, `source`, …);
    with `before`, the task of an earlier round, criteria are shown with what changed since."""
    rubric, rollouts = detail.task.rubric, detail.rollouts
    counted = [rollout for rollout in rollouts if counts(rollout, detail.policy)]
    rows = build_criteria(rubric, rollouts, counted, before.rubric if before else None)
    return {
        "task": detail.task.id,
        "sides": {
            solver: [_build_answer(r, whole, detail.policy) for r in rollouts if r.solver == solver]
            for solver in SOLVERS
        },
        "criteria": rows,
        "sums": build_sums(rubric, counted),
        "formula": f"weight × (strong − weak) / {format_number(attainable_points(rubric))}",
        "reference": _build_text("reference", detail.task.reference_answer, whole),
        "requests": build_requests(detail, rollouts, "requests" in whole),
        "source": {
            "title": detail.source.title,
            "where": detail.source.document,
            "passage": _build_passage(detail, whole),
            "context": _build_text("context", detail.task.context, whole),
        },
    }


def build_criteria(
    rubric: Sequence[Criterion],
    rollouts: Sequence[RolloutDetail],
    counted: Sequence[RolloutDetail],
    before: Sequence[Criterion] | None = None,
) -> list[dict[str, Any]]:
    """One row per criterion, the largest share of the gap first; verdicts of every rollout, shares of those counted."""
    shares = measure_shares(rubric, counted)
    total = sum(shares.values())
    printed = round_parts(shares)
    widest = max((abs(share) for share in shares.values()), default=0.0) or 1.0
    order = sorted(range(len(rubric)), key=lambda at: (-shares.get(rubric[at].id, 0.0), at))
    rows = []
    for criterion in (rubric[at] for at in order):
        share = shares.get(criterion.id)
        part = share / total if share is not None and total > 0 else 0.0
        sides: dict[str, list[dict[str, Any]]] = {
            solver: _list_verdicts(criterion.id, solver, rollouts) for solver in SOLVERS
        }
        rows.append(
            {
                "id": criterion.id,
                "text": criterion.criterion,
                "spans": _diff_criterion(criterion, before),
                "weight": format_number(criterion.weight),
                "share": format_gap(printed[criterion.id], 3) if share else ("0" if share is not None else "–"),
                "length": (share or 0.0) / widest,
                "big": part > 0.5,
                "part": f"{100 * part:.0f} % of it" if part > 0.5 else "",
                "label": _describe_row(criterion, sides, share),
                **sides,
            }
        )
    return rows


def round_parts(parts: Mapping[str, float], digits: int = 3) -> dict[str, float]:
    """Parts rounded so that they add up to their rounded sum: a reader who adds them finds the gap.

    The method of largest remainders: parts nearest to the next step take the steps that are left. What is exactly 0
    stays so.
    """
    step = 10.0**digits
    low = {name: floor(part * step) for name, part in parts.items()}
    left = round(sum(parts.values()) * step) - sum(low.values())
    order = sorted((name for name, part in parts.items() if part), key=lambda name: low[name] - parts[name] * step)
    return {name: (low[name] + (name in order[:left])) / step for name in parts}


def build_sums(rubric: Sequence[Criterion], counted: Sequence[RolloutDetail]) -> dict[str, str]:
    """The table's foot: means, the sum of the shares, what clipping added, and the gap without the largest share."""
    shares = measure_shares(rubric, counted)
    means = {solver: _mean(_scores_of(solver, counted)) for solver in SOLVERS}
    sums = {"weak": format_score(means["weak"]), "strong": format_score(means["strong"]), "gap": "–", "without": "–"}
    if not shares:
        return sums
    total = sum(shares.values())
    sums["gap"] = format_gap(total, 3)
    weak, strong = means["weak"], means["strong"]
    if weak is not None and strong is not None and abs(strong - weak - total) > 0.0005:
        sums["clipped"] = format_gap(strong - weak - total, 3)
    largest = max(shares, key=lambda name: shares[name])
    rest = measure_shares([criterion for criterion in rubric if criterion.id != largest], counted)
    sums["without"] = format_gap(sum(rest.values()), 3) if rest else "–"
    return sums


def measure_shares(rubric: Sequence[Criterion], counted: Sequence[RolloutDetail]) -> dict[str, float]:
    """Each criterion's share of the unclipped gap over the rollouts that counted; empty where a side has none."""
    ids = {criterion.id for criterion in rubric}
    if attainable_points(rubric) <= 0:
        return {}
    sides: dict[str, list[dict[str, float]]] = {"weak": [], "strong": []}
    for rollout in counted:
        verdicts = {verdict.criterion_id: verdict.met for verdict in rollout.verdicts}
        if ids <= verdicts.keys():
            sides[rollout.solver].append(verdicts)
    return share_of_gap(rubric, sides["weak"], sides["strong"])


def counts(rollout: RolloutDetail, policy: Mapping[str, Any]) -> bool:
    """Whether a rollout's score entered the mean: selecting, scored, and of a status the policy grades."""
    if rollout.purpose != "select" or rollout.score is None:
        return False
    return rollout.status == "ok" or policy.get(rollout.status, "graded") == "graded"


def _build_answer(rollout: RolloutDetail, whole: frozenset[str], policy: Mapping[str, Any]) -> dict[str, Any]:
    name = f"{rollout.solver}:{rollout.purpose}:{rollout.index}"
    text, left_out = cut_text(rollout.answer, name in whole)
    tokens = rollout.call.completion_tokens if rollout.call else None
    info = [rollout.finish_reason or "finish not recorded"]
    if tokens is not None:
        info.append(count_of(tokens, "token"))
    warnings = [STATUS_WORDS[rollout.status]] if rollout.status in STATUS_WORDS else []
    if rollout.purpose == "select" and rollout.score is not None and not counts(rollout, policy):
        warnings.append("not counted")
    hidden = count_hidden(rollout.answer)
    if hidden:
        warnings.append(count_of(hidden, "invisible character"))
    quotes = [(verdict.criterion_id, verdict.quote) for verdict in rollout.verdicts]
    return {
        "name": name,
        "index": rollout.index + 1,
        "purpose": "" if rollout.purpose == "select" else rollout.purpose,
        "score": format_score(rollout.score.value if rollout.score else None),
        "info": ", ".join(info),
        "warning": ", ".join(warnings),
        "pieces": split_by_quotes(text, quotes),
        "left_out": _describe_left_out(left_out, rollout.answer),
        "note": rollout.note,
        "reasoning": _build_reasoning(f"{name}:reasoning", rollout.reasoning, whole),
    }


def _build_reasoning(name: str, text: str, whole: frozenset[str]) -> dict[str, str] | None:
    """What a model thought before its answer: how long it is, and its words once they were asked for."""
    if not text:
        return None
    shown, left_out = cut_text(text) if name in whole else ("", 0)
    words = f"{format_count(len(text))} characters"
    return {"name": name, "text": shown, "words": f"the first {len(shown):,} of {words}" if left_out else words}


def _build_text(name: str, text: str, whole: frozenset[str]) -> dict[str, str]:
    shown, left_out = cut_text(text, name in whole)
    return {"name": name, "text": shown, "left_out": _describe_left_out(left_out, text)}


def _build_passage(detail: TaskDetail, whole: frozenset[str]) -> dict[str, Any]:
    """The source's text, in pieces that tell which words of it stand in the task."""
    text = _build_text("source", detail.source.text, whole)
    if "item" in detail.source.metadata:  # a task that was given is its own source
        return {**text, "used": ""}
    pieces = split_used(text["text"], (detail.task.context, detail.task.question))
    return {**text, "pieces": pieces, "used": describe_used(pieces)}


def _describe_left_out(left_out: int, text: str) -> str:
    return f"Show all {format_count(len(text))} characters" if left_out else ""


def _list_verdicts(criterion_id: str, solver: str, rollouts: Iterable[RolloutDetail]) -> list[dict[str, Any]]:
    """Verdicts of every rollout of one side in the order of its answers; `met` is None where it was not judged."""
    found = []
    for rollout in rollouts:
        if rollout.solver != solver:
            continue
        verdict = next((v for v in rollout.verdicts if v.criterion_id == criterion_id), None)
        quote = verdict.quote if verdict else ""
        where = find_quote(rollout.answer, quote) if quote else None
        found.append({"met": verdict.met if verdict else None, "quote": quote[:2000], "found": where is not None})
    return found


def _diff_criterion(criterion: Criterion, before: Sequence[Criterion] | None) -> list[Span]:
    if before is None:
        return [("same", criterion.criterion)]
    # Ids are numbers of a place, not names: what a criterion was before is the one it shares the most words with.
    old = max(
        (other.criterion for other in before), key=lambda text: measure_kept(text, criterion.criterion), default=""
    )
    return diff_rewording(old, criterion.criterion)


def _describe_row(criterion: Criterion, sides: dict[str, list[dict[str, Any]]], share: float | None) -> str:
    parts = []
    for solver, verdicts in sides.items():
        judged = [verdict["met"] for verdict in verdicts if verdict["met"] is not None]
        parts.append(f"{solver} {sum(judged):g} of {len(judged)}")
    return f"{criterion.criterion}: {', '.join(parts)}, share {format_gap(share, 3)}"


def _scores_of(solver: str, rollouts: Iterable[RolloutDetail]) -> list[float]:
    return [r.score.value for r in rollouts if r.solver == solver and r.score is not None]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
