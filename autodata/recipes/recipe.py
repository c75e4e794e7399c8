"""A recipe as a value: loaded from its folder or from a journal, versioned by the hash of its files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from autodata.bounded import read_bounded
from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.home import check_name, is_name
from autodata.policy import PRESETS, Policy
from autodata.recipes.limits import Flow, RecipeLimits, RubricLimits
from autodata.recipes.placeholders import NAMED, PLACEHOLDER, check_placeholders

__all__ = [
    "Flow",
    "Recipe",
    "RecipeLimits",
    "RubricLimits",
    "check_fit",
    "list_domains",
    "load_recipe",
    "make_recipe",
    "name_templates",
]

_FOLDER = Path(__file__).parent
FILE_MAX = 500_000
"""Bytes a file of a recipe may have: all of them go into every run's journal."""


def name_templates(agent: str) -> tuple[str, str]:
    """The two files of an agent: what it is told about its work, and the request of one call."""
    return f"{agent}.md", f"{agent}_request.md"


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
        return PLACEHOLDER.sub(lambda match: values[match.group(1)], self.files[name]).strip()


def load_recipe(domain: str, own: Path | None = None) -> Recipe:
    """The recipe of `domain`: a folder of that name in `own` (a home's recipes), else a shipped one, else a path.

    Raises BadInput listing the domains there are, or naming what is wrong with the folder.
    """
    folder = _find_folder(domain, own)
    files = {path.name: _read_file(path) for path in sorted(folder.iterdir()) if path.suffix in (".md", ".toml")}
    try:
        recipe = make_recipe(files)
    except BadInput as error:
        raise BadInput(f"{error} (in {folder})") from error
    if is_name(domain) and folder.name == domain and recipe.name != domain:
        raise BadInput(
            f'{folder / "recipe.toml"} says name = "{recipe.name}", but its folder is {domain}: a run would go by '
            "another name than it was asked for. Write the folder's name there"
        )
    return recipe


def make_recipe(files: dict[str, str]) -> Recipe:
    """A recipe from its files' texts, e.g. those frozen in a journal; raises BadInput naming what is missing."""
    if "recipe.toml" not in files:
        raise BadInput("recipe: recipe.toml missing")
    try:
        limits = RecipeLimits(**tomllib.loads(files["recipe.toml"]))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"recipe.toml is not TOML: {error}; mend that place, or copy the recipe anew") from error
    except ValidationError as error:
        raise BadInput(f"recipe.toml: {_describe_first(error)}") from error
    check_name(limits.name, "recipe")
    wanted = [name for agent in limits.flow.agents for name in name_templates(agent)]
    missing = [name for name in wanted if name not in files]
    if missing:
        raise BadInput(f"recipe {limits.name}: {', '.join(missing)} missing, which its [flow] needs")
    if limits.flow.policy not in PRESETS:
        raise BadInput(
            f"recipe {limits.name}: policy {limits.flow.policy!r} is unknown; choose of {', '.join(PRESETS)}"
        )
    for name, text in files.items():
        if name.endswith(".md"):
            _check_template(limits, name, text, wanted)
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


def _check_template(limits: RecipeLimits, name: str, text: str, wanted: list[str]) -> None:
    """A template that no agent of ours has, such as a note beside the others, is nobody's to fill."""
    if name in wanted or name in NAMED:
        check_placeholders(limits.name, name, text)


def _read_file(path: Path) -> str:
    try:
        return read_bounded(path, FILE_MAX, "recipe file").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text; save it as such, or take it out of the recipe's folder") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}; a recipe's files are plain text") from error


def _describe_first(error: ValidationError) -> str:
    """The first thing wrong, in one line: where, what, and the value that stands there."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ")
    given = "" if first["type"] in ("missing", "value_error") else f" (got {first['input']!r})"
    return f"{where + ': ' if where else ''}{message}{given}"[:400]


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
