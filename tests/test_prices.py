"""Prices: the table as a person writes it, and what calls and tokens come to. Unknown is never zero."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.home import Home
from autodata.prices import (
    Cost,
    Price,
    PriceTable,
    Use,
    describe_cost,
    find_prices_file,
    format_money,
    format_tokens,
    load_prices,
    parse_prices,
    price_seats,
    price_use,
    sum_costs,
)

BIG = Price(input=3, output=15, cached_input=0.3, per_call=0.01)

uses = st.builds(
    Use,
    answered=st.integers(1, 10**6),
    silent=st.just(0),
    prompt_tokens=st.integers(0, 10**9),
    completion_tokens=st.integers(0, 10**9),
)


def test_tokens_are_priced_per_million_and_calls_each():
    assert price_use(BIG, Use(2, 2, 0, 0, 1_000_000, 100_000)).total == pytest.approx(3 + 1.5 + 0.02)


def test_cached_tokens_cost_their_own_price():
    assert price_use(BIG, Use(1, 1, 0, 0, 1_000_000, 0, 400_000)).total == pytest.approx(0.6 * 3 + 0.4 * 0.3 + 0.01)


def test_cached_tokens_cost_like_any_other_without_a_price_of_their_own():
    assert price_use(Price(input=3, output=15), Use(1, 1, 0, 0, 1_000_000, 0, 400_000)).total == pytest.approx(3)


def test_model_without_a_price_is_of_unknown_cost_and_not_zero():
    cost = price_use(None, Use(7, 7, 0, 0, 1000, 1000))
    assert (cost.total, cost.unknown) == (None, 7)


def test_simulated_calls_cost_nothing_without_a_price():
    cost = price_use(None, Use(7, 7, 0, 7, 1000, 1000))
    assert (cost.total, cost.simulated) == (0, 7)


def test_answer_without_token_counts_is_of_unknown_cost():
    assert price_use(BIG, Use(3, 3, 1, 0, 100, 100)).unknown == 1


def test_answer_without_token_counts_is_known_where_only_the_call_is_priced():
    assert price_use(Price(input=0, output=0, per_call=0.5), Use(3, 3, 3)).total == pytest.approx(1.5)


def test_free_server_of_ones_own_is_known_to_cost_nothing():
    assert price_use(Price(input=0, output=0), Use(3, 3, 0, 0, 100, 100)).total == 0


def test_failed_attempts_cost_nothing():
    assert price_use(None, Use(calls=5)).total == 0


@given(uses, uses)
def test_cost_of_two_uses_is_the_sum_of_their_costs(first: Use, second: Use):
    together = price_use(BIG, first + second)
    assert together.amount == pytest.approx((price_use(BIG, first) + price_use(BIG, second)).amount)


@given(uses)
def test_cost_grows_with_the_price(use: Use):
    dearer = Price(input=4, output=20, per_call=0.02)
    assert price_use(dearer, use).amount >= price_use(Price(input=3, output=15), use).amount


def test_partial_knowledge_is_said():
    table = PriceTable(models={"big": BIG})
    costs = price_seats(
        {"weak": Use(40, 40, 0, 0, 9, 9), "strong": Use(2, 2, 0, 0, 1_000_000, 0)},
        {"weak": "own", "strong": "big"},
        table,
    )
    total = sum_costs(costs.values())
    assert total.total is None
    assert describe_cost(total, "USD") == "at least 3.02 USD, 40 calls of unknown price"


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(12.3, 5), "12.30 USD"),
        (Cost(0.0, 5, 5), "5 calls of unknown price"),
        (Cost(0.0, 1, 1), "1 call of unknown price"),
        (Cost(0.0, 5, 0, 5), "0 USD, simulated"),
        (Cost(1.5, 9, 0, 4), "1.50 USD, 4 simulated calls at 0"),
        (Cost(), "0 USD"),
    ],
)
def test_cost_in_words(cost: Cost, words: str):
    assert describe_cost(cost, "USD") == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "0 EUR"), (1e-6, "< 0.0001 EUR"), (0.0123, "0.0123 EUR"), (0.5, "0.50 EUR"), (12345.6, "12,346 EUR")],
)
def test_money_has_digits_that_say_something(amount: float, words: str):
    assert format_money(amount, "EUR") == words


@pytest.mark.parametrize(("count", "words"), [(1234, "1,234"), (56_400, "56 k"), (1_240_000, "1.2 M")])
def test_tokens_are_short(count: int, words: str):
    assert format_tokens(count) == words


def test_table_is_read_as_written():
    table = parse_prices('currency = "EUR"\n[models."lab/big:1"]\ninput = 3\noutput = 15.5\n')
    assert (table.currency, table.models["lab/big:1"].output) == ("EUR", 15.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[models."a/b"]\ninput = -1\noutput = 2', r'models\."a/b"\.input: .*greater than or equal to 0 \(got -1\)'),
        ("[models.x]\ninput = 1", r'models\."x"\.output is missing; a model needs input and output'),
        ("[models.x]\ninput = 1\noutput = nan", r'models\."x"\.output: .*finite'),
        ("[models.x]\ninput = 1\noutput = inf", r'models\."x"\.output: '),
        ("[models.x]\ninput = 1\noutput = 2e9", r"less than or equal to 1000000 \(got 2000000000\.0\)"),
        ("[models.x]\ninput = 1\noutput = 2\nouptut = 3", r'models\."x"\.ouptut is unknown; a price has input'),
        ('currncy = "EUR"', r"currncy is unknown; prices stand in"),
        ('currency = "US dollar"', r"currency: currency is one short word.*\(got 'US dollar'\)"),
        ("models = 3", r"models: .*\(got 3\)"),
        ("[models", "is not TOML yet"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, words: str):
    with pytest.raises(BadInput, match=words):
        parse_prices(text)


def test_home_without_a_table_knows_no_price(tmp_path: Path):
    assert load_prices(Home(tmp_path)) == PriceTable()


def test_broken_table_of_a_home_is_named_with_its_path(tmp_path: Path):
    home = Home(tmp_path)
    find_prices_file(home).write_text("[models.x]\ninput = 1")
    with pytest.raises(BadInput, match=r"prices\.toml: models"):
        load_prices(home)


def test_a_run_keeps_the_prices_of_its_own_models_alone():
    table = PriceTable(currency="EUR", models={"big": BIG, "other": BIG})
    assert table.keep(["big", "absent"]) == PriceTable(currency="EUR", models={"big": BIG})


def test_prices_that_are_there_are_not_replaced_when_others_are_filled_in():
    old, new = PriceTable(models={"a": BIG}), PriceTable(models={"a": Price(input=9, output=9), "b": BIG})
    assert old.fill(new).models == {"a": BIG, "b": BIG}


def test_prices_of_another_currency_are_not_mixed_in():
    with pytest.raises(BadInput, match="prices in EUR cannot be added to a run that is priced in USD"):
        PriceTable(models={"a": BIG}).fill(PriceTable(currency="EUR", models={"b": BIG}))
