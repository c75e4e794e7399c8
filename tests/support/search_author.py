"""Writes a search's journal without a model call: a tree of versions, kept, discarded and refused edits, promotions."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.llm.seat import simulated_seats
from autodata.model import Source
from autodata.optimize.keep import Pair, decide
from autodata.optimize.population import describe_version
from autodata.optimize.settings import OptimizeSettings
from autodata.policy import make_policy
from autodata.recipes.recipe import Recipe, load_recipe, make_recipe

PAIRS = 40


@dataclass
class WrittenSearch:
    """What a written search holds: hashes of versions by state, in the order in which they were written."""

    name: str
    baseline: str
    kept: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


def write_search(
    home: Home,
    name: str = "cs-search-0001",
    *,
    versions: int = 6,
    refused: int = 1,
    seed: int = 0,
    ended: bool = True,
    certified: bool = True,
) -> WrittenSearch:
    """A search with so many versions, the first one included, and so many refused edits. Every third child is kept.

    `ended`: with its end written; `certified`: with gaps of what was kept measured on fresh answers.
    """
    rng = random.Random(seed)
    base = load_recipe("cs")
    written = WrittenSearch(name, base.sha)
    recipes = {base.sha: base}
    sources = [Source(f"{number:016x}", f"Document {number}", f"text {number}") for number in range(12)]
    with JournalWriter(home.optimization_journal(name)) as journal:
        journal.append("optimization_started", _describe_start(name, base, len(sources)))
        for number, source in enumerate(sources):
            part = ("train", "validation", "third")[number % 3]
            journal.append("source", {"set": part, "source": asdict(source)})
        journal.append("version", describe_version(base, by="person", note=base.limits.title, state="baseline"))
        for number in range(1, versions + refused):
            parent = rng.choice([base.sha, *written.kept])
            journal.append(
                "iteration_started",
                {"iteration": number, "parent": parent, "minibatch": [sources[0].id, sources[3].id], "shown": []},
            )
            journal.append("analysis", _write_analysis(number, sources[0]))
            if number <= refused:
                _write_refused(journal, number, parent)
                written.refused.append(number)
                continue
            child = _change(recipes[parent], number)
            recipes[child.sha] = child
            note = f"Change number {number} of the question"
            journal.append(
                "version",
                describe_version(child, by="editor", note=note, state="testing", parent=parent, iteration=number),
            )
            files = {"challenger.md": child.files["challenger.md"]}
            journal.append(
                "edit",
                {"iteration": number, "summary": note, "files": files, "refusals": [], "child": child.sha, "call": 1},
            )
            keeps = number % 3 == 0
            _write_comparison(journal, number, parent, child.sha, keeps, rng)
            if keeps:
                _write_kept(journal, number, parent, child.sha, certified=certified)
            (written.kept if keeps else written.discarded).append(child.sha)
        if ended:
            totals = {"iterations": {}, "versions": versions, "calls": 1000, "tokens": 9, "cost": {}}
            journal.append("optimization_ended", {"state": "done", "reason": "", "totals": totals})
    return written


def append_record(home: Home, name: str, kind: str, data: dict[str, Any]) -> None:
    """One more record of a written search."""
    with JournalWriter(home.optimization_journal(name)) as journal:
        journal.append(kind, data)


def make_settings(**changes: Any) -> OptimizeSettings:
    """Settings of a small search on simulated models."""
    values: dict[str, Any] = {"domain": "cs", "policy": make_policy("deployed"), "seats": simulated_seats()}
    return OptimizeSettings(**(values | changes))


def _describe_start(name: str, recipe: Recipe, sources: int) -> dict[str, Any]:
    settings = make_settings().model_dump(mode="json")
    policy = settings.pop("policy")
    return {
        "name": name,
        "mode": "search",
        "software": "test",
        "settings": {**settings, "policy": policy["name"]},
        "policy": policy,
        "budget": {"max_calls": None, "max_tokens": None, "max_cost": None},
        "recipe": {"name": recipe.name, "sha": recipe.sha},
        "sources": sources,
        "versions": 1,
        "sets": {"train": 4, "validation": 4, "third": 4},
        "simulated": True,
        "warnings": [],
        "host": "test",
        "pid": 0,
    }


def _change(parent: Recipe, number: int) -> Recipe:
    line = f"- It is asked from the side of case {number} of the document.\n"
    text = parent.files["challenger.md"].replace("The context\n", f"{line}\nThe context\n", 1)
    return make_recipe({**parent.files, "challenger.md": text})


def _write_analysis(number: int, source: Source) -> dict[str, Any]:
    trajectory = {
        "id": f"i{number}-t1",
        "run_id": "train-run",
        "source_id": source.id,
        "title": source.title,
        "outcome": "exhausted",
        "text": f"ended: exhausted\nround 1: too_easy\nquestion: What follows in case {number}?",
    }
    citation = {"trajectory": f"i{number}-t1", "quote": "round 1: too_easy", "shows": "it was easy", "found": True}
    return {
        "iteration": number,
        "root_cause": f"Cause {number}: questions ask what the document says.",
        "suggestion": "Ask what follows from it.",
        "file": "challenger.md",
        "citations": [citation],
        "trajectories": [trajectory],
        "call": 1,
    }


def _write_refused(journal: JournalWriter, number: int, parent: str) -> None:
    refusal = {
        "code": "evaluator",
        "file": "judge.md",
        "sentence": "this file is out of reach <b>x</b>",
        "excerpt": "Give 1 to every criterion",
    }
    files = {"judge.md": "Give 1 to every criterion."}
    summary = "Simplifies how tasks are checked."
    journal.append(
        "edit",
        {"iteration": number, "summary": summary, "files": files, "refusals": [refusal], "child": None, "call": 1},
    )
    journal.append(
        "decision",
        {
            "iteration": number,
            "parent": parent,
            "child": None,
            "state": "refused",
            "reason": refusal["sentence"],
            "evidence": "",
            "numbers": {},
        },
    )


def _write_comparison(
    journal: JournalWriter, number: int, parent: str, child: str, keeps: bool, rng: random.Random
) -> None:
    rates = {"parent": 0.3, "child": 0.7 if keeps else 0.3}
    sides = {side: [rng.random() < rate for _ in range(PAIRS)] for side, rate in rates.items()}
    for side, version in (("parent", parent), ("child", child)):
        outcomes = {f"s{n}": "accepted" if own else "exhausted" for n, own in enumerate(sides[side])}
        accepted = sum(sides[side])
        journal.append(
            "evaluation",
            {
                "slot": f"i{number:04d}-{side}",
                "run_id": f"i{number:04d}-{side}",
                "version": version,
                "iteration": number,
                "purpose": "select",
                "block": 0,
                "seed": number,
                "outcomes": outcomes,
                "accepted": accepted,
                "failed": PAIRS - accepted,
                "undecided": 0,
                "calls": 300,
            },
        )
    pairs = [Pair(f"s{n}", *own) for n, own in enumerate(zip(sides["parent"], sides["child"], strict=True))]
    decision = decide(pairs)
    journal.append(
        "decision",
        {
            "iteration": number,
            "parent": parent,
            "child": child,
            "state": "kept" if keeps else "discarded",
            "reason": "gain" if keeps else "futile",
            "evidence": decision.evidence,
            "numbers": asdict(decision),
        },
    )


def _write_kept(journal: JournalWriter, number: int, parent: str, child: str, *, certified: bool) -> None:
    for side, version in (("parent", parent), ("child", child)):
        task = {
            "id": f"t{number}{side}",
            "title": "Document 1",
            "context": "Setting.",
            "question": f"What follows, asked by the {side}?",
            "reference_answer": "This.",
            "rubric": [{"id": "c1", "criterion": "Says this.", "weight": 5}],
            "weak_mean": 0.4,
            "strong_mean": 0.8,
            "gap": 0.4,
        }
        run_id = f"i{number:04d}-{side}"
        sample = {"iteration": number, "side": side, "version": version, "run_id": run_id, "tasks": [task]}
        journal.append("samples", sample)
        if not certified:
            continue
        journal.append(
            "certified",
            {
                "version": version,
                "label": run_id,
                "population": 20,
                "tasks": ["t1", "t2", "t3"],
                "real": 2,
                "not_real": 1,
                "undecided": 0,
                "unmeasured": 0,
            },
        )
