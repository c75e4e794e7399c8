"""From trajectories to a proposal: the analyst's word, the editor's text, and what the guard says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from autodata.agents.request import make_nonce
from autodata.asking import ask_until_read
from autodata.canon import derive_seed
from autodata.errors import MalformedReply
from autodata.model import Role
from autodata.optimize.analyst import TEMPLATE_FILES as ANALYST_FILES
from autodata.optimize.analyst import Analysis, Citation, build_analyst_body, parse_analysis
from autodata.optimize.editor import TEMPLATE_FILES as EDITOR_FILES
from autodata.optimize.editor import Edit, build_editor_body, parse_edit
from autodata.optimize.guard import check_edit, list_editable
from autodata.optimize.population import Iteration, describe_version
from autodata.optimize.search import Search
from autodata.optimize.telling import describe_history
from autodata.optimize.templates import hash_templates
from autodata.optimize.trajectories import Trajectory
from autodata.recipes.recipe import Recipe, make_recipe
from autodata.recorder import CallKey


async def analyse(search: Search, iteration: Iteration, trajectories: Sequence[Trajectory]) -> Analysis:
    """The analyst's word on the trajectories. Raises MalformedReply when none could be read, and ProviderFailure."""
    if iteration.analysis is not None:
        return _read_analysis(iteration.analysis)
    if not trajectories:
        raise MalformedReply("no training source came as far as a task, so there is no trajectory to read")
    parent = search.population.versions[iteration.parent]
    history = describe_history(search.population, iteration.shown)

    def build(ask: int) -> dict[str, Any]:
        return build_analyst_body(
            search.settings.seats.seat("analyst"),
            _read_editable(parent.recipe),
            history,
            trajectories,
            seed=derive_seed(search.settings.seed, iteration.number, "analyst", ask),
            nonce=_make_nonce(search, iteration, "analyst"),
        )

    analysis, call = await ask_until_read(
        search.make_context(parent.recipe),
        "analyst",
        CallKey(iteration.name, 0, "analyst", purpose="analyse"),
        build,
        lambda text: parse_analysis(text, trajectories),
        template_sha=hash_templates(*ANALYST_FILES),
    )
    search.book.write(
        "analysis",
        {
            "iteration": iteration.number,
            **asdict(analysis),
            "trajectories": [asdict(own) for own in trajectories],
            "call": call,
        },
    )
    return analysis


async def propose(search: Search, iteration: Iteration, analysis: Analysis) -> Mapping[str, Any]:
    """The editor's proposal with what the guard says of it, and the child where nothing is refused."""
    if iteration.edit is not None:
        return iteration.edit
    parent = search.population.versions[iteration.parent]
    history = describe_history(search.population, iteration.shown)

    def build(ask: int) -> dict[str, Any]:
        return build_editor_body(
            search.settings.seats.seat("editor"),
            _read_editable(parent.recipe),
            analysis,
            history,
            seed=derive_seed(search.settings.seed, iteration.number, "editor", ask),
            nonce=_make_nonce(search, iteration, "editor"),
        )

    edit, call = await ask_until_read(
        search.make_context(parent.recipe),
        "editor",
        CallKey(iteration.name, 0, "editor", purpose="edit"),
        build,
        parse_edit,
        template_sha=hash_templates(*EDITOR_FILES),
    )
    refusals, child = judge_edit(parent.recipe, edit)
    if child is not None and child.sha not in search.population.versions:
        version = describe_version(
            child, by="editor", note=edit.summary, state="testing", parent=parent.sha, iteration=iteration.number
        )
        search.book.write("version", version)
    search.book.write(
        "edit",
        {
            "iteration": iteration.number,
            "summary": edit.summary,
            "files": dict(edit.files),
            "refusals": refusals,
            "child": child.sha if child else None,
            "call": call,
        },
    )
    return search.population.iterations[iteration.number].edit or {}


def judge_edit(parent: Recipe, edit: Edit) -> tuple[list[dict[str, Any]], Recipe | None]:
    """What the guard refuses, and the child where it refuses nothing."""
    refusals = [asdict(refusal) for refusal in check_edit(parent, edit.files)]
    return refusals, None if refusals else make_recipe({**parent.files, **edit.files})


def _read_editable(recipe: Recipe) -> dict[str, str]:
    return {name: recipe.files[name] for name in list_editable(recipe)}


def _read_analysis(data: Mapping[str, Any]) -> Analysis:
    citations = tuple(Citation(**own) for own in data["citations"])
    return Analysis(data["root_cause"], citations, data["suggestion"], data["file"])


def _make_nonce(search: Search, iteration: Iteration, reader: Role) -> str:
    return make_nonce(search.name, search.settings.seed, iteration.name, iteration.number, reader)
