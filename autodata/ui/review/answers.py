"""The evidence of a verifiable task as a tree: reference, every final answer, right or not and by whom, candidates."""

from __future__ import annotations

from autodata.index.queries.answers import AnswerDetail, AnswersDetail, CandidateDetail
from autodata.model import SOLVERS
from autodata.ui.marks import draw_chip, draw_severity, draw_solver
from autodata.ui.parts import Column, build_columns, build_section, build_stack, build_table
from autodata.ui.review.evidence import STATUS_WORDS
from autodata.ui.text import ABSENT, count_of, shorten
from autodata.ui.tree import Tree, node

FINAL_MAX, QUESTION_MAX, REASON_MAX = 160, 180, 140
"""Characters shown of a final answer, a candidate's question and a reason; all of it is in the title."""

_VOICE = "font-size:12.5px;line-height:18px"
_GRADED_BY = {
    "symbolic": "letters or algebra",
    "verifier": "answer verifier",
    "probe": "no answer, endpoint alive",
    "reference": "judge with the reference",
    "": "not graded",
}


def build_answers(answers: AnswersDetail) -> Tree:
    """What decided a task that has no rubric; every text of a model is text."""
    sides = build_columns(*[_build_side(solver, answers) for solver in SOLVERS], spec="minmax(0, 1fr) minmax(0, 1fr)")
    words = {"class": "mono cut", "dir": "auto", "title": answers.reference}
    note = node("span", "muted small keep", "right or wrong against the reference, without a rubric:")
    head = node("div", "row", node("span", "head keep", "Final answers"), note, node("span", words, answers.reference))
    return build_stack(head, sides, gap=2)


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


def _build_side(solver: str, answers: AnswersDetail) -> Tree:
    own = [one for one in answers.answers if one.solver == solver]
    if not own:
        return node("span", "muted", f"{solver.capitalize()} was not asked in this round.")
    right, graded = answers.right_of(solver)
    head = node("span", "row", draw_solver(solver), f"{solver.capitalize()}, {right} of {graded} right")
    columns = [Column("#", True, "26px"), Column(head), Column("", False, "30px"), Column("Graded by", False, "140px")]
    return build_table(columns, [_build_row(one) for one in own], f"{solver} answers", fixed=True)


def _build_row(one: AnswerDetail) -> list[Tree | None]:
    mark = {True: "clear", False: "failed", None: "undecided"}[one.right]
    words = {True: "equals the reference", False: "is not the reference", None: "not graded"}[one.right]
    tone = "accent" if one.right else "muted"
    if one.final:
        look = {"class": "mono cut", "dir": "auto", "title": one.final, "style": "display:block"}
        shown = node("span", look, shorten(one.final, FINAL_MAX))
    else:
        shown = node("span", "muted", one.how if one.status == "ok" else STATUS_WORDS.get(one.status, one.status))
    return [
        str(one.index + 1),
        shown,
        node("span", {"class": tone, "title": words, "aria-label": words, "role": "img"}, draw_severity(mark)),
        node("span", {"class": "small muted", "title": one.note or None}, _GRADED_BY[one.graded_by]),
    ]


def _build_candidate(one: CandidateDetail) -> list[Tree | None]:
    question = shorten(one.question, QUESTION_MAX) if one.question else "no readable candidate"
    title = f"{one.question}\n\nAngle: {one.angle}".strip()
    answer, taken = one.reference_answer, draw_chip("this task", "clear") if one.taken else None
    return [
        ABSENT if one.rank is None else str(one.rank),
        node("span", {"class": "serif", "style": _VOICE, "dir": "auto", "title": title}, question, taken),
        node("span", {"class": "mono", "dir": "auto", "title": answer}, shorten(answer, 60)),
        node("span", {"class": "small muted", "dir": "auto", "title": one.reason},
             f"{one.by or 'not judged'}: {shorten(one.reason, REASON_MAX) or 'no reason given'}"),
    ]  # fmt: skip
