"""A drawn task as a tree, without anything that somebody or something said of it, and what its sample proves."""

from __future__ import annotations

from autodata.dataset.sample_fold import SampleSummary, format_bound
from autodata.index.queries.dataset_card import SampleAnswer, SampleTask
from autodata.model import SOLVERS, Criterion
from autodata.ui.marks import draw_bar, draw_severity, draw_solver
from autodata.ui.parts import Column, build_columns, build_section, build_stack, build_table
from autodata.ui.text import count_of, format_number, format_score
from autodata.ui.tree import Tree, node

ANSWER_SHOWN = 4_000
SOURCE_SHOWN = 6_000
_TEXT = {"class": "serif pre", "style": "font-size:13px;line-height:19px;overflow-wrap:anywhere", "dir": "auto"}
_SCROLL = "max-height:340px;overflow-y:auto"


def build_bound(summary: SampleSummary) -> Tree:
    """How far the judging is, and the bound once it is done."""
    share = summary.judged / summary.size if summary.size else 0.0
    found = summary.sentence if summary.judged else f"{count_of(summary.size, 'task')} drawn, none judged yet."
    notes = [f"drawn of {summary.population:,} with seed {summary.seed}"]
    if summary.defects and summary.upper is not None and summary.lower is not None:
        notes.append(f"at least {100 * summary.lower:.1f} % and fewer than {format_bound(summary.upper)}")
    if summary.own:
        notes.append(f"{summary.own:,} judged only by people who had voted on them")
    if summary.disputed:
        notes.append(f"{summary.disputed:,} called clean and defective; they count as defective")
    return node(
        "div",
        {"class": "col", "style": "gap:4px;max-width:760px"},
        node("div", {"class": "head", "style": "font-size:15px;line-height:22px"}, found),
        draw_bar(share, tone="alarm" if summary.defects else "accent"),
        node("div", "note small", "; ".join(notes)),
    )


def build_sampled(task: SampleTask) -> Tree:
    """Question, context, reference and rubric on the left, source on the right, all answers below."""
    left = build_stack(
        build_section("Question", node("div", _TEXT, task.question)),
        build_section("Context", node("div", _TEXT, task.context)) if task.context else None,
        build_section("Reference answer", node("div", _TEXT, task.reference_answer)) if task.reference_answer else None,
        build_section("Rubric", _build_rubric(task.rubric)) if task.rubric else None,
        gap=12,
    )
    source = node(
        "div", {**_TEXT, "style": f"{_TEXT['style']};{_SCROLL}"}, shorten_text(task.source_text, SOURCE_SHOWN)
    )
    right = build_section("Source", source, task.source_title)
    answers = [_build_side(solver, [one for one in task.answers if one.solver == solver]) for solver in SOLVERS]
    return build_stack(
        build_columns(left, right, spec="minmax(0, 1.2fr) minmax(0, 1fr)"),
        build_columns(*answers, spec="minmax(0, 1fr) minmax(0, 1fr)"),
        gap=16,
    )


def shorten_text(text: str, limit: int) -> str:
    """At most `limit` characters, line ends kept, with a note of what is not shown."""
    return text if len(text) <= limit else f"{text[:limit]}… [{len(text) - limit:,} more characters]"


def _build_rubric(rubric: tuple[Criterion, ...]) -> Tree:
    rows: list[list[Tree | None]] = [
        [node("span", "mono", one.id), node("span", {"dir": "auto"}, one.criterion), format_number(one.weight)]
        for one in rubric
    ]
    columns = [Column("", width="44px"), Column("Criterion"), Column("Weight", True, "56px")]
    return build_table(columns, rows, "Rubric", fixed=True)


def _build_side(solver: str, answers: list[SampleAnswer]) -> Tree:
    title = node("span", "row", draw_solver(solver), f"{solver.capitalize()} answers")
    if not answers:
        return build_stack(node("div", "head", title), node("span", "muted", "Not asked in this round."), gap=6)
    return build_stack(node("div", "head", title), *[_build_answer(one) for one in answers], gap=8)


def _build_answer(one: SampleAnswer) -> Tree:
    met = f", {sum(value >= 1 for value in one.met.values())} of {len(one.met)} criteria met" if one.met else ""
    head = f"{one.index + 1}: score {format_score(one.score)}{met}"
    state = None if one.status == "ok" else node("span", "row alarm", draw_severity("undecided"), one.status)
    text = node("div", {**_TEXT, "style": f"{_TEXT['style']};{_SCROLL}"}, shorten_text(one.answer, ANSWER_SHOWN))
    note = node("div", "row small muted", head, state)
    style = "border-top:1px solid var(--ad-line);padding-top:6px"
    return node("div", {"class": "col", "style": style}, note, text)
