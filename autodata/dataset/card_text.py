"""The sections of a card. Every number is one that a page or a command shows; what is not known is said to be so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodata.dataset.card_checks import render_audit, render_limits, render_review, render_sources
from autodata.dataset.card_facts import CardFacts
from autodata.dataset.formats.chat import SKIP_REASONS
from autodata.dataset.formats.registry import FORMATS
from autodata.dataset.markdown import (
    Figures,
    count_of,
    format_gap,
    format_number,
    format_percent,
    format_share,
    list_counts,
    make_table,
    quote,
    show_figure,
)
from autodata.dataset.reasons import describe_reason
from autodata.model import SOLVERS
from autodata.prices import describe_cost


def render_text(manifest: Mapping[str, Any], facts: CardFacts, figures: Figures, part: str = "") -> str:
    """The card below its header. `figures`: file name to path; `part`: "hf" for the card of that folder alone."""
    sections = [
        _render_top(manifest, facts),
        _render_files(manifest, part),
        _render_making(manifest, facts),
        _render_gate(manifest),
        _render_training(facts, figures),
        render_audit(facts, figures),
        render_review(manifest, facts),
        render_sources(facts),
        render_limits(manifest, facts),
        _render_fields(manifest),
    ]
    return "\n".join(line for section in sections for line in section)


def render_short(manifest: Mapping[str, Any], part: str) -> str:
    """What stands beside the files of one format."""
    lines = [f"# {quote(manifest['name'])} {manifest['version']}: {FORMATS[part].title}", ""]
    if manifest["simulated"]:
        lines += ["**SIMULATED: some or all tasks come from built-in models, not from real ones.**", ""]
    use = FORMATS[part].use
    return "\n".join([*lines, f"{use[0].upper()}{use[1:]}. The card of the version is ../README.md.", ""])


def _render_top(manifest: Mapping[str, Any], facts: CardFacts) -> list[str]:
    items = manifest["items"]
    lines = [f"# {quote(manifest['name'])} {manifest['version']}", ""]
    if manifest["simulated"]:
        lines += [
            f"**SIMULATED: {manifest['simulated_items']:,} of {items:,} tasks come from built-in models, not from real "
            "ones.**",
            "",
        ]
    for name, count in manifest["imported_items"].items():
        lines += [f"{count:,} of {items:,} tasks were made by another system and imported from {quote(name)}.", ""]
    certified = facts.audit.certified
    return [
        *lines,
        f"{items:,} training tasks that a strong model solves and a weak one does not. Each was written from a source, "
        "accepted by its policy and approved by a named person. "
        f"Mean measured gap (strong minus weak): {format_gap(manifest['mean_gap'])}. A measured gap is not a "
        f"certified gap: part of it may be luck. {count_of(certified, 'task has', 'tasks have')} a certified gap"
        + (f", {format_gap(facts.audit.certified_mean)} on average." if certified else "."),
        "",
        f"- created: {manifest['created']} by {manifest['software']}",
        f"- content hash: `{manifest['hash']}`",
        "- splits: " + (", ".join(f"{name} {n:,}" for name, n in manifest["splits"]["items"].items()) or "none"),
        "",
    ]


def _render_files(manifest: Mapping[str, Any], part: str) -> list[str]:
    if part:
        return ["    from datasets import load_dataset", '    tasks = load_dataset("path/of/this/folder")', ""]
    rows = []
    for name, counts in manifest["formats"].items():
        skipped = ", ".join(f"{n:,}: {SKIP_REASONS[reason]}" for reason, n in counts["skipped"].items())
        written = sum(counts["written"].values())
        rows.append([FORMATS[name].title, f"`{FORMATS[name].files}`", f"{written:,}", skipped or "–"])
    return ["## Files", "", *make_table(["format", "files", "tasks", "left out of it"], rows), ""]


def _render_making(manifest: Mapping[str, Any], facts: CardFacts) -> list[str]:
    made, rounds = facts.made, facts.stats.measures.rounds
    tasks = sum(rounds.values())
    mean_rounds = sum(number * n for number, n in rounds.items()) / tasks if tasks else None
    failed = {name: n for name, n in made.outcomes.items() if name != "accepted"}
    lines = ["## How it was made", ""]
    lines += [
        f"- {role.replace('_', ' ')}: {', '.join(quote(model) for model in models)}"
        for role, models in manifest["models"].items()
    ]
    policies = sorted({quote(policy.get("name", "custom")) for policy in manifest["policies"].values()})
    recipes = [f"{quote(one['name'])} ({one['sha'][:12]})" for one in manifest["recipes"]]
    lines += [
        f"- acceptance policies: {', '.join(policies)}; recipes: {', '.join(recipes)}",
        f"- domains: {', '.join(quote(name) for name in manifest['domains'])}; "
        f"{count_of(len(manifest['runs']), 'run', 'runs')}",
        f"- acceptance: {made.accepted:,} tasks accepted from {count_of(made.sources, 'source', 'sources')} "
        f"({format_percent(made.accepted, made.sources)}) in {count_of(made.rounds, 'round', 'rounds')}",
        f"- rounds until a task here was accepted: {format_number(mean_rounds)} on average, at most "
        f"{max(rounds, default=0)}",
        f"- rounds that failed: {list_counts(failed) or 'none'}",
        f"- cost of all of it: {made.calls:,} calls, {made.prompt_tokens + made.completion_tokens:,} tokens"
        + "".join(f"; {describe_cost(cost, currency)}" for currency, cost in facts.costs.items()),
        f"- calls per accepted task: {format_number(made.calls / made.accepted if made.accepted else None)}",
        "",
    ]
    return lines


def _render_gate(manifest: Mapping[str, Any]) -> list[str]:
    gate = manifest["gate"]
    held = [f"- {describe_reason(reason, n)}" for reason, n in gate["excluded"].items()]
    lines = [
        "## Gate",
        "",
        f"Policy {quote(gate['name'])}: {gate['included']:,} of {gate['approved']:,} approved tasks left. Held back:",
        "",
        *(held or ["- nothing"]),
        "",
    ]
    overrides = gate["overrides"]
    if overrides:
        lines += [f"**{count_of(len(overrides), 'override', 'overrides')}: a lead let these leave all the same.**", ""]
        rows = [[quote(o["task_id"]), quote(o["code"]), quote(o["reason"]), quote(o["reviewer"])] for o in overrides]
        lines += [*make_table(["task", "would be held because", "reason given", "by"], rows), ""]
    else:
        lines += ["No override.", ""]
    overlap = manifest["contamination"]
    if overlap is None:
        return [*lines, "Overlap with benchmarks was not checked.", ""]
    names = ", ".join(
        quote(file.get("name", file)) if isinstance(file, dict) else quote(file) for file in overlap["files"]
    )
    return [
        *lines,
        f"Checked for word {overlap['ngram']}-grams shared with {names or 'no file'}: {overlap['found']:,} of "
        f"{overlap['checked']:,} tasks share one"
        f" ({'they were left out' if overlap['action'] == 'exclude' else 'they were kept'}).",
        "",
    ]


def _render_training(facts: CardFacts, figures: Figures) -> list[str]:
    stats, signal = facts.stats, facts.stats.signal
    measures = stats.measures
    lines = ["## What a trainer can expect", ""]
    lines += [line for name in ("scores.svg", "gaps.svg") for line in show_figure(figures, name)]
    lines += [
        f"- weak rollouts all 0: {format_share(signal.all_zero)}, all 1: {format_share(signal.all_one)}, all equal: "
        f"{format_share(signal.equal)} of {count_of(signal.tasks, 'task', 'tasks')} (no GRPO signal in those rollouts)",
        "- expected share of GRPO groups without any spread: "
        + ", ".join(f"{format_share(share)} at group size {size}" for size, share in signal.no_spread.items()),
        *(
            f"- {solver} answers cut off: {format_share(stats.truncated[solver])} of "
            f"{measures.endings[solver].rollouts:,}"
            for solver in SOLVERS
        ),
        f"- bands: {list_counts(measures.bands)}",
        f"- near copies: {format_share(stats.near_copies)} of {measures.audited:,} audited tasks repeat another; "
        f"{measures.repeated:,} have the very prompt of another",
        f"- sources: {measures.sources:,} of {measures.run_sources:,} that the runs had "
        f"({format_share(stats.coverage)}), from {count_of(measures.documents, 'document', 'documents')}; at most "
        f"{measures.largest_source:,} tasks of one source",
        f"- tokens of prompts and reference answers: about {stats.total_tokens:,.0f}",
        "",
    ]
    rows = [
        [name, f"{found.median:,.0f}", f"{found.p95:,.0f}", f"{found.largest:,.0f}", stats.token_source[name]]
        for name, found in stats.tokens.items()
    ]
    lines += [*make_table(["tokens", "median", "95 %", "largest", ""], rows), ""]
    lines += ["*estimated*: 4 bytes of UTF-8 to a token. *reported*: by the models' servers, thinking included.", ""]
    return [*lines, *show_figure(figures, "tags.svg")]


def _render_fields(manifest: Mapping[str, Any]) -> list[str]:
    return [
        "## Fields",
        "",
        "`context` and `question` are the prompt (joined by an empty line), `rubric` the weighted criteria; a negative "
        "weight marks an error. score = clip((earned - penalty) / sum of positive weights, 0, 1). `scores` are "
        "those of the round that was accepted. manifest.json of the version holds runs, policies, models and the hash "
        "of every file.",
        "",
    ]
