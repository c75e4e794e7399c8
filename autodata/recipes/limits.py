"""What a recipe.toml holds: the flow of a domain and the limits of its tasks, checked when it is read."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from autodata.recipes.filters import FilterRules

TaskField = Literal["question_type", "context", "question", "reference_answer", "rubric", "target_capabilities"]


class Flow(BaseModel):
    """The order of steps that a recipe declares; the loop takes them and knows no domain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    extract: bool = False
    """Ask the extractor first; it may find the source unsuitable, which skips it."""
    write: Literal["challenger", "given"] = "challenger"
    """Who writes the task: the challenger, or nobody, because the source carries it."""
    candidates: int = Field(1, ge=1, le=8)
    """Challengers asked at once, each from another angle. More than one are screened, and the best goes on."""
    verify: bool = True
    """The verifier reads the task before any solver does."""
    order: Literal["weak_first", "together"] = "weak_first"
    """Strong only where weak passed, or both solvers at once."""
    grading: Literal["rubric", "answer"] = "rubric"
    """How answers are graded: criterion by criterion, or right or wrong against the reference."""
    feedback: Literal["lists", "packet", "answers"] = "lists"
    """What the challenger learns of failed rounds: questions and scores, criteria and capabilities, or answers too."""
    policy: str = "deployed"
    """The preset a run of this domain starts from."""

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that take part, by the name of their templates; the loop judge only where a policy asks for it."""
        taking_part = {
            "extractor": self.extract,
            "challenger": self.write == "challenger",
            "screener": self.candidates > 1,
            "verifier": self.verify,
            "judge": self.grading == "rubric",
            "answer_verifier": self.grading == "answer",
            "loop_judge": self.feedback == "packet",
        }
        return tuple(agent for agent, takes_part in taking_part.items() if takes_part)


class RubricLimits(BaseModel):
    """Hard limits on a rubric, checked in code before the verifier reads it (paper App C.1, verifier check 3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items_min: int = Field(10, ge=1)
    items_max: int = Field(20, ge=1)
    positives_min: int = Field(4, ge=1)
    negatives_min: int = Field(3, ge=0)
    negatives_max: int | None = Field(None, ge=0)
    """Most negative criteria; 0 for a rubric of positive ones only, None for no bound."""
    weight_max: int = Field(10, ge=1)
    classes: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Range of weights of each weight class, both ends included; empty where criteria have no classes."""

    @model_validator(mode="after")
    def _check_ranges(self) -> RubricLimits:
        _check_range("items", self.items_min, self.items_max)
        if self.negatives_max is not None:
            _check_range("negatives", self.negatives_min, self.negatives_max)
        if self.positives_min + self.negatives_min > self.items_max:
            raise ValueError(
                f"positives_min {self.positives_min} and negatives_min {self.negatives_min} do not fit into items_max "
                f"{self.items_max}"
            )
        for name, (low, high) in self.classes.items():
            if low > high:
                raise ValueError(f"class {name}: its weights {[low, high]} end before they begin")
        return self


class RecipeLimits(BaseModel):
    """The numbers of a recipe.toml. Lengths are in characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    flow: Flow = Flow()
    task_fields: tuple[TaskField, ...] = ("question_type", "context", "question", "reference_answer", "rubric")
    """What a challenger's reply must hold."""
    rubric: RubricLimits = Field(default_factory=RubricLimits)
    filters: FilterRules = FilterRules()
    rounds: int = Field(15, ge=1, le=100)
    """Rounds a source may take unless the run says otherwise."""
    rounds_max: int = Field(100, ge=1, le=100)
    """Most rounds a source may take, whatever the run's settings ask for."""
    context_min: int = Field(80, ge=0)
    context_max: int = Field(6000, ge=0)
    question_min: int = Field(30, ge=0)
    question_max: int = Field(4000, ge=1)
    document_max: int = Field(60_000, ge=1)
    failures_shown: int = Field(24, ge=0)
    """Newest earlier failures listed in full in a refinement request; older ones are only counted."""
    banned_openings: tuple[str, ...] = ()
    angles: tuple[str, ...] = ()
    """What challengers that are asked at once are each told to try, in turn over the rounds."""

    @model_validator(mode="after")
    def _check_ranges(self) -> RecipeLimits:
        _check_range("context", self.context_min, self.context_max)
        _check_range("question", self.question_min, self.question_max)
        return self


def _check_range(what: str, low: int, high: int) -> None:
    if low > high:
        raise ValueError(f"{what}_min {low} is above {what}_max {high}")
