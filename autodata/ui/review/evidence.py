"""What the evidence component is sent: plain strings already cut and split; every number already formatted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autodata.index.queries.task import RolloutDetail, TaskDetail
from autodata.model import SOLVERS, Criterion, Task
from autodata.scoring import attainable_points, share_of_gap
from autodata.ui.review.diffs import (
    Span,
    count_hidden,
    diff_lines,
    diff_rewording,
    fold_equal,
    list_request_lines,
    measure_kept,
)
from autodata.ui.review.quotes import cut_text, find_quote, split_by_quotes
from autodata.ui.text import count_of, format_count, format_gap, format_number, format_score

STATUS_WORDS = {"truncated": "cut off", "empty": "empty", "refused": "refused", "failed": "not answered"}
ALLOWED = ("model: ", "seed: ")
"""Fields that differ between weak and strong by design, in every run."""

PARITY_WORDS = {
    "same": "Weak and strong were sent the same bytes but for the model and the seed.",
    "declared": "Weak and strong were sent different bytes, all of them declared in the contract.",
    "differs": "Weak and strong were sent different bytes.",
    "one side": "Only one side was asked in this round, so there is nothing to compare.",
    "not recorded": "Requests were not recorded by this import, so symmetry cannot be checked.",
}


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
            "passage": _build_text("source", detail.source.text, whole),
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
                "share": format_gap(share, 3) if share else ("0" if share is not None else "–"),
                "length": (share or 0.0) / widest,
                "big": part > 0.5,
                "part": f"{100 * part:.0f} % of it" if part > 0.5 else "",
                "label": _describe_row(criterion, sides, share),
                **sides,
            }
        )
    return rows


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


def build_requests(detail: TaskDetail, rollouts: Sequence[RolloutDetail], whole: bool) -> dict[str, Any]:
    """The first recorded request of each side, compared line by line."""
    weak, strong = (_first_call(solver, rollouts) for solver in SOLVERS)
    left = list_request_lines(weak.call.request if weak and weak.call else "")
    right = list_request_lines(strong.call.request if strong and strong.call else "")
    rows = diff_lines(left, right, ALLOWED)
    shown: list[Any] = [
        row if isinstance(row, int) else [row.kind, row.left_number, row.left, row.right_number, row.right]
        for row in (rows if whole else fold_equal(rows))
    ]
    fields = f" They differ in {', '.join(detail.difference)}." if detail.difference else ""
    return {
        "parity": detail.parity,
        "words": PARITY_WORDS.get(detail.parity, "") + fields,
        "heads": [_head_request(solver, rollout) for solver, rollout in zip(SOLVERS, (weak, strong), strict=True)],
        "rows": shown,
        "whole": whole,
    }


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
        "reasoning": cut_text(rollout.reasoning)[0],
    }


def _build_text(name: str, text: str, whole: frozenset[str]) -> dict[str, str]:
    shown, left_out = cut_text(text, name in whole)
    return {"name": name, "text": shown, "left_out": _describe_left_out(left_out, text)}


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


def _first_call(solver: str, rollouts: Iterable[RolloutDetail]) -> RolloutDetail | None:
    own = [r for r in rollouts if r.solver == solver]
    return next((r for r in own if r.call is not None and r.call.request), own[0] if own else None)


def _head_request(solver: str, rollout: RolloutDetail | None) -> dict[str, str]:
    call = rollout.call if rollout else None
    model = (call.model_requested or call.model_returned) if call else ""
    sha = call.request_sha if call else ""
    return {"solver": solver, "model": model or "model not recorded", "sha": f"{sha[:4]} {sha[4:8]}" if sha else ""}
