"""The sections of a card about trust: audit, review, licences, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodata.audit.catalogue import DETECTORS
from autodata.dataset.card_facts import CardFacts
from autodata.dataset.markdown import Figures, count_of, format_gap, list_counts, make_table, quote, show_figure
from autodata.dataset.sample_fold import APPROVED_TASKS, format_bound
from autodata.index.queries.dataset_card import NOT_RECORDED


def render_audit(facts: CardFacts, figures: Figures) -> list[str]:
    """Alarms and what became of them, certified gaps, and how often the audit errs."""
    audit, misses = facts.audit, facts.labels.misses
    lines = [
        "## Audit",
        "",
        f"{count_of(audit.audited, 'task was', 'tasks were')} audited from their records: {audit.violated:,} with a "
        f"violation (bytes prove it), {audit.flagged:,} with a flag (look), {audit.clear:,} with neither.",
        "",
    ]
    if audit.alarms:
        rows = [
            [quote(one.detector), DETECTORS[one.detector].subject if one.detector in DETECTORS else "–",
             f"{one.violations:,}", f"{one.flags:,}"]
            for one in audit.alarms
        ]  # fmt: skip
        lines += ["Alarms on tasks in this version, which people approved all the same:", ""]
        lines += [*make_table(["detector", "looks at", "violations", "flags"], rows), ""]
    handled = [f"{n:,} {severity} {state}" for (severity, state), n in audit.handled.items()]
    lines += [
        f"Everything the audit raised in these runs, by what became of the task: {', '.join(handled) or 'nothing'}."
    ]
    lines += ["", "### Certified gaps", ""]
    if audit.certified:
        lines += show_figure(figures, "certified.svg")
        lines += [
            f"{count_of(audit.certified, 'task was', 'tasks were')} measured again on fresh answers, with canonical "
            f"requests and a blind judge: {list_counts(audit.difficulties)}. Mean claimed gap "
            f"{format_gap(audit.claimed_mean)}, mean certified gap {format_gap(audit.certified_mean)}, mean lower "
            f"end of its 90 % interval {format_gap(audit.certified_low_mean)}.",
            "",
        ]
    else:
        lines += ["No gap in this version was certified.", ""]
    lines += ["### How often the audit errs", ""]
    if misses.reviewed:
        lines += [
            f"People looked at {misses.reviewed:,} cleared tasks drawn at random and found {misses.misses:,} not in "
            f"order: with 95 % confidence at most {format_bound(misses.bound)} of cleared tasks are missed.",
            "",
        ]
    else:
        lines += ["Nobody looked at cleared tasks drawn at random; what the audit misses is unknown.", ""]
    precision = [
        f"- {quote(name)}: {one.confirmed:,} flags confirmed by a person, {one.refuted:,} refuted"
        for name, one in facts.labels.precision.items()
    ]
    return [*lines, *(precision or ["No flag was confirmed or refuted by a label."]), ""]


def render_review(manifest: Mapping[str, Any], facts: CardFacts) -> list[str]:
    """Who reviewed, how far they agree, and the acceptance samples."""
    agreement = facts.agreement
    lines = [
        "## Review",
        "",
        f"{count_of(len(manifest['reviewers']), 'reviewer', 'reviewers')}"
        + (", under pseudonyms." if manifest["reviewer_pseudonyms"] else ".")
        + " "
        + (
            f"Krippendorff's alpha {agreement.value:.2f} ({agreement.low:.2f} to {agreement.high:.2f}) over "
            f"{agreement.items:,} tasks that several judged."
            if agreement.value is not None and agreement.low is not None and agreement.high is not None
            else f"Agreement is not known: {agreement.note or 'too few tasks were judged by several people'}."
        ),
        "",
        "### Acceptance sampling",
        "",
    ]
    if not facts.samples:
        return [*lines, "No blind random sample of this version was judged.", ""]
    for one in facts.samples:
        own = f" {one.own:,} were judged only by people who had voted on them." if one.own else ""
        drawn = "this version" if one.target != APPROVED_TASKS else "what was approved when it was drawn"
        lines.append(
            f"- {one.sentence} Drawn from {drawn} ({count_of(one.population, 'task', 'tasks')}) with seed "
            f"{quote(one.seed)}.{own}"
        )
    return [*lines, ""]


def render_sources(facts: CardFacts) -> list[str]:
    """Tasks by the licence of their source."""
    licences = [
        f"- {name if name == NOT_RECORDED else quote(name)}: {count_of(n, 'task', 'tasks')}"
        for name, n in facts.licences.items()
    ]
    return ["## Licences of the sources", "", *(licences or [f"- {NOT_RECORDED}"]), ""]


def render_limits(manifest: Mapping[str, Any], facts: CardFacts) -> list[str]:
    """What a reader should know before trusting it."""
    limits = [
        "The scores that decided are those of few rollouts, the best of several rounds: measured gaps are a little "
        "lucky, and weak pass rates a little low.",
        "Scores come from a model that judges; its errors are in them.",
    ]
    models = manifest["models"]
    if set(models.get("judge", ())) & set(models.get("strong", ())):
        limits.append("The judge is a model that also played strong; it may favour its own answers.")
    if facts.audit.certified < manifest["items"]:
        limits.append(f"{manifest['items'] - facts.audit.certified:,} tasks have no certified gap.")
    if not any(one.complete for one in facts.samples):
        limits.append("The share of defective tasks is not bounded by a finished acceptance sample.")
    if NOT_RECORDED in facts.licences:
        limits.append(f"For {facts.licences[NOT_RECORDED]:,} tasks the licence of the source is not recorded.")
    if manifest["simulated"]:
        limits.append("Simulated tasks are for trying things out; nothing can be learned from them.")
    return ["## Known limits", "", *(f"- {limit}" for limit in limits), ""]
