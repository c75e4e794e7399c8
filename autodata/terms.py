"""The terms a run works under: budget, stop rule and prices. All that a resumed run may be given anew."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from autodata.errors import BadInput
from autodata.estimate import list_called_roles
from autodata.home import Home
from autodata.prices import PriceTable, find_prices_file, format_money, load_prices
from autodata.recipes.recipe import Recipe
from autodata.recorder import Budget
from autodata.settings import RunSettings
from autodata.stop_rule import StopRule


@dataclass(frozen=True, slots=True)
class Terms:
    """What may end a run early, and the prices its cost is counted with."""

    budget: Budget
    stop_rule: StopRule
    prices: PriceTable


def make_terms(settings: RunSettings) -> Terms:
    """The terms a run starts with."""
    budget = Budget(settings.budget_calls, settings.budget_tokens, settings.budget_cost)
    return Terms(budget, settings.stop_rule, settings.prices)


def read_terms(terms: Terms, data: dict[str, Any]) -> Terms:
    """The terms after a `run_resumed` record; what it does not name stays."""
    return Terms(
        Budget(**data["budget"]) if "budget" in data else terms.budget,
        StopRule(**data["stop_rule"]) if "stop_rule" in data else terms.stop_rule,
        PriceTable(**data["prices"]) if "prices" in data else terms.prices,
    )


def describe_terms(terms: Terms) -> dict[str, Any]:
    """The terms as a `run_resumed` record holds them."""
    return {
        "budget": asdict(terms.budget),
        "stop_rule": asdict(terms.stop_rule),
        "prices": terms.prices.model_dump(mode="json"),
    }


def change_terms(
    terms: Terms,
    *,
    calls: int | None = None,
    tokens: int | None = None,
    cost: float | None = None,
    stop_below: float | None = None,
    stop_after: int | None = None,
) -> Terms:
    """The terms with other limits; None keeps a limit, 0 takes it away."""
    budget, rule = terms.budget, terms.stop_rule
    return replace(
        terms,
        budget=Budget(
            budget.max_calls if calls is None else calls or None,
            budget.max_tokens if tokens is None else tokens or None,
            budget.max_cost if cost is None else cost or None,
        ),
        stop_rule=StopRule(
            rule.below if stop_below is None else stop_below or None, rule.after if stop_after is None else stop_after
        ),
    )


def renew_terms(
    home: Home,
    terms: Terms,
    settings: RunSettings,
    recipe: Recipe,
    *,
    budget: Budget | None = None,
    stop_rule: StopRule | None = None,
) -> Terms:
    """The terms with what is given anew; None keeps what was.

    A money budget also takes in today's prices of models that had none. Raises BadInput when it could still not be
    kept.
    """
    budget, stop_rule, prices = budget or terms.budget, stop_rule or terms.stop_rule, terms.prices
    if budget.max_cost is not None:
        prices = prices.fill(freeze_prices(home, settings).prices)
        check_prices(home, settings, recipe, prices, budget.max_cost)
    return Terms(budget, stop_rule, prices)


def render_options(budget: Budget | None, stop_rule: StopRule | None) -> list[str]:
    """What is given anew as options of `autodata resume`; 0 takes a limit away."""
    options: dict[str, float | None] = {}
    if budget is not None:
        options |= {"--budget-calls": budget.max_calls, "--budget-tokens": budget.max_tokens}
        options["--budget-cost"] = budget.max_cost or 0
    if stop_rule is not None:
        options |= {"--stop-below": stop_rule.below or 0, "--stop-after": stop_rule.after}
    return [part for option, value in options.items() if value is not None for part in (option, str(value))]


def freeze_prices(home: Home, settings: RunSettings) -> RunSettings:
    """The settings with the home's prices of the models that play a seat. Raises BadInput for a broken table."""
    models = {seat.model for seat in settings.seats.seats.values()}
    return settings.model_copy(update={"prices": load_prices(home).keep(models)})


def check_prices(home: Home, settings: RunSettings, recipe: Recipe, prices: PriceTable, max_cost: float | None) -> None:
    """Raise BadInput when `max_cost` could not be kept: a seat that will be called has a model of unknown price."""
    if max_cost is None:
        return
    seats = settings.seats
    for role in list_called_roles(settings, recipe):
        model = seats.seat(role).model
        if model not in prices.models and not seats.endpoint_of(role).simulated:
            raise BadInput(
                f"a budget of {format_money(max_cost, prices.currency)} cannot be kept: the price of model {model!r} "
                f'({role}) is not known. Add [models."{model}"] with input and output (per million tokens, 0 where it '
                f"costs nothing) to {find_prices_file(home)} or on the Settings page, or leave the money budget out."
            )
