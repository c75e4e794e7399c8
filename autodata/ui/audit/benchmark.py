"""The last planted-sabotage benchmark: the table that this version of the program was measured with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from autodata.ui.parts import build_pairs
from autodata.ui.text import format_score
from autodata.ui.tree import Tree, node

SPLIT_WORDS = {
    "train": "families it was tuned on",
    "held_out": "held-out families",
    "stealth": "stealthy variants",
    "run_level": "whole runs",
}
FPR_WORDS = {"plain": "plain honest tasks", "hard_negatives": "hard negatives", "lucky": "honest but lucky tasks"}


@dataclass(frozen=True, slots=True)
class Family:
    """How many of `n` planted cases of one family were caught: a share in [0, 1] with its 95 % interval."""

    family: str
    split: str
    recall: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`false_alarms`: kind of honest tasks to the share that was flagged. `steps`: what each part of the audit adds, as
    (name, recall)."""

    families: tuple[Family, ...]
    false_alarms: tuple[tuple[str, float], ...]
    steps: tuple[tuple[str, float], ...]

    def average(self, split: str) -> float | None:
        """Mean recall over the families of one split; None where there is none."""
        found = [family.recall for family in self.families if family.split == split]
        return sum(found) / len(found) if found else None


@cache
def load_benchmark() -> Benchmark | None:
    """The benchmark that was packaged with this version; None when none was, or it cannot be read."""
    try:
        data = json.loads((files("autodata.audit") / "benchmark.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return read_benchmark(data)


def read_benchmark(data: Any) -> Benchmark | None:
    """A benchmark from its JSON; None without families."""
    if not isinstance(data, Mapping) or not isinstance(data.get("families"), list):
        return None
    families = []
    for row in data["families"]:
        if not isinstance(row, Mapping) or _number(row.get("recall")) is None:
            continue
        recall, low, high = (_number(row.get(name)) for name in ("recall", "low", "high"))
        share = recall or 0.0
        families.append(
            Family(
                str(row.get("family", "")),
                str(row.get("split", "")),
                share,
                share if low is None else low,
                share if high is None else high,
                int(_number(row.get("n")) or 0),
            )
        )
    alarms = [(str(name), _share(value)) for name, value in _items(data.get("fpr"))]
    steps = [(str(step.get("name") or step.get("step") or ""), _share(step)) for step in _rows(data.get("ablation"))]
    if not families:
        return None
    return Benchmark(tuple(families), _known(alarms), _known(steps))


def build_benchmark(benchmark: Benchmark | None) -> Tree:
    """Recall by split, false alarms, what each part adds, and the families it sees worst."""
    if benchmark is None:
        return node(
            "div",
            {"class": "col", "style": "border:1px dashed var(--ad-line2);border-radius:4px;padding:10px 12px"},
            node("span", None, "This version was packaged without a benchmark."),
            node("span", "small muted", "The benchmark plants sabotage in simulated runs and measures what is caught."),
        )  # fmt: skip
    splits = dict.fromkeys(family.split for family in benchmark.families)
    pairs: list[tuple[str, Tree]] = [
        (name_split(split), _share_line(benchmark.average(split), _count(benchmark, split))) for split in splits
    ]
    pairs += [
        (f"false alarms, {FPR_WORDS.get(name, name.replace('_', ' '))}", f"{100 * share:.1f} %")
        for name, share in benchmark.false_alarms
    ]
    worst = sorted(benchmark.families, key=lambda family: family.recall)[:4]
    missed = ", ".join(f"{family.family} {format_score(family.recall)}" for family in worst)
    steps = " → ".join(f"{name} {format_score(recall)}" for name, recall in benchmark.steps)
    return node(
        "div",
        {"class": "col", "style": "gap:8px"},
        build_pairs(pairs, 168),
        node("span", "small muted", f"By part: {steps}") if steps else None,
        node("span", "small muted", f"Seen worst: {missed}. Simulated models; docs/audit.md has every family."),
    )


def name_split(split: str) -> str:
    """A part of the benchmark in words."""
    return SPLIT_WORDS.get(split, split.replace("_", " "))


def _share_line(share: float | None, families: int) -> Tree:
    return node("span", None, node("b", None, format_score(share)),
                node("span", "small muted", f" mean recall, {families} families"))  # fmt: skip


def _count(benchmark: Benchmark, split: str) -> int:
    return sum(1 for family in benchmark.families if family.split == split)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _share(value: Any) -> float | None:
    """A share given as a number, or as an object that holds one."""
    if isinstance(value, Mapping):
        return next((found for name in ("rate", "share", "estimate", "recall", "macro", "value")
                     if (found := _number(value.get(name))) is not None), None)  # fmt: skip
    return _number(value)


def _items(value: Any) -> Sequence[tuple[str, Any]]:
    return tuple(value.items()) if isinstance(value, Mapping) else ()


def _rows(value: Any) -> Sequence[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _known(pairs: Sequence[tuple[str, float | None]]) -> tuple[tuple[str, float], ...]:
    return tuple((name, share) for name, share in pairs if name and share is not None)
