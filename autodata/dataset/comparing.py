"""Two versions of a dataset, item by item: what was added, what was removed, what changed and in which fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.dataset.contents import ContentLine, read_contents
from autodata.dataset.folder import read_manifest
from autodata.home import Home

_SETTINGS = ("policy", "formats", "options", "splits", "contamination", "pseudonyms")


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """A task that both versions hold. `fields` are those that differ, by the item's names; `split` among them."""

    task_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences from one version to another, ids in the order of the later one, removed ones in the earlier one's.

    `settings`: name to (before, after) of what the versions were made with, where it differs.
    """

    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ChangedItem, ...]
    unchanged: int
    settings: dict[str, tuple[Any, Any]]
    same_hash: bool

    @property
    def sentence(self) -> str:
        """The comparison in one line."""
        if self.same_hash and not self.changed and not self.settings:
            return f"{self.before} and {self.after} hold the same {self.unchanged:,} items, byte for byte."
        counts = f"{len(self.added):,} added, {len(self.removed):,} removed, {len(self.changed):,} changed"
        return f"From {self.before} to {self.after}: {counts}, {self.unchanged:,} the same."


def compare_versions(home: Home, before: tuple[str, str], after: tuple[str, str]) -> Comparison:
    """What happened between two versions, each (dataset, version); they may be of different datasets.

    Raises BadInput for a version that is not there or cannot be read.
    """
    manifests = [read_manifest(home, *one) for one in (before, after)]
    old = {line.task_id: line for line in read_contents(home.datasets / before[0] / before[1])}
    added, changed, unchanged, kept = [], [], 0, set()
    for line in read_contents(home.datasets / after[0] / after[1]):
        earlier = old.get(line.task_id)
        if earlier is None:
            added.append(line.task_id)
            continue
        kept.add(line.task_id)
        fields = _list_differences(earlier, line)
        if fields:
            changed.append(ChangedItem(line.task_id, fields))
        else:
            unchanged += 1
    return Comparison(
        before=" ".join(before),
        after=" ".join(after),
        added=tuple(added),
        removed=tuple(task_id for task_id in old if task_id not in kept),
        changed=tuple(changed),
        unchanged=unchanged,
        settings=_compare_settings(*(manifest.get("settings") or {} for manifest in manifests)),
        same_hash=manifests[0].get("hash") == manifests[1].get("hash"),
    )


def _list_differences(one: ContentLine, other: ContentLine) -> tuple[str, ...]:
    names = [name for name in other.fields if one.fields.get(name) != other.fields[name]]
    names += [name for name in one.fields if name not in other.fields]
    return (*names, *(["split"] if one.split != other.split else []))


def _compare_settings(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (one.get(name), other.get(name)) for name in _SETTINGS if one.get(name) != other.get(name)}
