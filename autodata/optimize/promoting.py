"""Promotion: a person makes a kept recipe the default of its domain in this home. Nothing else does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.errors import BadInput
from autodata.home import Home, check_name
from autodata.journal import JournalWriter
from autodata.locks import take_lock
from autodata.optimize.lookup import find_version
from autodata.optimize.population import Version
from autodata.optimize.report import describe_version_figures
from autodata.optimize.stored import StoredSearch, find_search
from autodata.recipes.recipe import Recipe, load_recipe
from autodata.review.entry import check_reviewer
from autodata.review.team import load_team

PROVENANCE = "provenance.json"
"""Beside the recipe's files, which do not count it among themselves: where this default comes from."""
REASON_MAX = 2_000
WAIT_S = 1.0
"""Seconds to wait for another promotion, and for the search's journal."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became the default: the recipe, where it lies, what it replaced."""

    version: str
    domain: str
    folder: Path
    replaced: str
    search: str


def promote_version(
    home: Home, reference: str, *, reviewer: str, reason: str, search: str | None = None, replace: bool = False
) -> Promotion:
    """Make a candidate the default of its domain: recorded in its search's journal, then written to the home's recipes.

    Raises BadInput when the person may not, when the version is no candidate, without a reason, and when the present
    default is neither the recipe the search began with nor one of its versions, unless `replace` is given. Raises
    HeldElsewhere while the search is at work, and while another promotion is being written.
    """
    name = check_reviewer(reviewer)
    load_team(home).require(name, "promote")
    if not reason.strip():
        raise BadInput("a promotion needs a reason; say what you saw with --reason")
    with _hold_defaults(home):
        return _promote(home, reference, name, reason.strip()[:REASON_MAX], search, replace)


def _promote(home: Home, reference: str, reviewer: str, reason: str, search: str | None, replace: bool) -> Promotion:
    found = find_version(home, reference, search)
    stored, version = found.search, found.version
    _check_promotable(stored, version)
    default = _read_default(home, version.recipe.name)
    known = stored.population.versions.keys()
    if default is not None and default.sha not in known and not replace:
        raise BadInput(
            f"the default recipe of {version.recipe.name} is {default.sha[:8]}, no version of search {stored.name}: it "
            "was changed since, and promoting would drop that change. Compare them with `autodata recipe diff "
            f"{version.recipe.name} {version.sha[:8]}`, then give --replace"
        )
    replaced = default.sha if default else ""
    data = {
        "version": version.sha,
        "domain": version.recipe.name,
        "reviewer": reviewer,
        "reason": reason,
        "replaced": replaced,
        "replaced_files": default.files if default else {},
        "figures": describe_version_figures(version),
        "baseline": describe_version_figures(stored.population.baseline),
        "confirmation": dict(stored.population.confirmation or {}),
    }
    with JournalWriter.open_tail(find_search(home, stored.name), wait_s=WAIT_S) as journal:
        record = journal.append("promoted", data)
        journal.sync()
    folder = home.recipes / version.recipe.name
    provenance = {key: value for key, value in data.items() if key != "replaced_files"}
    _write_folder(home, folder, version.recipe, {**provenance, "search": stored.name, "t": record.t})
    return Promotion(version.sha, version.recipe.name, folder, replaced, stored.name)


@contextmanager
def _hold_defaults(home: Home) -> Iterator[None]:
    """One promotion at a time: whoever comes second is asked about the default that the first one made."""
    fd = os.open(home.root, os.O_RDONLY)
    try:
        take_lock(fd, WAIT_S, f"another recipe is being promoted in {home.root}. Wait for it, then promote again.")
        yield
    finally:
        os.close(fd)


def _check_promotable(stored: StoredSearch, version: Version) -> None:
    if version.state in ("candidate", "promoted"):
        if stored.population.alarms and not version.certified:
            raise BadInput(
                f"search {stored.name} ended with a Goodhart alarm before the gaps of recipe {version.sha[:8]} were "
                "measured on fresh answers; search again from it, or test it by hand with `autodata recipe fork`"
            )
        return
    why = {
        "baseline": "it is what the search began with",
        "testing": "its comparison is not decided",
        "discarded": "it did no better than its parent",
        "alarmed": "it raised the Goodhart alarm: more of its tasks are accepted and fewer of them hold",
    }[version.state]
    raise BadInput(f"recipe {version.sha[:8]} of search {stored.name} is no candidate: {why}")


def _read_default(home: Home, name: str) -> Recipe | None:
    """The recipe that runs of this domain take now; None where there is none of that name yet."""
    try:
        return load_recipe(name, home.recipes)
    except BadInput:
        if (home.recipes / name).exists():
            raise
        return None


def _write_folder(home: Home, folder: Path, recipe: Recipe, provenance: dict[str, Any]) -> None:
    """Whole or not at all: written beside, then put in place."""
    fresh = home.root / f".recipe-{recipe.name}-{os.getpid()}"
    aside = home.root / f".recipe-{recipe.name}-{os.getpid()}-before"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for file, text in recipe.files.items():
        (fresh / check_name(file, "recipe file")).write_text(text, encoding="utf-8")
    (fresh / PROVENANCE).write_bytes(orjson.dumps(provenance, option=orjson.OPT_INDENT_2))
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.rename(aside)
    fresh.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)
