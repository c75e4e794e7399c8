"""Everything above the evidence in one tree: header line, verdict strip, alarm chips and the question."""

from __future__ import annotations

from autodata.index.queries.review import QueueItem, ReviewProgress
from autodata.index.queries.task import RoundDetail, TaskDetail
from autodata.policy import Policy
from autodata.ui.marks import draw_chip, draw_imported, draw_simulated
from autodata.ui.review.alarms import build_alarms
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.diffs import Span, diff_rewording
from autodata.ui.review.quotes import cut_text
from autodata.ui.review.strip import build_strip
from autodata.ui.review.view import ORDER_WORDS
from autodata.ui.text import DECISION_WORDS, count_of, format_duration, rank_of
from autodata.ui.tree import Tree, node

_SPAN_TAGS = {"gone": "del", "new": "ins", "box": "mark"}


def build_top(
    detail: TaskDetail,
    shown: RoundDetail,
    policy: Policy | None,
    item: QueueItem | None,
    progress: ReviewProgress,
    view: AuditView,
    *,
    order: str = "risk",
    held: str = "",
    opened: str = "",
    context_open: bool = False,
) -> Tree:
    """`opened` names the chip whose sentence is shown in full; `shown` may be an earlier round; `held` says who else
    has the task on screen."""
    return node(
        "div",
        "top",
        _build_header(detail, shown, item, progress, order, held),
        build_strip(detail, shown, policy, view),
        build_alarms(detail, view, opened),
        _build_question(detail, shown, context_open),
    )


def _build_header(
    detail: TaskDetail,
    shown: RoundDetail,
    item: QueueItem | None,
    progress: ReviewProgress,
    order: str,
    held: str,
) -> Tree:
    source = detail.source
    where = source.document or source.title
    if source.passages > 1:
        where += f", passage {source.passage}"
    left: list[Tree | None] = [
        node("span", "taskid", detail.task.id),
        node("span", {"class": "muted cut", "title": source.title}, where),
        node("span", "muted cut", f"run {detail.run_id}"),
    ]
    if item is not None:
        left.append(draw_chip(describe_place(item, order), "neutral reason"))
    if detail.decision != "open":
        left.append(draw_chip(_describe_decision(detail), "chosen"))
    elif not detail.accepted:
        left.append(draw_chip("not accepted by the rule", "unchecked"))
    if held:
        left.append(draw_chip(held, "unchecked"))
    if shown.round != detail.this.round:
        left.append(draw_chip(f"looking back at round {shown.round}", "unchecked"))
    records = {"class": "link small keep", "act": "provenance", "title": "Every record behind this task (P)"}
    left.append(node("span", records, "Records", node("span", "key", "P")))
    right: list[Tree | None] = [node("span", "muted push", _describe_progress(progress))]
    if detail.imported:
        right.append(draw_imported())
    if detail.simulated:
        right.append(draw_simulated())
    return node("div", "line", *left, *right)


def describe_place(item: QueueItem, order: str) -> str:
    """Where a task stands in the queue and why: `1st by risk: weak and strong requests differ`."""
    return f"{rank_of(item.position)} {ORDER_WORDS[order]}" + (f": {item.reason}" if item.reason else "")


def _describe_progress(progress: ReviewProgress) -> str:
    words = f"{progress.decided:,} of {progress.total:,} decided"
    if progress.seconds_per_decision and progress.open:
        words += f", about {format_duration(progress.seconds_per_decision * progress.open)} left"
    return words


def _describe_decision(detail: TaskDetail) -> str:
    current = next((d for d in reversed(detail.decisions) if d.current), None)
    words = DECISION_WORDS.get(detail.decision, detail.decision)
    if detail.decision == "waiting":
        hidden = ", hidden until you have voted" if detail.votes.hidden else ""
        return f"{detail.votes.given} of {count_of(detail.votes.needed, 'vote')} given{hidden}"
    if current is None:
        return words
    return f"{words} by {current.reviewer}" + (f": {current.reason}" if current.reason else "")


def _build_question(detail: TaskDetail, shown: RoundDetail, context_open: bool) -> Tree:
    if shown.task is None:
        return node("div", "ask muted", "The challenger wrote no task that could be read in this round.")
    before = _find_before(detail, shown)
    question: list[Tree] = [shown.task.question]
    context: list[Tree] = [cut_text(shown.task.context)[0]]
    if before is not None and before.task is not None and shown.round != detail.this.round:
        question = draw_spans(diff_rewording(before.task.question, shown.task.question))
        context = draw_spans(diff_rewording(cut_text(before.task.context)[0], cut_text(shown.task.context)[0]))
    attributes = {"class": "question" if context_open else "question clamp", "dir": "auto"}
    words = "Hide the context" if context_open else "Show the context"
    switch = node(
        "span",
        {"class": "link small", "act": "context", "aria-expanded": str(context_open).lower(), "title": f"{words} (Q)"},
        words,
        node("span", "key", "Q"),
    )
    # A task that was given without a context has nothing behind its question.
    given = bool(shown.task.context) or context_open
    line = node("div", "asked", node("div", {**attributes, "act": "context"}, *question), switch if given else None)
    if context_open:
        body = node("div", {"class": "serif pre", "dir": "auto"}, *context) if shown.task.context else None
        empty = None if body else node("div", "muted", "This task has no context.")
        return node("div", "ask open", line, node("div", {"class": "paper context", "tabindex": "0"}, body, empty))
    return node("div", "ask", line)


def _find_before(detail: TaskDetail, shown: RoundDetail) -> RoundDetail | None:
    earlier = [r for r in detail.rounds if r.round < shown.round and r.task is not None]
    return earlier[-1] if earlier else None


def draw_spans(spans: list[Span]) -> list[Tree]:
    """A word diff as text: what went is struck through, what came is underlined."""
    return [text if kind == "same" else node(_SPAN_TAGS[kind], None, text) for kind, text in spans]
