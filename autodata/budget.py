"""How much a run may use, and why it may not go on."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.prices import Cost, describe_cost, format_money

_REMEDY = "Resume with a larger one; what is recorded is kept"


@dataclass(frozen=True, slots=True)
class Budget:
    """The most a run may use over all its sittings; None is no limit.

    Calls in flight may exceed `max_tokens` and `max_cost`, which is in the currency of the run's prices.
    """

    max_calls: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    def explain_spent(self, calls: int, tokens: int, cost: Cost, currency: str) -> str:
        """Why no further call may be made, as a sentence; "" while one may. `calls` counts those in flight too.

        A cost that is not known ends the run as well: what cannot be counted is not kept by going on.
        """
        if self.max_calls is not None and calls >= self.max_calls:
            return f"the budget of {self.max_calls:,} calls is spent. {_REMEDY}."
        if self.max_tokens is not None and tokens >= self.max_tokens:
            return f"the budget of {self.max_tokens:,} tokens is spent. {_REMEDY}."
        if self.max_cost is None:
            return ""
        most = format_money(self.max_cost, currency)
        if cost.unknown:
            return (
                f"the budget of {most} cannot be kept: {describe_cost(cost, currency)}. A server reported no token "
                "counts, or a model has no price. Price the model per call in a new run, or resume with a budget of "
                "calls instead of money."
            )
        return f"the budget of {most} is spent. {_REMEDY}." if round(cost.amount - self.max_cost, 9) >= 0 else ""


UNLIMITED = Budget()
