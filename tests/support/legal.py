"""A legal task, replies of the legal agents, and a stage on which a script plays them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autodata.context import LoopContext
from autodata.journal import JournalWriter
from autodata.llm.seat import simulated_seats
from autodata.model import Criterion, Rollout, Score, Solver, Task, Verdict
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder
from autodata.scoring import score_verdicts
from autodata.settings import RunSettings
from tests.support.drafts import make_task
from tests.support.scripted import ScriptedTransport, Stage, skip_sleep, write_verdicts

QUESTION = (
    "We run a small bakery and our supplier says that a note on its website binds us. What should we do now? " * 3
)

EXTRACT: dict[str, Any] = {
    "suitable_for_synthetic_question": True,
    "suitability_note": "The reasons would hold for other parties.",
    "document_type": "appellate opinion",
    "topic_keywords": ["assent", "notice", "online terms"],
    "issues": ["Does a posted change bind a customer who never saw it?"],
    "facts": "Two companies, one website.\n\nA message came back undelivered.",
    "holdings": ["A sender may not rely on a message that it knows was not received."],
}
VERDICT: dict[str, Any] = {
    "weak_pattern": "meets c1 and c2 in 3 of 5 attempts and c7 in none",
    "strong_pattern": "meets 11 of 14 criteria every time",
    "gap_interpretation": "fertile: attempts range from 0.2 to 0.5",
    "rubric_concerns": [],
    "grpo_suitability": "high",
    "verdict": "accept",
    "verdict_reason": "Attempts differ and some succeed.",
}
IMPROVE: dict[str, Any] = {
    **VERDICT,
    "grpo_suitability": "medium",
    "verdict": "improve",
    "verdict_reason": "Every attempt fails alike.",
    "suggestion_for_writer": "Ask for the step from notice to assent.",
}


def make_rubric(**changes: Any) -> tuple[Criterion, ...]:
    """Fifteen criteria that keep every limit, with changes to the first."""
    rubric = [
        *(
            Criterion(
                f"c{n}", f"Recognises step {n}", 6, "issue_spotting" if n < 8 else "timeline_analysis", "important"
            )
            for n in range(1, 15)
        ),
        Criterion("c15", "Claims that silence is consent", -5, "issue_spotting", "negative"),
    ]
    rubric[0] = Criterion(**(asdict(rubric[0]) | changes))
    return tuple(rubric)


def make_legal_task(**changes: Any) -> Task:
    """A task within every limit of the recipe, with some fields changed."""
    values = {"context": "", "reference_answer": "", "question_type": "", "question": QUESTION, "rubric": make_rubric()}
    return make_task(**(values | changes))


def make_writer_reply(**changes: Any) -> str:
    """The task as a writer would send it: six keys per criterion."""
    rubric = [
        {
            "number": number,
            "criterion": c.criterion,
            "category": "positive" if c.weight > 0 else "negative",
            "capability": c.capability,
            "weight_class": c.weight_class,
            "weight": c.weight,
        }
        for number, c in enumerate(make_rubric(), start=1)
    ]
    target = {
        "primary_focus": ["issue_spotting", "timeline_analysis"],
        "secondary_focus": ["strategy"],
        "rewards_summary": "applies the rule",
        "penalises_summary": "rests on labels",
    }
    return json.dumps({"target_capabilities": target, "question": QUESTION, "rubric": rubric} | changes)


def make_rollout(task: Task, solver: Solver, index: int, met: set[str]) -> Rollout:
    """A graded answer that meets the criteria named in `met`."""
    verdicts = tuple(Verdict(c.id, float(c.id in met)) for c in task.rubric)
    score: Score = score_verdicts(task.rubric, {verdict.criterion_id: verdict.met for verdict in verdicts})
    return Rollout(solver, index, "select", "ok", "words", "sha", "stop", score, verdicts, 1, 2)


class LegalStage(Stage):
    """A legal run on disk whose agents answer from `scripts`; by default everything passes in the first round."""

    def __init__(self, folder: Path, *, changes: dict[str, Any] | None = None, **scripts: Any) -> None:
        played = {
            "extractor": lambda number, body: json.dumps(EXTRACT),
            "challenger": lambda number, body: make_writer_reply(question=f"{QUESTION}It is matter {number}."),
            "judge": lambda number, body: write_verdicts(
                3 + number % 4 if "weak answer" in body["messages"][1]["content"] else 11, 15
            ),
            "loop_judge": lambda number, body: json.dumps(VERDICT),
        }
        self.path = folder / "journal.jsonl"
        self.transport = ScriptedTransport(**(played | scripts))
        values = {"domain": "legal", "policy": make_policy("two_layer"), "seats": simulated_seats(), "max_rounds": 16}
        self.settings = RunSettings(**(values | (changes or {})))

    def open(self) -> tuple[JournalWriter, LoopContext]:
        journal = JournalWriter(self.path)
        recorder = Recorder(journal, self.settings.seats, self.transport, slots=self.settings.slots, sleep=skip_sleep)
        return journal, LoopContext("legal-0001", self.settings, load_recipe("legal"), recorder)
