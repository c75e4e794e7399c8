"""S0: scores from the recorded verdicts, means from the scores, the decision from both, computed again."""

from __future__ import annotations

from autodata.acceptance import Acceptance, Graded, decide_acceptance
from autodata.agents.answer_verifier import parse_answer_verdict
from autodata.agents.judge import parse_verdicts
from autodata.audit.records import Answer, TaskRecords
from autodata.audit.static.check import Check, Sheet
from autodata.errors import BadInput, MalformedReply
from autodata.frugal import Side, settle_round
from autodata.grading import decide_symbolically
from autodata.llm.reply import Reply, classify_answer
from autodata.model import SOLVERS, AnswerStatus, Solver, Usage
from autodata.scoring import mean_score, measure_gap, score_verdicts

TOLERANCE = 1e-6
ROUNDED = 0.0051
"""A score that a source states with two decimals may part from ours by so much."""

_AFTER_ACCEPTANCE = ("failed_quality", "failed_audit", "improve", "passed_baseline", "undecided")
"""Outcomes that come after, or instead of, the numbers; none of them lets a task in."""


def check_scores(task: TaskRecords) -> Check:
    """Every score, mean and outcome again, by the formula of docs/method.md and the policy in force; tolerance 1e-6.

    Verdicts are read out of the judge's reply where it is recorded. Imported scores may be rounded to two decimals.
    """
    sheet = Sheet("S0")
    values: dict[Solver, list[float]] = {solver: [] for solver in SOLVERS}
    for solver in SOLVERS:
        for answer in task.list_answers(solver):
            value = _score_again(task, sheet, answer)
            if value is not None:
                values[solver].append(value)
    _compare_means(task, sheet, values)
    _compare_outcome(task, sheet)
    return sheet.close()


def grade_side(task: TaskRecords, solver: Solver, left_out: frozenset[int] = frozenset()) -> list[Graded]:
    """The recorded answers of one side as acceptance sees them, but for those whose index is left out."""
    return [Graded(_read_status(a.status), a.value) for a in task.list_answers(solver) if a.index not in left_out]


def decide_again(
    task: TaskRecords, weak: list[Graded], strong: list[Graded], planned: dict[Solver, int] | None = None
) -> Acceptance | None:
    """The policy's word on these answers; None where no policy is recorded. `planned`: rollouts per side, where a
    frugal round asked for fewer.
    """
    if task.policy is None:
        return None
    if planned and (len(weak) < planned["weak"] or len(strong) < planned["strong"]):
        sides = Side(tuple(weak), planned["weak"]), Side(tuple(strong), planned["strong"])
        settled = settle_round(task.policy, *sides, scored=not task.task.rubric)
        if settled is not None:
            return settled
    return decide_acceptance(task.policy, weak, strong or None)


def find_planned(task: TaskRecords) -> dict[Solver, int] | None:
    """Rollouts planned per side, in a run that may stop asking early."""
    if not task.run.frugal or task.policy is None:
        return None
    return {solver: task.decision.planned.get(solver) or task.policy.rollouts(solver) for solver in SOLVERS}


def _read_status(status: str) -> AnswerStatus:
    """How an answer ended; what nobody recorded is not counted against it."""
    return next((known for known in AnswerStatus.__args__ if known == status), "ok")  # type: ignore[attr-defined]


def _score_again(task: TaskRecords, sheet: Sheet, answer: Answer) -> float | None:
    name = f"{answer.solver} answer {answer.index + 1}"
    _check_status(task, sheet, answer, name)
    if answer.value is None:
        return None
    value = _score_rubric(task, sheet, answer, name) if task.task.rubric else _grade_again(task, sheet, answer, name)
    if value is not None and abs(value - answer.value) > TOLERANCE:
        sheet.violation(f"{name} is recorded with {answer.value:.4f}, its verdicts give {value:.4f}")
    if answer.stated is not None and abs(answer.stated - (answer.value if value is None else value)) > ROUNDED:
        sheet.violation(
            f"{name} is stated with {answer.stated:.2f} ({answer.stated_by}), its verdicts give {answer.value:.2f}"
        )
    return answer.value if value is None else value


def _check_status(task: TaskRecords, sheet: Sheet, answer: Answer, name: str) -> None:
    """Whether an answer ended as it is recorded to have: one called empty would not be counted."""
    call = task.find_call(answer.answer_call)
    if task.run.imported or call is None or call.response is None or answer.status == "failed":
        return
    reply = Reply(call.response, "", call.finish_reason, "", None, Usage(), call.refusal)
    ended = classify_answer(reply)
    if answer.status not in (ended, "empty" if not call.response.strip() else ended):
        sheet.violation(f"{name} is recorded as {answer.status}, its response ended {ended}")


def _score_rubric(task: TaskRecords, sheet: Sheet, answer: Answer, name: str) -> float | None:
    if not answer.verdicts:
        sheet.lack("verdicts")
        return None
    marks = {verdict.criterion_id: verdict.met for verdict in answer.verdicts}
    call = task.find_call(answer.judge_call)
    if call is not None and call.response is not None:
        try:
            said = {v.criterion_id: v.met for v in parse_verdicts(call.response, task.task.rubric)}
        except MalformedReply as error:
            if not task.run.imported:
                sheet.violation(f"{name} is graded by a reply that holds no verdict (record {call.seq:,}: {error})")
        else:
            parted = sorted(key for key, met in said.items() if marks.get(key) != met)
            if parted:
                words = f"{name} is graded otherwise than record {call.seq:,} says ({', '.join(parted)})"
                (sheet.flag if task.run.imported else sheet.violation)(words)
    elif not task.run.imported:
        sheet.lack("judge replies")
    try:
        return score_verdicts(task.task.rubric, marks).value
    except (MalformedReply, BadInput) as error:
        sheet.violation(f"{name} has a score that its verdicts cannot give: {error}")
        return None


def _grade_again(task: TaskRecords, sheet: Sheet, answer: Answer, name: str) -> float | None:
    """A verifiable answer: by letters and algebra, what the verifier's recorded reply says, nothing for silence."""
    if answer.graded_by == "verifier":
        return _read_equivalence(task, sheet, answer, name)
    if answer.text is not None and not answer.text.strip():
        return 0.0
    if answer.graded_by == "symbolic" and answer.text is not None and "reference_answer" not in task.missing:
        equal = decide_symbolically(task.task.reference_answer, answer.text)[1].equal
        # What neither letters nor algebra decide here was decided when a process had more time or memory.
        return None if equal is None else float(equal)
    if answer.graded_by == "probe" and answer.text is not None:
        sheet.violation(f"{name} is graded as silence and has words")
    else:
        sheet.lack("verdicts")
    return None


def _read_equivalence(task: TaskRecords, sheet: Sheet, answer: Answer, name: str) -> float | None:
    call = task.find_call(answer.judge_call)
    if call is None or call.response is None:
        sheet.lack("judge replies")
        return None
    try:
        return float(parse_answer_verdict(call.response).equivalent)
    except MalformedReply as error:
        if not task.run.imported:
            sheet.violation(f"{name} is graded by a reply that holds no verdict (record {call.seq:,}: {error})")
        return None


def _compare_means(task: TaskRecords, sheet: Sheet, values: dict[Solver, list[float]]) -> None:
    decision, policy = task.decision, task.policy
    counted: dict[Solver, list[float]] = {}
    for solver in SOLVERS:
        answers = task.list_answers(solver)
        counts = [policy is None or policy.rule_for(_read_status(a.status)) == "graded" for a in answers]
        if any(a.value is None and c and a.status != "failed" for a, c in zip(answers, counts, strict=True)):
            return
        counted[solver] = [a.value for a, c in zip(answers, counts, strict=True) if c and a.value is not None]
    for name, recorded, own in (
        ("weak mean", decision.weak_mean, mean_score(counted["weak"])),
        ("strong mean", decision.strong_mean, mean_score(counted["strong"])),
        ("gap", decision.gap, measure_gap(counted["weak"], counted["strong"])),
    ):
        if recorded is not None and own is not None and abs(recorded - own) > TOLERANCE:
            sheet.violation(f"the {name} is recorded as {recorded:.4f}, the scores give {own:.4f}")


def _compare_outcome(task: TaskRecords, sheet: Sheet) -> None:
    decision, policy = task.decision, task.policy
    if decision.differs:
        sheet.violation(f"the claim and the recorded scores part: {decision.differs}")
    if policy is None:
        sheet.lack("the acceptance rule")
        return
    if decision.policy_sha and decision.policy_sha != policy.sha:
        sheet.violation(f"the round was decided under another policy than the run's ({policy.name})")
    if not task.answers:
        if decision.outcome == "accepted":
            sheet.lack("rollouts")
        return
    found = decide_again(task, grade_side(task, "weak"), grade_side(task, "strong"), find_planned(task))
    if found is None or decision.outcome in _AFTER_ACCEPTANCE:
        return
    if found.outcome != decision.outcome and not (task.run.imported and decision.differs):
        words = f"recorded as {_spell(decision.outcome)}, the scores give {_spell(found.outcome)}: {found.reason}"
        sheet.violation(words)
    word = task.loop_word
    if decision.outcome == "accepted" and policy.rule == "loop_judge":
        if word is None:
            sheet.lack("the loop judge's word")
        elif word.verdict != "accept" or word.flags:
            sheet.violation(
                f"accepted, although the loop judge said {word.verdict or 'nothing'} with {word.flags} flags"
            )


def _spell(outcome: str) -> str:
    return outcome.replace("_", " ")
