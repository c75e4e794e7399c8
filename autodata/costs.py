"""What a run has cost: per seat, in all, and per accepted task, with one table of prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autodata.model import ROLES, Role
from autodata.prices import Cost, PriceTable, Use, describe_cost, format_money, price_use, sum_costs


@dataclass(frozen=True, slots=True)
class SeatCost:
    """One seat's calls and tokens, and what they cost."""

    role: Role
    model: str
    use: Use
    cost: Cost


@dataclass(frozen=True, slots=True)
class CostSheet:
    """The seats in their usual order, and how many tasks they came to."""

    seats: tuple[SeatCost, ...]
    accepted: int
    currency: str

    @property
    def total(self) -> Cost:
        return sum_costs(seat.cost for seat in self.seats)

    @property
    def per_accepted(self) -> float | None:
        """The whole cost by accepted tasks; None without one, or while some calls have no known price."""
        total = self.total.total
        return total / self.accepted if self.accepted and total is not None else None

    def describe_total(self) -> str:
        """`12.30 USD`, `at least 12.30 USD, 40 calls of unknown price`, `0 USD, simulated`."""
        return describe_cost(self.total, self.currency)

    def describe_per_accepted(self) -> str:
        """The cost of one accepted task in words; "" where there is none or nothing is known."""
        total = self.total
        if not self.accepted or not total.amount:
            return ""
        amount = format_money(total.amount / self.accepted, self.currency)
        return f"at least {amount}" if total.unknown else amount

    def describe(self) -> dict[str, Any]:
        """The sheet as plain values, for JSON. Amounts are null while some calls have no known price."""
        total = self.total
        return {
            "currency": self.currency,
            "amount": total.total,
            "at_least": total.amount,
            "unknown_calls": total.unknown,
            "simulated_calls": total.simulated,
            "per_accepted": self.per_accepted,
            "seats": {
                seat.role: {
                    "model": seat.model,
                    "calls": seat.use.calls,
                    "prompt_tokens": seat.use.prompt_tokens,
                    "cached_tokens": seat.use.cached_tokens,
                    "completion_tokens": seat.use.completion_tokens,
                    "amount": seat.cost.total,
                    "unknown_calls": seat.cost.unknown,
                }
                for seat in self.seats
            },
        }


def make_sheet(uses: Mapping[Role, Use], models: Mapping[Role, str], prices: PriceTable, accepted: int) -> CostSheet:
    """Price every seat's use. `models` names the model of every seat in `uses`."""
    seats = tuple(
        SeatCost(role, models[role], uses[role], price_use(prices.models.get(models[role]), uses[role]))
        for role in sorted(uses, key=lambda role: ROLES.index(role) if role in ROLES else len(ROLES))
    )
    return CostSheet(seats, accepted, prices.currency)
