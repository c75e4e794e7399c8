"""Recipes by what a person calls them: the start of a version's hash, a domain's name, or a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.optimize.population import Version
from autodata.optimize.stored import StoredSearch, list_searches, load_search
from autodata.recipes.recipe import Recipe, load_recipe

PREFIX_MIN = 6
_HASH = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class FoundVersion:
    """A version with the search it is part of."""

    search: StoredSearch
    version: Version


def find_version(home: Home, reference: str, search: str | None = None) -> FoundVersion:
    """The one version whose hash starts so, in all searches or in the named one.

    Raises BadInput when there is none, or several of different text; of the same text in several searches the newest
    search counts.
    """
    if not _HASH.fullmatch(reference):
        raise BadInput(f"{reference!r} is no version; give at least {PREFIX_MIN} digits of its hash, as in recipe list")
    found = [own for own in iterate_versions(home, search) if own.version.sha.startswith(reference)]
    if not found:
        where = f"search {search}" if search else "any search"
        raise BadInput(
            f"no recipe of {where} has a hash that starts with {reference}; `autodata recipe list` shows all"
        )
    if len({own.version.sha for own in found}) > 1:
        raise BadInput(f"{reference} is the start of {len(found)} versions; give more digits")
    return found[-1]


def find_recipe(home: Home, reference: str) -> Recipe:
    """A recipe by hash, name or folder. Raises BadInput when there is none."""
    if _HASH.fullmatch(reference):
        try:
            return find_version(home, reference).version.recipe
        except BadInput:
            try:
                return load_recipe(reference, home.recipes)
            except BadInput:
                pass
            raise
    return load_recipe(reference, home.recipes)


def iterate_versions(home: Home, search: str | None = None) -> Iterator[FoundVersion]:
    """Versions of all searches, oldest search first; one that cannot be read is passed over unless it is named."""
    for name in [search] if search else list_searches(home):
        try:
            stored = load_search(home, name)
        except AutodataError:
            if search:
                raise
            continue
        for version in stored.population.versions.values():
            yield FoundVersion(stored, version)
