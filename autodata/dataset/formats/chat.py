"""Chat formats: SFT conversations and preference pairs. Which answers are good enough to learn from is decided here.

Columns are those that TRL documents: `messages` for language modelling; `prompt`, `chosen`, `rejected`, each a list of
messages, for preferences. There is no system message, because the solvers had none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from autodata.agents.solver import SOLVER_TEMPLATE
from autodata.dataset.entry import Entry
from autodata.dataset.formats.options import FormatOptions
from autodata.dataset.formats.writer import CountingWriter, SplitFiles
from autodata.index.queries.dataset import AnswerRow, ExportRow
from autodata.model import Solver

GREEN_PARITY = "same"
"""Weak and strong were sent the same bytes but for model and seed; a signed difference would be learned as a taste."""

SKIP_REASONS = {
    "not_answered": "no such answer was recorded",
    "failed": "the answer was never received or could not be graded",
    "empty": "the answer is empty",
    "refused": "the answer is a refusal",
    "truncated": "the answer was cut off",
    "not_judged": "the answer has no score",
    "below_score": "the best answer's score is below the one asked for",
    "no_reference": "the task has no reference answer",
    "parity": "weak and strong were not shown to have had the same request",
    "not_better": "no strong answer scored above a weak one",
    "no_reward": "the task has neither a rubric nor a reference answer",
}
"""Why a task is in no line of a chat or GRPO file, as predicates."""


class SftWriter(CountingWriter):
    """sft/<split>.jsonl: the question and one answer worth imitating."""

    def __init__(self, folder: Path, options: FormatOptions) -> None:
        super().__init__()
        self._files = SplitFiles(folder / "sft")
        self._options = options

    def write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            line = make_sft(entry, self._options)
            if isinstance(line, str):
                self.skipped[line] += 1
            else:
                self._files.write(entry.split, orjson.dumps(line) + b"\n")
                self.written[entry.split] += 1

    def close(self) -> None:
        self._files.close()


class DpoWriter(CountingWriter):
    """dpo/<split>.jsonl: the best strong answer preferred to the worst weak one."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._files = SplitFiles(folder / "dpo")

    def write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            line = make_pair(entry)
            if isinstance(line, str):
                self.skipped[line] += 1
            else:
                self._files.write(entry.split, orjson.dumps(line) + b"\n")
                self.written[entry.split] += 1

    def close(self) -> None:
        self._files.close()


def make_prompt(row: ExportRow) -> list[dict[str, str]]:
    """What the solvers were asked, byte for byte, as a conversation of one message."""
    content = SOLVER_TEMPLATE.format(context=row.context, question=row.question) if row.context else row.question
    return [{"role": "user", "content": content}]


def make_sft(entry: Entry, options: FormatOptions) -> dict[str, Any] | str:
    """A line of the SFT file, or the code of SKIP_REASONS that says why there is none."""
    row = entry.row
    if options.sft_answer == "reference":
        if not row.reference_answer.strip():
            return "no_reference"
        answer, by, model, score = row.reference_answer, "reference", row.models.get("challenger"), None
    else:
        usable, reason = find_usable(row, "strong")
        if not usable:
            return reason
        best = max(usable, key=lambda one: (one.score or 0.0, -one.index))
        if options.sft_score_min is not None and (best.score or 0.0) < options.sft_score_min:
            return "below_score"
        answer, by, model, score = best.answer, "strong", row.models.get("strong"), best.score
    return {
        "id": row.task_id,
        "messages": [*make_prompt(row), {"role": "assistant", "content": answer}],
        "answer_by": by,
        "model": model,
        "score": score,
        "simulated": row.simulated,
    }


def make_pair(entry: Entry) -> dict[str, Any] | str:
    """A line of the preference file, or the code of SKIP_REASONS that says why there is none."""
    row = entry.row
    if row.parity != GREEN_PARITY:
        return "parity"
    strong, reason = find_usable(row, "strong")
    if not strong:
        return reason
    weak, reason = find_usable(row, "weak")
    if not weak:
        return reason
    chosen = max(strong, key=lambda one: (one.score or 0.0, -one.index))
    rejected = min(weak, key=lambda one: (one.score or 0.0, one.index))
    if (chosen.score or 0.0) <= (rejected.score or 0.0):
        return "not_better"
    return {
        "id": row.task_id,
        "prompt": make_prompt(row),
        "chosen": [{"role": "assistant", "content": chosen.answer}],
        "rejected": [{"role": "assistant", "content": rejected.answer}],
        "score_chosen": chosen.score,
        "score_rejected": rejected.score,
        "model_chosen": row.models.get("strong"),
        "model_rejected": row.models.get("weak"),
        "simulated": row.simulated,
    }


def find_usable(row: ExportRow, solver: Solver) -> tuple[list[AnswerRow], str]:
    """Answers of one side that are whole and graded; without any, the code of what is wrong with the first of them."""
    answers = [one for one in row.answers if one.solver == solver and one.purpose == "select"]
    faults = [find_fault(one) for one in answers]
    usable = [one for one, fault in zip(answers, faults, strict=True) if fault is None]
    return usable, "" if usable else next((fault for fault in faults if fault), "not_answered")


def find_fault(answer: AnswerRow) -> str | None:
    """Why an answer is nothing to learn from, as a code of SKIP_REASONS; None when it is whole and graded."""
    if answer.status in ("failed", "refused"):
        return answer.status
    if answer.status == "empty" or not answer.answer.strip():
        return "empty"
    if answer.status == "truncated" or answer.finish_reason == "length":
        return "truncated"
    return "not_judged" if answer.score is None else None
