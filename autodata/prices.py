"""What calls cost: an editable table of prices, and what a number of calls and tokens comes to.

A price that is not in the table is unknown, never 0. Simulated models cost nothing and say that they are simulated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import reduce
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from autodata.bounded import SETTINGS_MAX, read_bounded
from autodata.errors import BadInput
from autodata.home import Home

Name = TypeVar("Name", bound=str)

PER = 1_000_000
"""Prices are per so many tokens."""

PRICE_MAX = 1_000_000.0
"""Nobody asks more for a million tokens, or for one call; a larger number is a slip."""


class Price(BaseModel):
    """What one model costs: per million tokens in and out, and per answered call."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    input: float = Field(ge=0, le=PRICE_MAX)
    output: float = Field(ge=0, le=PRICE_MAX)
    cached_input: float | None = Field(None, ge=0, le=PRICE_MAX)
    """Per million prompt tokens that the server took from its cache; None: as much as any other."""
    per_call: float = Field(0.0, ge=0, le=PRICE_MAX)

    @property
    def needs_tokens(self) -> bool:
        """Whether a call's cost depends on its tokens."""
        return bool(self.input or self.output or self.cached_input)


class PriceTable(BaseModel):
    """Prices by model name, as the seats write it, in one currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = "USD"
    models: dict[str, Price] = Field(default_factory=dict)

    @field_validator("currency")
    @classmethod
    def _check_currency(cls, value: str) -> str:
        if not 1 <= len(value) <= 8 or not value.isprintable() or any(letter.isspace() for letter in value):
            raise ValueError('currency is one short word, for example "USD" or "EUR"')
        return value

    def keep(self, models: Iterable[str]) -> PriceTable:
        """The prices of these models alone: what a run was priced with does not depend on the rest of the table."""
        wanted = set(models)
        return PriceTable(currency=self.currency, models={k: v for k, v in self.models.items() if k in wanted})

    def fill(self, other: PriceTable) -> PriceTable:
        """These prices, and those of `other` for models that have none here.

        Raises BadInput when the two count in different currencies.
        """
        if not self.models:
            return other
        if other.models and other.currency != self.currency:
            raise BadInput(
                f"prices in {other.currency} cannot be added to a run that is priced in {self.currency}; "
                f"write them in {self.currency}"
            )
        return PriceTable(currency=self.currency, models={**other.models, **self.models})


NO_PRICES = PriceTable()


@dataclass(frozen=True, slots=True)
class Use:
    """Calls of one seat with their tokens. A seat is one model, so it is simulated or it is not.

    `silent`: answered calls whose server reported no token counts. `cached_tokens` are among `prompt_tokens`.
    """

    calls: int = 0
    answered: int = 0
    silent: int = 0
    simulated: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Use) -> Use:
        return Use(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Use)))


@dataclass(frozen=True, slots=True)
class Cost:
    """What answered calls cost. `amount` is of those with a known price; failed attempts are taken as not billed."""

    amount: float = 0.0
    calls: int = 0
    unknown: int = 0
    simulated: int = 0

    @property
    def total(self) -> float | None:
        """The whole cost; None while some calls have no known price."""
        return None if self.unknown else self.amount

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Cost)))


def price_use(price: Price | None, use: Use) -> Cost:
    """The cost of one seat's calls.

    A call is of unknown price when its model has none, or when it goes by tokens and the server did not report them.
    """
    if use.answered <= use.simulated:
        return Cost(0.0, use.answered, 0, use.answered)
    if price is None:
        return Cost(0.0, use.answered, use.answered)
    cached = price.input if price.cached_input is None else price.cached_input
    amount = (
        (use.prompt_tokens - use.cached_tokens) * price.input
        + use.cached_tokens * cached
        + use.completion_tokens * price.output
    ) / PER + use.answered * price.per_call
    return Cost(amount, use.answered, use.silent if price.needs_tokens else 0)


def price_seats(uses: Mapping[Name, Use], models: Mapping[Name, str], table: PriceTable) -> dict[Name, Cost]:
    """The cost of every seat. `models` names the model of every seat in `uses`."""
    return {role: price_use(table.models.get(models[role]), use) for role, use in uses.items()}


def sum_costs(costs: Iterable[Cost]) -> Cost:
    """All costs together."""
    return reduce(Cost.__add__, costs, Cost())


def describe_cost(cost: Cost, currency: str) -> str:
    """`12.30 USD`, `at least 12.30 USD, 40 calls of unknown price`, `unknown price`, `0 USD, simulated`."""
    if cost.calls and cost.simulated == cost.calls:
        return f"0 {currency}, simulated"
    simulated = f", {cost.simulated:,} simulated calls at 0" if cost.simulated else ""
    if not cost.unknown:
        return format_money(cost.amount, currency) + simulated
    calls = f"{cost.unknown:,} {'call' if cost.unknown == 1 else 'calls'} of unknown price"
    if not cost.amount:
        return calls + simulated
    return f"at least {format_money(cost.amount, currency)}, {calls}{simulated}"


def format_money(amount: float, currency: str) -> str:
    """An amount with its currency: two decimals, more for less than a hundredth, none from a thousand on."""
    if not amount:
        return f"0 {currency}"
    if amount < 0.0001:
        return f"< 0.0001 {currency}"
    digits = 4 if amount < 0.1 else 2 if amount < 1000 else 0
    return f"{amount:,.{digits}f} {currency}"


def format_tokens(count: int) -> str:
    """1,234 · 56 k · 1.2 M."""
    if count < 10_000:
        return f"{count:,}"
    if count < 1_000_000:
        return f"{count / 1000:,.0f} k"
    return f"{count / 1_000_000:,.1f} M"


def find_prices_file(home: Home) -> Path:
    """Where a home's price table lies."""
    return home.root / "prices.toml"


def load_prices(home: Home) -> PriceTable:
    """The home's price table, empty where none was written. Raises BadInput naming the value that cannot be used."""
    path = find_prices_file(home)
    try:
        text = read_bounded(path, SETTINGS_MAX, "price table").decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return NO_PRICES
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    return parse_prices(text, str(path))


def parse_prices(text: str, where: str = "prices") -> PriceTable:
    """A table from TOML; `where` names its origin in errors. Raises BadInput naming the value that cannot be used."""
    try:
        return PriceTable(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{where} is not TOML yet: {error}") from None
    except ValidationError as error:
        raise BadInput(f"{where}: {_describe_problem(error)}") from None


def _describe_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(f'"{part}"' if at == 1 else str(part) for at, part in enumerate(first["loc"]))
    if first["type"] == "extra_forbidden":
        remedy = (
            'prices stand in [models."NAME"] tables, beside currency'
            if len(first["loc"]) == 1
            else "a price has input, output, cached_input and per_call"
        )
        return f"{place} is unknown; {remedy}"
    if first["type"] == "missing":
        return f"{place} is missing; a model needs input and output, 0 where it costs nothing"
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {message} (got {first['input']!r})"
