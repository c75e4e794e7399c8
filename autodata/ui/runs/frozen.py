"""What a run was started with, as a tree."""

from __future__ import annotations

from typing import Any

from autodata.clauses import build_clauses
from autodata.index.queries.runs import RunDetail
from autodata.policy import parse_policy
from autodata.prices import format_money, format_tokens
from autodata.ui.names import JUDGED, is_given, name_domain, name_rule
from autodata.ui.parts import build_pairs, build_section
from autodata.ui.text import ABSENT, count_of, format_moment
from autodata.ui.tree import Tree, node

_FRUGAL = {"one_by_one": "as few as can decide, one by one", "parallel": "as few as can decide, in two batches"}


def build_settings(detail: RunDetail) -> Tree:
    """What the run was started with."""
    card, settings = detail.card, detail.settings
    rule, frugal = describe_policy(detail.policy), str(settings.get("frugal") or "off")
    inputs = ", ".join(str(name) for name in settings.get("inputs", ()))
    pairs: list[tuple[str, Tree]] = [
        ("Rule", f"{name_rule(card.policy)}: {rule}"),
        (
            "Rollouts",
            f"{detail.policy.get('weak_rollouts', ABSENT)} weak, {detail.policy.get('strong_rollouts', ABSENT)} strong",
        ),
        *([("Answers asked for", _FRUGAL.get(frugal, frugal))] if frugal != "off" else []),
        ("Rounds at most", "1 (baseline)" if settings.get("baseline") else str(settings.get("max_rounds", ABSENT))),
        ("Domain", f"{name_domain(card.domain)}, recipe {str(detail.recipe.get('sha', ''))[:8]}"),
        ("Calls at once", str(settings.get("slots", ABSENT))),
        ("Budget", _describe_budget(detail)),
        ("Stops below", _describe_stop(settings)),
        ("Seed", str(settings.get("seed", ABSENT))),
        ("Data" if is_given(detail.recipe) else "Documents", node("span", "mono", inputs or ABSENT)),
        ("Started", f"{format_moment(card.started)} on {card.host}, Autodata {detail.software}"),
    ]
    return build_section("Settings", build_pairs(pairs), "frozen when the run started, but for budget and stop rule")


def describe_policy(values: dict[str, Any]) -> str:
    """A stored policy's clauses in one line."""
    if not values:
        return ABSENT
    policy = parse_policy(values)
    words = [clause.text for clause in build_clauses(policy, [], [])]
    if policy.rule == "loop_judge":
        words.append(JUDGED)
    return ", ".join(words)


def _describe_budget(detail: RunDetail) -> str:
    parts = []
    if detail.budget_calls:
        parts.append(count_of(detail.budget_calls, "call"))
    if detail.budget_tokens:
        parts.append(f"{format_tokens(detail.budget_tokens)} tokens")
    if detail.budget_cost:
        parts.append(format_money(detail.budget_cost, detail.prices.currency))
    return ", ".join(parts) or "none"


def _describe_stop(settings: dict[str, Any]) -> str:
    below = settings.get("stop_acceptance_below")
    return f"{100 * below:g} % accepted, after {settings.get('stop_after_sources')} sources" if below else "never"
