"""What a run has used and cost as trees: seats with their tokens and cost, the cost in all, early warnings."""

from __future__ import annotations

from autodata.costs import CostSheet
from autodata.early import Evidence, find_warnings
from autodata.index.queries.runs import RunDetail
from autodata.prices import Cost, PriceTable, describe_cost, format_money, format_tokens
from autodata.ui.names import name_seat
from autodata.ui.parts import Column, build_pairs, build_section, build_sentences, build_table
from autodata.ui.shell import Figure
from autodata.ui.text import ABSENT, count_of, format_count, format_latency, format_share
from autodata.ui.tree import Tree, node


def build_roles(detail: RunDetail) -> Tree:
    """Seats with what they used and cost."""
    sheet = detail.price()
    costs = {seat.role: seat.cost for seat in sheet.seats}
    # A column of zeros says what the failed attempts beside it say already.
    failed = any(use.errors for use in detail.roles)
    heads = ["Calls", *(["Errors"] if failed else []), "Tokens in", "Tokens out", "Mean time", "Cost"]
    unknown = "tokens" in (detail.imported.get("not_recorded") or ())
    columns = [Column("Seat"), Column("Model", width="99%"), *(Column(head, True) for head in heads)]
    rows: list[list[Tree | None]] = [
        [
            node("span", "keep", name_seat(use.role)),
            node("span", {"class": "mono cut room", "dir": "auto", "title": use.model}, use.model),
            format_count(use.calls),
            *([node("span", "alarm" if use.errors else "muted", format_count(use.errors))] if failed else []),
            ABSENT if unknown else format_tokens(use.prompt_tokens),
            ABSENT if unknown else format_tokens(use.completion_tokens),
            format_latency(use.mean_s),
            _build_cost(costs[use.role], sheet.currency),
        ]
        for use in detail.roles
    ]
    if not rows:
        return build_section("Seats", node("span", "muted", "No call has been made yet."))
    table = build_table(columns, rows, "Seats with calls, tokens and cost")
    return build_section("Seats", node("div", {"style": "overflow-x:auto"}, table))


def describe_cost_figure(detail: RunDetail) -> Figure:
    """The cost so far as a key figure, with what one accepted task cost or the share of the budget."""
    sheet = detail.price()
    total, each = sheet.total, sheet.describe_per_accepted()
    note = f"{each} a task" if each else "nothing accepted yet" if not sheet.accepted else ""
    if total.calls and total.simulated == total.calls:
        return Figure("Cost", f"0 {sheet.currency}", "simulated")
    if total.unknown:
        calls = f"{count_of(total.unknown, 'call')} unpriced"
        return Figure("Cost", f"≥ {format_money(total.amount, sheet.currency)}" if total.amount else "unknown", calls)
    if detail.budget_cost:
        share = format_share(total.amount, detail.budget_cost)
        note = f"{share} of {format_money(detail.budget_cost, sheet.currency)}"
    return Figure("Cost", format_money(total.amount, sheet.currency), note)


def build_costs(detail: RunDetail, today: PriceTable | None) -> Tree | None:
    """The cost with the run's own prices, per task and for all its sources, and with the price table of today.

    `today` is None where the table cannot be read. None before the first answered call.
    """
    sheet = detail.price()
    if not sheet.total.calls:
        return None
    pairs: list[tuple[str, Tree]] = [("So far", sheet.describe_total())]
    if each := sheet.describe_per_accepted():
        pairs.append(("Per accepted task", each))
    done, sources = detail.card.sources_done, detail.card.sources
    if sheet.total.amount and 0 < done < sources:
        whole = format_money(sheet.total.amount / done * sources, sheet.currency)
        pairs.append(("For all sources", f"about {whole} at this rate"))
    if recomputed := _recompute(detail, sheet, today):
        pairs.append(("With today's prices", recomputed))
    note = "with the run's own prices; failed attempts are taken as not billed"
    return build_section("Cost", build_pairs(pairs), note)


def build_early(evidence: Evidence) -> Tree | None:
    """What the rounds so far warn of; None when they warn of nothing."""
    sentences = [warning.sentence for warning in find_warnings(evidence)]
    if not sentences:
        return None
    note = f"from the newest {evidence.rounds:,} rounds"
    return build_section("Early warnings", build_sentences(sentences, "flag"), note)


def _recompute(detail: RunDetail, sheet: CostSheet, today: PriceTable | None) -> str:
    """The cost with today's table, "" where that changes nothing."""
    if today is None:
        return "the price table cannot be read; see Settings"
    if today.keep(seat.model for seat in sheet.seats) == detail.prices:
        return ""
    now = detail.price(today)
    return "" if (now.total, now.currency) == (sheet.total, sheet.currency) else now.describe_total()


def _build_cost(cost: Cost, currency: str) -> Tree:
    if cost.calls and cost.simulated == cost.calls:
        return node("span", "muted", "0, simulated")
    if cost.unknown == cost.calls and cost.calls:
        return node("span", "muted", "unknown")
    if cost.unknown:
        return node("span", {"title": describe_cost(cost, currency)}, f"≥ {format_money(cost.amount, currency)}")
    return format_money(cost.amount, currency)
