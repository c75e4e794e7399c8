"""grpo/<split>.jsonl with reward.py: prompts to sample from, and all that is needed to score what comes back.

TRL's GRPOTrainer takes `prompt` as messages and hands every other column to the reward function by name. Trainers in
the style of verifiers take `prompt`, `answer` and `info`, a JSON string.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from autodata.dataset.entry import Entry
from autodata.dataset.formats.chat import make_prompt
from autodata.dataset.formats.writer import CountingWriter, LineFile, SplitFiles
from autodata.dataset.reward.render import FILE, JudgeBook, render_reward
from autodata.index.database import Index


class GrpoWriter(CountingWriter):
    """One line per task that can be scored, and the reward function that scores it."""

    def __init__(self, folder: Path, index: Index) -> None:
        super().__init__()
        self._folder = folder
        self._files = SplitFiles(folder / "grpo")
        self._book = JudgeBook(index)

    def write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if not entry.row.rubric and not entry.row.reference_answer.strip():
                self.skipped["no_reward"] += 1
                continue
            self._files.write(entry.split, orjson.dumps(make_grpo(entry, self._book.name_judge(entry.row))) + b"\n")
            self.written[entry.split] += 1

    def close(self) -> None:
        self._files.close()
        reward = LineFile(self._folder / FILE)
        reward.write(render_reward(self._book))
        reward.close()


def make_grpo(entry: Entry, judge: str) -> dict[str, Any]:
    """One line. `judge` names the prompts in reward.py; `info` repeats what a reward function needs, for trainers that
    hand over nothing else."""
    row, item = entry.row, entry.item
    scored = {
        "id": row.task_id,
        "context": row.context,
        "question": row.question,
        "rubric": item["rubric"],
        "judge": judge,
    }
    return {
        "id": row.task_id,
        "prompt": make_prompt(row),
        "context": row.context,
        "question": row.question,
        "answer": row.reference_answer,
        "rubric": item["rubric"],
        "judge": judge,
        "weak_mean": row.weak,
        "strong_mean": row.strong,
        "info": orjson.dumps({**scored, "answer": row.reference_answer}).decode(),
        "simulated": row.simulated,
    }
