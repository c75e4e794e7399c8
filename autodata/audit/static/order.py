"""S7 and S15: was everything fixed before the first answer, and are the records the ones that were written?"""

from __future__ import annotations

from autodata.agents.judge import render_rubric
from autodata.audit.records import Chain, TaskRecords
from autodata.audit.static.check import Check, Sheet, shorten_sha
from autodata.canon import hash_value


def check_order(task: TaskRecords) -> Check:
    """S7: question, reference and rubric stand in the journal before the first solver call, and all later calls say
    they worked on these very bytes. An import writes records in an order of its own, so there it is not recorded.
    """
    sheet = Sheet("S7")
    if task.run.imported:
        sheet.lack("the order of task and answers")
        return sheet.close()
    solver = task.solver_calls
    first = min((call.seq for call in solver), default=None)
    sha = task.task.content_sha
    for commit in task.commits:
        if commit.content_sha != commit.task.content_sha:
            shas = f"recorded {shorten_sha(commit.content_sha)}, now {shorten_sha(commit.task.content_sha)}"
            sheet.violation(f"the task of record {commit.seq:,} does not have its recorded hash ({shas})")
        if first is not None and commit.seq > first:
            changed = "" if commit.task.content_sha == task.commits[0].task.content_sha else ", with other content"
            sheet.violation(f"the task was written in record {commit.seq:,}, after the first answer{changed}")
    for call in (*solver, *task.judge_calls):
        if not call.task_sha:
            sheet.lack("the task each call worked on")
        elif call.task_sha != sha:
            words = f"worked on another task ({shorten_sha(call.task_sha)} and not {shorten_sha(sha)})"
            sheet.violation(f"the {call.role} call of record {call.seq:,} {words}")
    _compare_rubrics(task, sheet)
    return sheet.close()


def check_chain(task: TaskRecords) -> Check:
    """S15: the journal's hash chain holds up to the last record of this task, and requests have their hashes.

    The chain of an imported run begins with the import and proves nothing of what came before.
    """
    sheet, chain = Sheet("S15"), task.run.chain
    weigh_chain(sheet, chain, find_last_record(task))
    if task.run.imported:
        sheet.lack("records of the source's own")
        return sheet.close()
    if task.run.recipe is not None and task.run.recipe.sha != task.run.recipe_sha:
        sheet.violation(
            f"the recipe has hash {shorten_sha(task.run.recipe.sha)}, recorded is {shorten_sha(task.run.recipe_sha)}"
        )
    for call in task.calls:
        if call.request is not None and hash_value(call.request) != call.request_sha:
            sheet.violation(f"the request of record {call.seq:,} does not have the hash it was recorded with")
    return sheet.close()


def weigh_chain(sheet: Sheet, chain: Chain, last: int) -> None:
    """What a damaged chain means for a task whose last record has the number `last`."""
    if chain.problem and last > chain.intact:
        sheet.violation(chain.problem.rstrip("."))
    elif chain.problem:
        sheet.note(f"a later record of the journal is damaged ({chain.intact + 1:,}); this task's come before it")


def find_last_record(task: TaskRecords) -> int:
    """The highest number among the task's records."""
    parts = (task.commits, task.calls, task.answers)
    return max([task.decision.seq, *(record.seq for part in parts for record in part)])


def _compare_rubrics(task: TaskRecords, sheet: Sheet) -> None:
    rubric, reference = hash_value(render_rubric(task.task.rubric)), hash_value(task.task.reference_answer)
    for call in task.judge_calls:
        by_reference = call.purpose == "verify"
        if call.rubric_sha and call.rubric_sha != (reference if by_reference else rubric):
            what = "reference answer" if by_reference else "rubric"
            sheet.violation(f"record {call.seq:,} was judged by another {what} than the one written before the answers")
