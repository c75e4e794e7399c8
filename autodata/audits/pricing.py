"""What the calls of an audit would cost, and whether a money budget could be kept."""

from __future__ import annotations

from autodata.audit.plans import Cost
from autodata.errors import BadInput
from autodata.estimate import QUESTION_TOKENS, TASK_TOKENS, WRITTEN_TOKENS
from autodata.home import Home
from autodata.llm.seat import SeatBook
from autodata.model import Role
from autodata.prices import Cost as Money
from autodata.prices import PriceTable, Use, find_prices_file, format_money, price_seats, sum_costs


def price_audit(cost: Cost, seats: SeatBook, prices: PriceTable) -> Money:
    """The expected calls as money: half the solver calls each, all judge calls the auditor judge's."""
    uses: dict[Role, Use] = {
        "weak": _count(seats, "weak", cost.solver / 2, QUESTION_TOKENS, WRITTEN_TOKENS["weak"]),
        "strong": _count(seats, "strong", cost.solver / 2, QUESTION_TOKENS, WRITTEN_TOKENS["strong"]),
        "auditor_judge": _count(
            seats, "auditor_judge", cost.judge, TASK_TOKENS + WRITTEN_TOKENS["weak"], WRITTEN_TOKENS["judge"]
        ),
    }
    models = {role: seats.seat(role).model for role in uses}
    return sum_costs(price_seats(uses, models, prices).values())


def check_budget(home: Home, seats: SeatBook, prices: PriceTable, max_cost: float | None) -> None:
    """Raise BadInput when `max_cost` could not be kept: a seat of the audit has a model of unknown price."""
    if max_cost is None:
        return
    for role in seats.seats:
        model = seats.seat(role).model
        if model not in prices.models and not seats.endpoint_of(role).simulated:
            raise BadInput(
                f"a budget of {format_money(max_cost, prices.currency)} cannot be kept: the price of model {model!r} "
                f'({role}) is not known. Add [models."{model}"] to {find_prices_file(home)}, or leave it out.'
            )


def _count(seats: SeatBook, role: Role, calls: float, read: int, written: int) -> Use:
    count = round(calls)
    limit = seats.seat(role).max_tokens
    simulated = count if seats.endpoint_of(role).simulated else 0
    return Use(count, count, 0, simulated, read * count, min(limit or written, written) * count)
