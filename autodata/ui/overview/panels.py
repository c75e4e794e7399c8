"""The Overview's panels as trees: the funnel, what needs somebody, runs in progress."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from autodata.index.queries.overview import FunnelStage, Need, RunCard
from autodata.ui.marks import draw_bar, draw_severity, draw_sparkline
from autodata.ui.overview.matter import STAGES, describe_stage
from autodata.ui.parts import Column, build_table
from autodata.ui.text import OUTCOME_WORDS, format_count, format_gap
from autodata.ui.tree import Tree, node

OUTCOME_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("accent", ("accepted",)),
    ("easy", ("too_easy",)),
    ("muted", ("narrow_gap", "saturated", "no_spread", "improve")),
    ("hard", ("failed_on_strong", "weak_zero", "inverted")),
    ("line", ("failed_quality", "failed_audit", "undecided")),
)
"""Outcomes from the bottom of a stack to its top. Grouped, because more than five greys cannot be told apart."""
MARKS = {"alarm": "violation", "warning": "flag", "note": "unchecked"}


STEPS = (
    ("Run", "A challenger writes a task from each source; a weak and a strong model try it; a judge scores both."),
    ("Review", "See question, answers, verdicts and rounds side by side, and decide with a key."),
    ("Export", "What was approved leaves as JSONL and Parquet, with a manifest that can be defended."),
)


def build_first_visit(sentence: str) -> Tree:
    """The empty Overview: the next step in a sentence, and what the whole way is."""
    steps: list[Tree] = [
        node(
            "div",
            {"style": "border-top:1px solid var(--ad-line);padding-top:8px"},
            node("div", "head", f"{number}  {name}"),
            node("div", "note", text),
        )
        for number, (name, text) in enumerate(STEPS, start=1)
    ]
    grid = {"style": "display:grid;grid-template-columns:repeat(3,minmax(0,260px));gap:24px;padding:20px 0 12px"}
    head = node("div", {"class": "sentence", "role": "heading", "style": "padding-top:40px"}, sentence)
    return node("div", None, head, node("div", grid, *steps))


def build_funnel(stages: Sequence[FunnelStage]) -> Tree:
    """One line a stage: its count, a bar on one scale, and what was lost there."""
    most = max((stage.count for stage in stages), default=0) or 1
    sources = next((stage.count for stage in stages if stage.stage == "sources"), 0)
    lines: list[Tree] = []
    for stage in stages:
        notes = describe_stage(stage, sources)
        style = (
            "display:grid;grid-template-columns:134px 1fr 60px;gap:0 10px;align-items:center;"
            "padding:6px 0;border-bottom:1px solid var(--ad-line)"
        )
        share = max(0.8, 100 * stage.count / most) if stage.count else 0
        bar = node("div", {"style": f"width:{share:.1f}%"}, _bar(stage.stage) if stage.count else None)
        lines.append(
            node(
                "div",
                {"style": style},
                node("span", None, STAGES.get(stage.stage, stage.stage)),
                bar,
                node("b", {"class": "num"}, format_count(stage.count)),
                node("span", {"class": "small muted", "style": "grid-column:2 / 4"}, notes) if notes else None,
            )
        )
    return node("div", None, *lines)


def build_needs(needs: Sequence[Need], *, quiet: bool = True) -> Tree:
    """What a person should look at, worst first, each with its action. A click reports `kind|run id`.

    `quiet`: nothing waits for a decision either.
    """
    if not needs:
        clear = "Nothing needs you." if quiet else "No run needs you, only the open decisions."
        return node("div", {"class": "row muted", "style": "padding:6px 0"}, draw_severity("clear"), clear)
    lines = []
    for need in needs:
        tone = "alarm" if need.severity in ("alarm", "warning") else "muted"
        style = "display:grid;grid-template-columns:16px 1fr auto;gap:8px;align-items:center;padding:6px 0;" + (
            "border-bottom:1px solid var(--ad-line)"
        )
        words = {
            "class": "alarm" if need.severity == "alarm" else None,
            "style": "overflow-wrap:anywhere;display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;"
            "overflow:hidden",
            "dir": "auto",
            "title": tidy_need(need.sentence),
        }
        action = {"class": "link", "act": f"{need.kind}|{need.run_id or ''}"}
        lines.append(
            node(
                "div",
                {"style": style},
                node("span", tone, draw_severity(MARKS.get(need.severity, "unchecked"), 13)),
                node("span", words, tidy_need(need.sentence)),
                node("span", action, need.action),
            )
        )
    return node("div", None, *lines)


def tidy_need(sentence: str) -> str:
    """A run's state is in the sentence and again at the head of its recorded reason: once is enough."""
    for state in ("paused", "stopped"):
        sentence = sentence.replace(f" {state}: {state}; ", f" {state}: ")
    return sentence


def build_outcome_key(outcomes: Collection[str]) -> Tree:
    """Squares with the words of the outcomes that are there, bottom first."""
    squares: list[Tree] = []
    for tone, group in OUTCOME_GROUPS:
        words = [OUTCOME_WORDS[outcome] for outcome in group if outcome in outcomes]
        if words:
            square = {"style": f"width:9px;height:9px;flex:none;background:var(--ad-{tone})"}
            label = {"class": "row small", "style": "gap:5px"}
            squares.append(node("span", label, node("span", square), join_words(words)))
    return node("div", {"class": "row wrap", "style": "gap:3px 12px"}, *squares)


def join_words(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def build_runs(cards: Sequence[RunCard], words: Mapping[str, str]) -> Tree:
    """Runs with their progress and gap by round on one scale; a click on a name opens the run.

    `words`: run id to the state to show, which the process decides as much as the record.
    """
    gaps = [gap for card in cards for gap in card.gap_by_round if gap is not None]
    low, high = min(gaps, default=0.0), max(gaps, default=1.0)
    columns = [
        Column("Run"),
        Column("Sources", width="92px"),
        Column("Gap by round"),
        Column("mean", True),
        Column("accepted", True),
    ]
    rows: list[list[Tree | None]] = []
    for card in cards:
        word = words.get(card.run_id, card.state)
        tone = "alarm" if word in ("failed", "damaged") else "muted"
        name = node(
            "div",
            {"act": f"run|{card.run_id}", "aria-label": f"Open {card.run_id}"},
            node("b", None, card.run_id),
            node("div", f"small {tone}", word),
        )
        progress = node(
            "div",
            None,
            draw_bar(card.sources_done / max(1, card.sources), thin=True),
            node(
                "div",
                {"class": "small muted", "style": "padding-top:3px"},
                f"{card.sources_done:,} of {card.sources:,}",
            ),
        )
        label = f"gap of {card.run_id} by round"
        spark = draw_sparkline(card.gap_by_round, low=low, high=high, label=label) or node("span", "muted", "–")
        rows.append([name, progress, spark, node("b", None, format_gap(card.gap)), format_count(card.accepted)])
    return build_table(columns, rows, "Runs")


def _bar(stage: str) -> Tree:
    """What a person decided is solid; what machines did is pale."""
    opacity = {"sources": 0.3, "tasks": 0.3, "quality": 0.3, "accepted": 0.6}.get(stage, 1)
    return node("div", {"style": f"height:10px;background:var(--ad-accent);opacity:{opacity};min-width:4px"})
