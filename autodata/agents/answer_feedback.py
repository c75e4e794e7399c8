"""What the challenger learns of the answers to its last task, in a recipe whose feedback is `answers`.

The recipe's agents change the next task by what went wrong in this one (paper Fig 15), so answers are shown: their
final answers and the end of wrong ones, short, and as untrusted text inside a marked section.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodata.answers.reading import read_final_answer
from autodata.model import Rollout, Task

FINAL_MAX = 160
WORK_MAX = 300
"""Characters of a final answer, and of the end of a wrong answer, that are shown."""


def describe_answers(task: Task, weak: Sequence[Rollout], strong: Sequence[Rollout]) -> str:
    """The last task's reference, and what each solver answered to it. "" where nobody answered."""
    lines = [f"reference answer: {_fold(task.reference_answer, FINAL_MAX)}"]
    for name, rollouts in (("weak", weak), ("strong", strong)):
        graded = [rollout for rollout in rollouts if rollout.score is not None]
        if graded:
            right = sum(rollout.score.value == 1 for rollout in graded if rollout.score)
            lines.append(f"{name}: {right} of {len(graded)} right")
            lines += [f"  {_describe(rollout)}" for rollout in graded]
    return "\n".join(lines) if len(lines) > 1 else ""


def _describe(rollout: Rollout) -> str:
    right = rollout.score is not None and rollout.score.value == 1
    final = read_final_answer(rollout.answer)
    shown = _fold(final.text, FINAL_MAX) or f"no final answer ({final.reason})"
    if right:
        return f"right: {shown}"
    cut = ", cut off by its token limit" if rollout.status == "truncated" else ""
    return f"wrong{cut}: {shown} | ends: {_fold(rollout.answer[-WORK_MAX:], WORK_MAX)}"


def _fold(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"
