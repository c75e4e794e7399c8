"""What the audit sees of a run: frozen values of its journal's records, one bundle a task, and nothing else.

A detector takes a `TaskRecords` and can reach no file, no clock and no network. None, "" or an empty request always
mean *not recorded*; a detector that lacks what it needs says so and never calls the task clean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autodata.llm.seat import SeatBook
from autodata.model import SOLVERS, Score, Task, Verdict
from autodata.policy import Policy
from autodata.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt at an endpoint by a solver or a judge. `request` is the exact body sent; read it with `read_body`.

    `texts` are the texts of its messages in order. `error` is the kind of failure, "" for a call that was answered.
    `task_sha`, `answer_sha_in` and `rubric_sha` say what the caller meant to send.
    """

    seq: int
    role: str
    attempt: int
    purpose: str
    subject: str
    model_requested: str
    model_returned: str
    fingerprint: str
    request: Mapping[str, Any] | None
    request_sha: str
    texts: tuple[str, ...]
    adapted: tuple[str, ...]
    template_sha: str
    task_sha: str
    answer_sha_in: str
    rubric_sha: str
    response: str | None
    response_sha: str
    finish_reason: str
    refusal: str
    prompt_tokens: int | None
    completion_tokens: int | None
    error: str

    @property
    def prompt(self) -> str:
        """Everything that was said to the model, as one text."""
        return "\n".join(self.texts)

    def read_body(self) -> dict[str, Any]:
        """The request's fields, in a dictionary of its own; empty where none is recorded."""
        return dict(self.request or {})


@dataclass(frozen=True, slots=True)
class Answer:
    """A `rollout` record: one solver's answer, how it ended and how it was graded.

    `text` is None where the answer is not recorded. `value` is the recorded score, `score` its parts where they are
    recorded; `stated` is the score a source states on our scale and `stated_by` its formula.
    """

    seq: int
    solver: str
    index: int
    purpose: str
    status: str
    finish_reason: str
    text: str | None
    answer_sha: str
    answer_call: int | None
    judge_call: int | None
    value: float | None
    score: Score | None
    verdicts: tuple[Verdict, ...]
    graded_by: str
    stated: float | None = None
    stated_by: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """A `task` record: the hash it claims for its content, and the task itself."""

    seq: int
    content_sha: str
    task: Task


@dataclass(frozen=True, slots=True)
class Decision:
    """A `round` record: what was decided, and from which numbers. `planned` counts rollouts by solver.

    `differs` is an import's word on where a claim and the recorded scores part.
    """

    seq: int
    outcome: str
    weak_mean: float | None
    strong_mean: float | None
    gap: float | None
    policy_sha: str
    planned: Mapping[str, int]
    differs: str = ""


@dataclass(frozen=True, slots=True)
class LoopWord:
    """A `loop_verdict` record: the loop judge's word, and how many code filters spoke against the question."""

    seq: int
    verdict: str
    flags: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """Another round of the same source whose task was put to a solver: its text, for repeated questions."""

    round: int
    text: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The journal's hash chain: how many records are intact, and what is wrong with the next one ("" for nothing)."""

    intact: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What holds for every task of a run. `seats`, `policy` and `recipe` are None where the record has none to read.

    `models` names the model of each seat; `returned` counts what the servers called themselves, by role.
    """

    run_id: str
    software: str
    imported: bool
    simulated: bool
    frugal: bool
    seed: int
    policy: Policy | None
    seats: SeatBook | None
    recipe: Recipe | None
    recipe_sha: str
    models: Mapping[str, str]
    returned: Mapping[str, Mapping[str, int]]
    chain: Chain

    @property
    def allowed(self) -> frozenset[str]:
        """Request settings in which a person allowed weak and strong to differ; none without a signature."""
        contract = self.seats.contract if self.seats else None
        return frozenset(contract.allowed) if contract and contract.signed_by.strip() else frozenset()


@dataclass(frozen=True, slots=True)
class TaskRecords:
    """All records about one task. `missing` names parts of the task that an import did not record."""

    task: Task
    commits: tuple[Commit, ...]
    calls: tuple[Call, ...]
    answers: tuple[Answer, ...]
    decision: Decision
    loop_word: LoopWord | None
    attempts: tuple[Attempt, ...]
    missing: frozenset[str]
    run: RunFacts
    policy: Policy | None
    models: Mapping[str, str]

    def find_call(self, seq: int | None) -> Call | None:
        """The call of that number, if it belongs to this task's round."""
        return next((call for call in self.calls if call.seq == seq), None) if seq is not None else None

    def list_answers(self, solver: str) -> tuple[Answer, ...]:
        """The answers that decided, of one solver, by index."""
        own = (a for a in self.answers if a.solver == solver and a.purpose == "select")
        return tuple(sorted(own, key=lambda answer: answer.index))

    @property
    def solver_calls(self) -> tuple[Call, ...]:
        """Calls of either solver whose answers could decide."""
        return tuple(c for c in self.calls if c.role in SOLVERS and c.purpose == "select")

    @property
    def judge_calls(self) -> tuple[Call, ...]:
        return tuple(c for c in self.calls if c.role == "judge")
