"""The evidence of a verifiable task as a tree: reference, every final answer, right or not and by whom, candidates."""

from __future__ import annotations

from autodata.index.queries.answers import AnswerDetail, AnswersDetail, CandidateDetail
from autodata.model import SOLVERS
from autodata.ui.marks import draw_chip, draw_severity, draw_solver
from autodata.ui.parts import Column, build_columns, build_pairs, build_section, build_stack, build_table
from autodata.ui.text import ABSENT, count_of, shorten
from autodata.ui.tree import Tree, node

FINAL_MAX, QUESTION_MAX, REASON_MAX = 160, 180, 140
"""Characters shown of a final answer, a candidate's question and a reason; all of it is in the title."""

_GRADED_BY = {
    "symbolic": "letters or algebra",
    "verifier": "answer verifier",
    "probe": "no answer, endpoint alive",
    "reference": "judge with the reference",
    "": "not graded",
}


def build_answers(answers: AnswersDetail) -> Tree:
    """What decided a task that has no rubric; every text of a model is text."""
    counts = [_build_count(solver, answers) for solver in SOLVERS]
    reference = build_pairs([("Reference", node("span", {"class": "mono", "dir": "auto"}, answers.reference))], 76)
    sides = build_columns(*[_build_side(solver, answers) for solver in SOLVERS])
    parts = [node("div", "row wrap", *counts, reference), sides]
    note = "right or wrong against the reference; there is no rubric"
    return build_section("Answers", build_stack(*parts, gap=6), note)


def build_candidates(answers: AnswersDetail) -> Tree:
    """The batch the task was chosen from, and why."""
    columns = [
        Column("Rank", True, "44px"),
        Column("Candidate"),
        Column("Answer", False, "24%"),
        Column("Why", False, "30%"),
    ]
    order = sorted(answers.candidates, key=lambda one: (one.rank is None, one.rank or 0, one.id))
    table = build_table(columns, [_build_candidate(one) for one in order], "Candidates of the batch", fixed=True)
    written = count_of(len(order), "candidate")
    return build_section("Screening", table, f"{written} written in round {answers.screened_in}, best first")


def _build_count(solver: str, answers: AnswersDetail) -> Tree:
    right, graded = answers.right_of(solver)
    return draw_chip(f"{solver} {right} of {graded} right")


def _build_side(solver: str, answers: AnswersDetail) -> Tree:
    own = [one for one in answers.answers if one.solver == solver]
    head = node("div", "row", draw_solver(solver), node("b", None, solver.capitalize()))
    if not own:
        return build_stack(head, node("span", "muted", "Not asked in this round."), gap=4)
    columns = [
        Column("#", True, "26px"),
        Column("Final answer"),
        Column("", False, "30px"),
        Column("By", False, "132px"),
    ]
    return build_stack(
        head, build_table(columns, [_build_row(one) for one in own], f"{solver} answers", fixed=True), gap=4
    )


def _build_row(one: AnswerDetail) -> list[Tree | None]:
    mark = {True: "clear", False: "failed", None: "undecided"}[one.right]
    words = {True: "equals the reference", False: "is not the reference", None: "not graded"}[one.right]
    tone = "accent" if one.right else "muted"
    if one.final:
        shown = node("span", {"class": "mono", "dir": "auto", "title": one.final}, shorten(one.final, FINAL_MAX))
    else:
        shown = node("span", "muted", one.status if one.status != "ok" else one.how)
    return [
        str(one.index + 1),
        shown,
        node("span", {"class": tone, "title": words, "aria-label": words, "role": "img"}, draw_severity(mark)),
        node("span", {"class": "small muted", "title": one.note or None}, _GRADED_BY[one.graded_by]),
    ]


def _build_candidate(one: CandidateDetail) -> list[Tree | None]:
    question = shorten(one.question, QUESTION_MAX) if one.question else "no readable candidate"
    title = f"{one.question}\n\nAngle: {one.angle}".strip()
    answer = one.reference_answer
    return [
        ABSENT if one.rank is None else str(one.rank),
        node("span", {"dir": "auto", "title": title}, draw_chip("this task", "clear") if one.taken else None, question),
        node("span", {"class": "mono", "dir": "auto", "title": answer}, shorten(answer, 60)),
        node("span", {"class": "small muted", "dir": "auto", "title": one.reason},
             f"{one.by or 'not judged'}: {shorten(one.reason, REASON_MAX) or 'no reason given'}"),
    ]  # fmt: skip
