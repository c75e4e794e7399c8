"""What a filled-in form would start: settings, documents, calls and what speaks against it. No drawing, no writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autodata.errors import BadInput
from autodata.estimate import Estimate, estimate_run
from autodata.executors.choice import LOCAL, ExecutorChoice, make_choice, require_executor
from autodata.home import Home
from autodata.llm.seat import SIMULATED, SeatBook, check_roles, load_seats
from autodata.policy import Policy, make_policy
from autodata.prices import format_money, load_prices
from autodata.recipes.recipe import Recipe, check_fit, load_recipe
from autodata.runs import check_keys
from autodata.settings import SOURCES_PER_SLOT, RunSettings, parse_settings
from autodata.sources import Loaded
from autodata.stop_rule import AFTER_SOURCES
from autodata.terms import check_prices
from autodata.ui.text import count_of, format_count

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RunForm:
    """The form as it is filled in. `models` is simulated, saved (the home's seats) or file (`seats_path`).

    `policy_changes` are the custom values; `rounds` and budgets as typed, None for no budget. `stop_below` is a share
    in (0, 1), None for no stop rule.
    """

    inputs: tuple[str, ...]
    domain: str = "cs"
    policy: str = "deployed"
    policy_changes: dict[str, Any] = field(default_factory=dict)
    models: str = SIMULATED
    seats_path: str = ""
    frugal: str = "off"
    rounds: int = 15
    slots: int = 32
    seed: int = 0
    baseline: bool = False
    final_review: bool = True
    budget_calls: int | None = None
    budget_tokens: int | None = None
    budget_cost: float | None = None
    stop_below: float | None = None
    stop_after: int = AFTER_SOURCES
    executor: str = "local"
    address: str = ""
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What would be started. `problems` forbid the start; `warnings` should be read before it. All are sentences.

    `estimate` is None while something is missing.
    """

    settings: RunSettings | None
    recipe: Recipe | None
    policy: Policy | None
    seats: SeatBook | None
    loaded: Loaded | None
    estimate: Estimate | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    executor: ExecutorChoice = LOCAL

    @property
    def ready(self) -> bool:
        return not self.problems and None not in (self.settings, self.recipe, self.loaded)


def plan_run(form: RunForm, home: Home, read_sources: Callable[[tuple[str, ...]], Loaded]) -> RunPlan:
    """Check the whole form, so that every problem is named at once instead of one per click.

    `read_sources` reads the documents and raises BadInput, e.g. for a folder that does not exist.
    """
    problems: list[str] = []
    policy = _try(lambda: make_policy(form.policy, **form.policy_changes), problems)
    seats = _try(lambda: choose_seats(form, home), problems)
    recipe = _try(lambda: load_recipe(form.domain, home.recipes), problems)
    settings = _try(lambda: _build_settings(form, policy, seats), problems) if policy and seats else None
    prices = _try(lambda: load_prices(home), problems)
    if settings:
        _try(lambda: check_keys(settings), problems)
    if settings and recipe:
        _try(lambda: check_fit(recipe, settings.policy), problems)
    if settings and recipe and prices:
        _try(lambda: check_prices(home, settings, recipe, prices, form.budget_cost), problems)
    executor = _try(lambda: _choose_executor(form), problems) or LOCAL
    loaded = None
    if form.inputs:
        loaded = _try(lambda: read_sources(form.inputs), problems)
    else:
        problems.append("No documents chosen yet. Give a folder or a file, take the samples, or upload some.")
    estimate = None
    if settings and recipe and prices and loaded and loaded.sources:
        estimate = _try(lambda: estimate_run(settings, recipe, loaded.sources, prices), problems)
    warnings = (check_roles(seats) if seats else []) + (_compare_budget(form, estimate) if estimate else [])
    return RunPlan(settings, recipe, policy, seats, loaded, estimate, tuple(problems), tuple(warnings), executor)


def choose_seats(form: RunForm, home: Home) -> SeatBook:
    """The seats the form points at; raises BadInput naming the file and the remedy."""
    if form.models == SIMULATED:
        return load_seats(SIMULATED)
    if form.models == "saved":
        if not home.seats.exists():
            raise BadInput("No seats are saved yet. Write them on the Settings page, or take the simulated models.")
        return load_seats(home.seats)
    if not form.seats_path.strip():
        raise BadInput("Give the path of a seats file (TOML), or take the simulated models.")
    return load_seats(form.seats_path.strip())


def describe_documents(loaded: Loaded) -> str:
    """`12 documents, 14 passages to work on` - a passage is what one trajectory is grounded in."""
    documents = len({source.document or source.title for source in loaded.sources})
    sources = len(loaded.sources)
    if documents == sources:
        return f"{count_of(documents, 'document')} to work on"
    return f"{count_of(documents, 'document')}, {count_of(sources, 'passage')} to work on"


def _choose_executor(form: RunForm) -> ExecutorChoice:
    choice = make_choice(form.executor, form.address, form.workers)
    require_executor(choice)
    return choice


def _build_settings(form: RunForm, policy: Policy, seats: SeatBook) -> RunSettings:
    return parse_settings(
        {
            "domain": form.domain,
            "policy": policy,
            "seats": seats,
            "max_rounds": form.rounds,
            "frugal": form.frugal,
            "seed": form.seed,
            "baseline": form.baseline,
            "final_review": form.final_review,
            "slots": form.slots,
            "sources_in_flight": SOURCES_PER_SLOT * form.slots,
            "budget_calls": form.budget_calls,
            "budget_tokens": form.budget_tokens,
            "budget_cost": form.budget_cost,
            "stop_acceptance_below": form.stop_below,
            "stop_after_sources": form.stop_after,
            "inputs": form.inputs,
        }
    )


def _compare_budget(form: RunForm, estimate: Estimate) -> list[str]:
    """Budgets below what is expected."""
    cost, currency = estimate.expected, estimate.currency
    budgets = [
        (form.budget_calls, estimate.calls.expected, f"{format_count(form.budget_calls)} calls", format_count),
        (form.budget_tokens, estimate.tokens.expected, f"{format_count(form.budget_tokens)} tokens", format_count),
    ]
    short = [
        f"The budget of {words} is below the {show(expected)} expected"
        for budget, expected, words, show in budgets
        if budget is not None and budget < expected
    ]
    if form.budget_cost is not None and form.budget_cost < cost.amount:
        most, expected_cost = (format_money(amount, currency) for amount in (form.budget_cost, cost.amount))
        short.append(f"The budget of {most} is below the {expected_cost} expected")
    return [f"{words}: the run pauses when it is spent and can be resumed with what it has." for words in short]


def _try(work: Callable[[], Result], problems: list[str]) -> Result | None:
    try:
        return work()
    except BadInput as error:
        problems.append(str(error))
        return None
