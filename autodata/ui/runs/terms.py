"""What a paused run is asked before it goes on: a larger budget where one is spent, a lower bar where hope was lost."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from autodata.budget import Budget
from autodata.index.queries.runs import RunDetail
from autodata.stop_rule import AFTER_SOURCES, StopRule


def ask_terms(detail: RunDetail) -> tuple[Budget | None, StopRule | None]:
    """Draw the inputs that are needed for going on; None for what stays as it is."""
    return _ask_budget(detail), _ask_rule(detail)


def _ask_budget(detail: RunDetail) -> Budget | None:
    """A run whose budget is spent goes on only with a larger one, or with none."""
    card, old = detail.card, Budget(detail.budget_calls, detail.budget_tokens, detail.budget_cost)
    budget = old
    tokens = detail.prompt_tokens + detail.completion_tokens
    if old.max_calls is not None and card.calls >= old.max_calls:
        calls = st.number_input(
            "New budget, calls", card.calls + 1, None, 2 * old.max_calls, key="runs.newcalls", width=150
        )
        budget = replace(budget, max_calls=int(calls))
    if old.max_tokens is not None and tokens >= old.max_tokens:
        limit = st.number_input(
            "New budget, tokens", tokens + 1, None, 2 * old.max_tokens, key="runs.newtokens", width=150
        )
        budget = replace(budget, max_tokens=int(limit))
    if old.max_cost is not None:
        cost = detail.price().total
        if cost.unknown or cost.amount >= old.max_cost:
            most = st.number_input(
                f"New budget, {detail.prices.currency}", 0.0, None, None if cost.unknown else 2 * old.max_cost,
                key="runs.newcost", placeholder="none", width=150,
            )  # fmt: skip
            budget = replace(budget, max_cost=float(most) if most else None)
    return None if budget == old else budget


def _ask_rule(detail: RunDetail) -> StopRule | None:
    """A run that was paused as hopeless goes on only with a lower bar, or with none."""
    settings = detail.settings
    rule = StopRule(settings.get("stop_acceptance_below"), settings.get("stop_after_sources") or AFTER_SOURCES)
    outcomes = {"accepted": detail.card.accepted, "exhausted": detail.exhausted}
    if not rule.explain_hopeless(outcomes):
        return None
    below = st.number_input(
        "Stop below, %", 0.0, 99.0, None, step=1.0, key="runs.newstop", placeholder="never", width=130
    )
    return replace(rule, below=float(below) / 100 if below else None)
