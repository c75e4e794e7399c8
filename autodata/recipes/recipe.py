"""A recipe as a value: loaded from its folder or from a journal, versioned by the hash of its files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodata.canon import hash_value
from autodata.errors import BadInput

_FOLDER = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")

TEMPLATES = (
    "challenger.md",
    "challenger_request.md",
    "verifier.md",
    "verifier_request.md",
    "judge.md",
    "judge_request.md",
)


class RubricLimits(BaseModel):
    """Hard limits on a rubric, checked in code before the verifier reads it (paper App C.1, verifier check 3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items_min: int = Field(10, ge=1)
    items_max: int = Field(20, ge=1)
    positives_min: int = Field(4, ge=1)
    negatives_min: int = Field(3, ge=0)
    weight_max: int = Field(10, ge=1)


class RecipeLimits(BaseModel):
    """The numbers of a recipe.toml. Lengths are in characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    rubric: RubricLimits = RubricLimits()
    context_min: int = 80
    context_max: int = 6000
    question_min: int = 30
    question_max: int = 4000
    document_max: int = 60_000
    failures_shown: int = 24
    """Newest earlier failures listed in full in a refinement request; older ones are only counted."""
    banned_openings: tuple[str, ...] = ()


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


def load_recipe(domain: str) -> Recipe:
    """The shipped recipe of `domain`; raises BadInput listing the domains there are."""
    domains = list_domains()
    if domain not in domains:
        raise BadInput(f"domain {domain!r} is unknown; there is {', '.join(domains)}")
    folder = _FOLDER / domain
    return make_recipe(
        {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    )


def make_recipe(files: dict[str, str]) -> Recipe:
    """A recipe from its files' texts, e.g. those frozen in a journal; raises BadInput naming what is missing."""
    missing = [name for name in ("recipe.toml", *TEMPLATES) if name not in files]
    if missing:
        raise BadInput(f"recipe: {', '.join(missing)} missing")
    try:
        limits = RecipeLimits(**tomllib.loads(files["recipe.toml"]))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadInput(f"recipe.toml: {error}") from error
    return Recipe(limits=limits, files=dict(files))


def list_domains() -> list[str]:
    """Names of the shipped recipes."""
    return sorted(path.parent.name for path in _FOLDER.glob("*/recipe.toml"))
