"""A recipe as a value: loaded from its folder or from a journal, versioned by the hash of its files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.home import is_name
from autodata.policy import PRESETS, Policy
from autodata.recipes.filters import FilterRules

_FOLDER = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")

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


def name_templates(agent: str) -> tuple[str, str]:
    """The two files of an agent: what it is told about its work, and the request of one call."""
    return f"{agent}.md", f"{agent}_request.md"


class RubricLimits(BaseModel):
    """Hard limits on a rubric, checked in code before the verifier reads it (paper App C.1, verifier check 3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items_min: int = Field(10, ge=1)
    items_max: int = Field(20, ge=1)
    positives_min: int = Field(4, ge=1)
    negatives_min: int = Field(3, ge=0)
    weight_max: int = Field(10, ge=1)
    classes: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Range of weights of each weight class, both ends included; empty where criteria have no classes."""


class RecipeLimits(BaseModel):
    """The numbers of a recipe.toml. Lengths are in characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    flow: Flow = Flow()
    task_fields: tuple[TaskField, ...] = ("question_type", "context", "question", "reference_answer", "rubric")
    """What a challenger's reply must hold."""
    rubric: RubricLimits = RubricLimits()
    filters: FilterRules = FilterRules()
    rounds: int = Field(15, ge=1, le=100)
    """Rounds a source may take unless the run says otherwise."""
    rounds_max: int = Field(100, ge=1, le=100)
    """Most rounds a source may take, whatever the run's settings ask for."""
    context_min: int = 80
    context_max: int = 6000
    question_min: int = 30
    question_max: int = 4000
    document_max: int = 60_000
    failures_shown: int = 24
    """Newest earlier failures listed in full in a refinement request; older ones are only counted."""
    banned_openings: tuple[str, ...] = ()
    angles: tuple[str, ...] = ()
    """What challengers that are asked at once are each told to try, in turn over the rounds."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Templates and limits of one domain. `sha` names the exact text of every file."""

    limits: RecipeLimits
    files: dict[str, str]

    @property
    def name(self) -> str:
        return self.limits.name

    @property
    def sha(self) -> str:
        return hash_value(self.files)

    def template_sha(self, *names: str) -> str:
        """Hash of the named templates' text, recorded with every call rendered from them."""
        return hash_value([self.files[name] for name in names])

    def render(self, name: str, values: dict[str, str]) -> str:
        """Fill `{{placeholders}}` in one pass: text that itself contains a placeholder pulls nothing in."""
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], self.files[name]).strip()


def load_recipe(domain: str, own: Path | None = None) -> Recipe:
    """The recipe of `domain`: a folder of that name in `own` (a home's recipes), else a shipped one, else a path.

    Raises BadInput listing the domains there are, or naming what is wrong with the folder.
    """
    folder = _find_folder(domain, own)
    try:
        files = {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted(folder.iterdir())
            if path.suffix in (".md", ".toml")
        }
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"recipe {folder} cannot be read: {error}") from error
    return make_recipe(files)


def make_recipe(files: dict[str, str]) -> Recipe:
    """A recipe from its files' texts, e.g. those frozen in a journal; raises BadInput naming what is missing."""
    if "recipe.toml" not in files:
        raise BadInput("recipe: recipe.toml missing")
    try:
        limits = RecipeLimits(**tomllib.loads(files["recipe.toml"]))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadInput(f"recipe.toml: {error}") from error
    wanted = [name for agent in limits.flow.agents for name in name_templates(agent)]
    missing = [name for name in wanted if name not in files]
    if missing:
        raise BadInput(f"recipe {limits.name}: {', '.join(missing)} missing, which its [flow] needs")
    if limits.flow.policy not in PRESETS:
        raise BadInput(
            f"recipe {limits.name}: policy {limits.flow.policy!r} is unknown; choose of {', '.join(PRESETS)}"
        )
    return Recipe(limits=limits, files=dict(files))


def list_domains(own: Path | None = None) -> list[str]:
    """Names of the shipped recipes and of those in `own`, a home's recipes."""
    folders = (_FOLDER, own) if own else (_FOLDER,)
    return sorted({path.parent.name for folder in folders for path in folder.glob("*/recipe.toml")})


def check_fit(recipe: Recipe, policy: Policy) -> None:
    """Raise BadInput when the policy asks for what the recipe does not measure."""
    flow = recipe.limits.flow
    if policy.rule == "counts" and flow.grading != "answer":
        raise BadInput(
            f"policy {policy.name} counts right answers, but recipe {recipe.name} grades by rubric. Choose a policy of "
            f'bounds, such as {flow.policy}, or a recipe with grading = "answer"'
        )
    if policy.rule == "loop_judge" and "loop_judge" not in flow.agents:
        raise BadInput(
            f"policy {policy.name} asks the loop judge, but recipe {recipe.name} has none. Choose {flow.policy}, or a "
            'recipe with feedback = "packet"'
        )


def _find_folder(domain: str, own: Path | None) -> Path:
    if is_name(domain):
        for folder in (own, _FOLDER):
            if folder and (folder / domain / "recipe.toml").is_file():
                return folder / domain
    if (path := Path(domain).expanduser()).joinpath("recipe.toml").is_file():
        return path
    raise BadInput(
        f"domain {domain!r} is unknown; there is {', '.join(list_domains(own))}, or give the path of a folder that "
        "holds a recipe.toml"
    )
