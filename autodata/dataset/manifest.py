"""What a dataset version says about itself: manifest.json for programs, README.md for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autodata import __version__
from autodata.dataset.entry import SPLITS, Entry
from autodata.dataset.folder import hash_listing
from autodata.dataset.items import format_time
from autodata.dataset.plan import ExportPlan
from autodata.dataset.selection import Selection
from autodata.home import Home
from autodata.index.known import RUNS
from autodata.index.queries.dataset_versions import Head, Override
from autodata.journal import read_records

FORMAT = "autodata-dataset/2"


@dataclass(slots=True)
class Contents:
    """What went into a version, gathered item by item."""

    items: int = 0
    simulated: int = 0
    imported: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    reviewers: Counter[str] = field(default_factory=Counter)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    recipes: set[tuple[str, str]] = field(default_factory=set)
    domains: Counter[str] = field(default_factory=Counter)
    models: dict[str, Counter[str]] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    splits: Counter[str] = field(default_factory=Counter)
    gap_sum: float = 0.0
    gap_count: int = 0
    task_ids: list[str] = field(default_factory=list)
    written: dict[str, dict[str, int]] = field(default_factory=dict)
    skipped: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, entry: Entry, reviewer: str) -> None:
        """Count one exported task."""
        row = entry.row
        self.items += 1
        self.simulated += row.simulated
        if row.imported:
            self.imported[str(row.imported["format"])] += 1
        self.runs[row.run_id] += 1
        self.reviewers[reviewer] += 1
        self.policies.setdefault(row.policy_sha, row.policy)
        self.recipes.add((row.recipe_name, row.recipe_sha))
        self.domains[row.domain] += 1
        self.splits[entry.split] += 1
        self.roles.setdefault(row.run_id, set()).update(row.models)
        for role, model in row.models.items():
            self.models.setdefault(role, Counter())[model] += 1
        self.task_ids.append(row.task_id)
        if row.gap is not None:
            self.gap_sum += row.gap
            self.gap_count += 1

    def count_splits(self) -> dict[str, int]:
        """Items of every split that has any."""
        return {split: self.splits[split] for split in SPLITS if self.splits[split]}


def build_manifest(
    home: Home,
    contents: Contents,
    selection: Selection,
    *,
    name: str,
    version: str,
    created: float,
    content_hash: str,
    files: dict[str, dict[str, Any]],
    held: dict[str, str],
    heads: Sequence[Head],
    names: Callable[[str], str],
) -> dict[str, Any]:
    """The manifest as plain data. `created` is Unix seconds; it is in neither hash. `names` is how a person is called
    in it, `held` the approved tasks that stay with their reason."""
    plan = selection.plan
    counts = selection.summary
    return {
        "format": FORMAT,
        "name": name,
        "version": version,
        "created": format_time(created),
        "software": f"autodata {__version__}",
        "items": contents.items,
        "hash": content_hash,
        "hash_of": "SHA-256 over the items as lines of tasks.jsonl, by run id and in the order of the run's journal",
        "files_hash": hash_listing(files),
        "files_hash_of": "SHA-256 over the lines 'sha256  name' of files, in order of their names",
        "simulated": contents.simulated > 0,
        "simulated_items": contents.simulated,
        "imported_items": dict(sorted(contents.imported.items())),
        "files": files,
        "formats": {
            one: {"written": contents.written.get(one, {}), "skipped": contents.skipped.get(one, {})}
            for one in plan.formats
        },
        "settings": describe_plan(plan),
        "gate": {
            "name": plan.policy.name,
            "policy": plan.policy.model_dump(mode="json"),
            "policy_sha": plan.policy.sha,
            "approved": counts.approved,
            "included": counts.included,
            "excluded": counts.excluded,
            "held_tasks": held,
            "overrides": [_describe_override(one, names) for one in selection.list_used_overrides()],
        },
        "splits": {"settings": plan.splits.model_dump() if plan.splits else None, "items": contents.count_splits()},
        "contamination": _describe_contamination(selection),
        "reviewers": dict(sorted(contents.reviewers.items())),
        "reviewer_pseudonyms": plan.pseudonyms,
        "domains": dict(sorted(contents.domains.items())),
        "models": {role: dict(sorted(models.items())) for role, models in sorted(contents.models.items())},
        "policies": dict(sorted(contents.policies.items())),
        "recipes": [{"name": recipe, "sha": sha} for recipe, sha in sorted(contents.recipes)],
        "runs": [
            {"run_id": run, "items": count, **_find_head(heads, run), **_describe_run(home, run, contents.roles[run])}
            for run, count in sorted(contents.runs.items())
        ],
        "journals": [{"journal": head.journal, "records": head.records, "head": head.sha} for head in heads],
        "mean_gap": contents.gap_sum / contents.gap_count if contents.gap_count else None,
    }


def describe_plan(plan: ExportPlan) -> dict[str, Any]:
    """The plan as a manifest has it: benchmarks by their file's name alone, for a version is read on other machines."""
    values = plan.model_dump(mode="json")
    if plan.contamination:
        values["contamination"]["files"] = [Path(path).name for path in plan.contamination.files]
    return values


def _describe_override(one: Override, names: Callable[[str], str]) -> dict[str, Any]:
    return {
        "task_id": one.task_id,
        "code": one.code,
        "reason": one.reason,
        "reviewer": names(one.reviewer),
        "time": format_time(one.t),
    }


def _describe_contamination(selection: Selection) -> dict[str, Any] | None:
    settings, benchmark = selection.plan.contamination, selection.benchmark
    if settings is None:
        return None
    return {
        "ngram": settings.ngram,
        "action": settings.action,
        "files": [asdict(file) for file in benchmark.files] if benchmark else [],
        "checked": selection.checked,
        "found": len(selection.overlaps),
    }


def _find_head(heads: Sequence[Head], run_id: str) -> dict[str, Any]:
    """How far the run's journal had been read; empty where the index had nothing of it."""
    own = next((head for head in heads if head.journal == RUNS + run_id), None)
    return {"journal_head": own.sha, "journal_records": own.records} if own else {}


def _describe_run(home: Home, run_id: str, roles: Collection[str]) -> dict[str, Any]:
    """How a run was set up, with the seats of the roles that were asked something."""
    first = next(read_records(home.journal(run_id)), None)
    if first is None:
        return {}
    settings = first.data.get("settings") or {}
    book = settings.get("seats") or {}
    seats = {role: seat for role, seat in (book.get("seats") or {}).items() if role in roles}
    return {
        "started": format_time(first.t),
        "software": first.data.get("software"),
        "recipe": (first.data.get("recipe") or {}).get("sha"),
        "seed": settings.get("seed"),
        "seats": {**book, "seats": seats} if book else None,
    }
