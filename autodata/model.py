"""The records of the product: values only, no I/O. The words are those of the glossary in docs/architecture.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from autodata.canon import hash_value

Solver = Literal["weak", "strong"]
SOLVERS: tuple[Solver, ...] = ("weak", "strong")

Role = Literal[
    "extractor",
    "challenger",
    "verifier",
    "weak",
    "strong",
    "judge",
    "loop_judge",
    "analyst",
    "editor",
    "auditor_judge",
    "auditor_writer",
    "peer",
]
"""Who a seat is for. Analyst and editor serve the search for better recipes only; the last three serve audits only: a
judge and a writer of other model families than those they check, and a second weak-class solver."""
ROLES: tuple[Role, ...] = Role.__args__  # type: ignore[attr-defined]

Outcome = Literal[
    "accepted",
    "too_easy",
    "weak_zero",
    "failed_on_strong",
    "saturated",
    "narrow_gap",
    "inverted",
    "no_spread",
    "improve",
    "failed_quality",
    "failed_audit",
    "passed_baseline",
    "undecided",
]
"""How a round ended. `no_spread`: the weak answers differ too little to learn from. `improve`: the loop judge or a code
filter asked for a better task. `passed_baseline`: a single-shot control task meets the policy, but nothing is accepted
there."""

OUTCOMES: tuple[Outcome, ...] = Outcome.__args__  # type: ignore[attr-defined]

SourceOutcome = Literal["accepted", "exhausted", "undecided", "skipped"]
"""How a source ended. `skipped`: the extractor found it unsuitable, so no task was written."""

Band = Literal["right", "easy", "hard", "inverted"]
AnswerStatus = Literal["ok", "truncated", "empty", "refused", "failed"]
"""How an answer ended. Everything but `failed` was answered; only `failed` is infrastructure."""

AnswerRule = Literal["graded", "excluded", "undecided"]
"""What a policy does with an answer of a given status: count its score, leave it out, or decide nothing."""

Grader = Literal["judge", "symbolic", "verifier", "reference", "probe"]
"""Who graded an answer: the judge by rubric, an algebra library, a model that compares it with the reference, the judge
against the reference; or nobody, because it was empty and a probe showed that its endpoint was alive."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document, or one passage of it, that tasks are grounded in. `id` is the first 16 hex of the text's hash."""

    id: str
    title: str
    text: str
    document: str = ""
    passage: int = 1
    passages: int = 1
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One weighted test. A negative weight marks a criterion that describes an error happening.

    `capability` (what it tests) and `weight_class` (critical, important, slight, negative) are "" where a domain has
    none.
    """

    id: str
    criterion: str
    weight: float
    capability: str = ""
    weight_class: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What the challenger wrote in one round. `id` depends on run, source, round and every word of it.

    Without a rubric it is verifiable: an answer is right or wrong against `reference_answer`.
    """

    id: str
    source_id: str
    round: int
    question_type: str
    context: str
    question: str
    reference_answer: str
    rubric: tuple[Criterion, ...]
    tags: tuple[str, ...] = ()

    @property
    def content_sha(self) -> str:
        """Hash of everything a solver or judge could see; a changed rubric is a new task."""
        return hash_value(
            {
                "context": self.context,
                "question": self.question,
                "reference_answer": self.reference_answer,
                "rubric": [[c.id, c.criterion, c.weight] for c in self.rubric],
            }
        )


@dataclass(frozen=True, slots=True)
class QualityReview:
    """The verifier's word on a task, plus the deterministic checks. `feedback` is sent to the challenger."""

    passed: bool
    checks: dict[str, str]
    feedback: str
    by: Literal["checks", "verifier"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's word on one criterion: met 1 or 0, and the words of the answer it rests on."""

    criterion_id: str
    met: float
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Parts and value of one answer's score; `value` in [0, 1]."""

    earned: float
    penalty: float
    attainable: float
    value: float


@dataclass(frozen=True, slots=True)
class Rollout:
    """One solver answer with its judged verdicts. `score` is None where nothing was graded."""

    solver: Solver
    index: int
    purpose: str
    status: AnswerStatus
    answer: str
    answer_sha: str
    finish_reason: str
    score: Score | None
    verdicts: tuple[Verdict, ...]
    answer_call: int | None
    judge_call: int | None
    note: str = ""
    graded_by: Grader = "judge"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; None where the server did not say. `cached_tokens` are among `prompt_tokens`."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
