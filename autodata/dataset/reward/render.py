"""reward.py of a version: the shipped file with the judge prompts of that version put into it."""

from __future__ import annotations

import pprint
from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files

from autodata.agents import answer_verifier, judge
from autodata.canon import hash_value
from autodata.index.database import Index
from autodata.index.queries.dataset import ExportRow
from autodata.index.queries.dataset_provenance import find_recipe_files
from autodata.recipes.recipe import load_recipe

FILE = "reward.py"
_SLOT = "JUDGES: dict[str, dict[str, str]] = {}"
_STANDS_IN = {"rubric": "cs", "answer": "math"}
"""Recipes whose judge stands in where a task's own record holds none, as with imported ones."""


@dataclass(slots=True)
class JudgeBook:
    """The judges of the tasks seen so far, each once, however many recipes share its prompts."""

    index: Index
    judges: dict[str, dict[str, str]] = field(default_factory=dict)
    models: dict[str, Counter[str]] = field(default_factory=dict)
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def name_judge(self, row: ExportRow) -> str:
        """The name of the task's judge: what it does and the hash of its prompts."""
        kind = "rubric" if row.rubric else "answer"
        known = (kind, row.recipe_sha or row.run_id)
        if known not in self._known:
            self._known[known] = self._add(kind, row.run_id)
        name = self._known[known]
        self.models.setdefault(name, Counter())[row.models.get("judge") or ""] += 1
        return name

    def _add(self, kind: str, run_id: str) -> str:
        system, request = _find_prompts(self.index, kind, run_id)
        name = f"{kind}-{hash_value([system, request])[:12]}"
        self.judges.setdefault(name, {"kind": kind, "system": system, "request": request})
        return name


def render_reward(book: JudgeBook) -> bytes:
    """The file's bytes. Prompts go in as Python literals, so none can become code."""
    judges = {
        name: {**book.judges[name], "model": _find_commonest(book.models.get(name, Counter()))}
        for name in sorted(book.judges)
    }
    source = (files("autodata.dataset.reward") / "shipped.py").read_text(encoding="utf-8")
    literal = pprint.pformat(judges, width=110, sort_dicts=False)
    return source.replace(_SLOT, f"JUDGES: dict[str, dict[str, str]] = {literal}", 1).encode()


def _find_prompts(index: Index, kind: str, run_id: str) -> tuple[str, str]:
    names = judge.TEMPLATE_FILES if kind == "rubric" else answer_verifier.TEMPLATE_FILES
    recorded = find_recipe_files(index, run_id)
    if not all(name in recorded for name in names):
        recorded = load_recipe(_STANDS_IN[kind]).files
    return recorded[names[0]].strip(), recorded[names[1]].strip()


def _find_commonest(models: Counter[str]) -> str:
    """The model that judged most of the tasks; of equals the first by name, so that the bytes are the same."""
    return min(models, key=lambda model: (-models[model], model)) if models else ""
