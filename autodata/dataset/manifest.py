"""What a dataset version says about itself: manifest.json for programs, README.md for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from autodata import __version__
from autodata.dataset.gate import GATE_NAME, describe_reason
from autodata.dataset.items import format_time
from autodata.errors import JournalDamaged
from autodata.home import Home
from autodata.index.queries.dataset import ExportRow
from autodata.journal import read_last, read_records

FORMAT = "autodata-dataset/1"


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
    gaps: list[float] = field(default_factory=list)
    task_ids: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)

    def add(self, row: ExportRow, reviewer: str) -> None:
        """Count one exported task."""
        self.items += 1
        self.simulated += row.simulated
        if row.imported:
            self.imported[str(row.imported["format"])] += 1
        self.runs[row.run_id] += 1
        self.reviewers[reviewer] += 1
        self.policies.setdefault(row.policy_sha, row.policy)
        self.recipes.add((row.recipe_name, row.recipe_sha))
        self.domains[row.domain] += 1
        for role, model in row.models.items():
            self.models.setdefault(role, Counter())[model] += 1
        self.task_ids.append(row.task_id)
        if row.gap is not None:
            self.gaps.append(row.gap)


def build_manifest(
    home: Home,
    contents: Contents,
    *,
    name: str,
    version: str,
    created: float,
    content_hash: str,
    files: dict[str, dict[str, Any]],
    excluded: dict[str, int],
    pseudonyms: bool,
) -> dict[str, Any]:
    """The manifest as plain data. `created` is Unix seconds; it is not part of `content_hash`."""
    return {
        "format": FORMAT,
        "name": name,
        "version": version,
        "created": format_time(created),
        "software": f"autodata {__version__}",
        "items": contents.items,
        "hash": content_hash,
        "hash_of": "SHA-256 over the items as lines of tasks.jsonl, in order of their id",
        "simulated": contents.simulated > 0,
        "simulated_items": contents.simulated,
        "imported_items": dict(sorted(contents.imported.items())),
        "files": files,
        "gate": {"name": GATE_NAME, "excluded": excluded, "held_tasks": contents.held},
        "reviewers": dict(sorted(contents.reviewers.items())),
        "reviewer_pseudonyms": pseudonyms,
        "domains": dict(sorted(contents.domains.items())),
        "models": {role: dict(sorted(models.items())) for role, models in sorted(contents.models.items())},
        "policies": contents.policies,
        "recipes": [{"name": recipe, "sha": sha} for recipe, sha in sorted(contents.recipes)],
        "runs": [
            {"run_id": run, "items": count, **_describe_run(home, run)} for run, count in sorted(contents.runs.items())
        ],
        "mean_gap": fmean(contents.gaps) if contents.gaps else None,
    }


def render_card(manifest: dict[str, Any]) -> str:
    """A short README.md. Holds numbers and names of our own only; no text of a model reaches it."""
    parquet = "tasks.parquet" in manifest["files"]
    data_file = "tasks.parquet" if parquet else next(iter(manifest["files"]))
    lines = ["---", "configs:", "- config_name: default", f"  data_files: {data_file}", "---", ""]
    lines += [f"# {manifest['name']} {manifest['version']}", ""]
    if manifest["simulated"]:
        count = manifest["simulated_items"]
        lines += [
            f"**SIMULATED: {count:,} of {manifest['items']:,} tasks come from built-in models, not from real ones.**",
            "",
        ]
    for name, count in manifest["imported_items"].items():
        lines += [
            f"{count:,} of {manifest['items']:,} tasks were made by another system and imported from {_quote(name)}.",
            "",
        ]
    lines += [
        f"{manifest['items']:,} tasks, each accepted by its policy and approved by a named person. "
        f"Mean measured gap (strong minus weak): {_format_gap(manifest['mean_gap'])}. A measured gap is not a "
        "certified gap: part of it may be luck.",
        "",
        f"- created: {manifest['created']} by {manifest['software']}",
        f"- content hash: `{manifest['hash']}`",
        f"- policies: {', '.join(sorted({_quote(p.get('name', 'custom')) for p in manifest['policies'].values()}))}",
        *(f"- {role}: {', '.join(_quote(model) for model in models)}" for role, models in manifest["models"].items()),
        f"- reviewers: {len(manifest['reviewers'])}; runs: {len(manifest['runs'])}; domains: "
        f"{', '.join(_quote(domain) for domain in manifest['domains'])}",
        "",
        "## Held back",
        "",
        *([f"- {describe_reason(reason, n)}" for reason, n in manifest["gate"]["excluded"].items()] or ["Nothing."]),
        "",
        "## Fields",
        "",
        "`context` and `question` are the prompt (joined by an empty line), `rubric` the weighted criteria; a negative "
        "weight marks an error. score = clip((earned - penalty) / sum of positive weights, 0, 1). `scores` are "
        "those of the round that was accepted. manifest.json holds runs, policies, models and the hash of every file.",
        "",
    ]
    return "\n".join(lines)


def _describe_run(home: Home, run_id: str) -> dict[str, Any]:
    """Where a run's journal stands and how it was set up; a journal that cannot be read is said to be so."""
    path = home.journal(run_id)
    try:
        last, first = read_last(path), next(read_records(path), None)
    except JournalDamaged as error:
        return {"journal": str(error)}
    if last is None or first is None:
        return {"journal": "not in this home any more"}
    settings = first.data.get("settings") or {}
    return {
        "journal_head": last.sha,
        "journal_records": last.seq,
        "started": format_time(first.t),
        "software": first.data.get("software"),
        "recipe": (first.data.get("recipe") or {}).get("sha"),
        "seed": settings.get("seed"),
        "seats": settings.get("seats"),
    }


def _format_gap(gap: float | None) -> str:
    return "–" if gap is None else f"{gap:+.2f}".replace("-", "−")


def _quote(name: str) -> str:
    """A name inside a code span, which it cannot leave."""
    return "`" + " ".join(str(name).replace("`", "'").split()) + "`"
