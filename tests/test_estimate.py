import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.estimate import describe_estimate, estimate_run, list_called_roles
from autodata.llm.seat import Endpoint, Seat, SeatBook, simulated_seats
from autodata.model import Source
from autodata.policy import make_policy
from autodata.prices import NO_PRICES, Price, PriceTable
from autodata.recipes.recipe import list_domains, load_recipe
from autodata.settings import RunSettings

REAL = SeatBook(
    endpoints={"lab": Endpoint(base_url="http://127.0.0.1:9/v1")},
    seats={
        role: Seat(endpoint="lab", model=f"m-{role}", max_tokens=1000)
        for role in ("challenger", "verifier", "weak", "strong", "judge")
    },
)
PRICED = PriceTable(models={f"m-{role}": Price(input=1, output=4) for role in REAL.seats})


def make_settings(domain="cs", **changes):
    policy = make_policy(load_recipe(domain).limits.flow.policy)
    return RunSettings(**({"domain": domain, "policy": policy, "seats": simulated_seats()} | changes))


ITEM = {"answer": "word", "context": "", "rubric": [], "flags": []}


def make_sources(count, words=700):
    """Documents that are also items with a prompt, an answer and no rubric."""
    text = "word " * words
    return [Source(id=f"{n:016x}", title="t", text=text, metadata={"item": ITEM}) for n in range(count)]


def estimate(domain="cs", sources=1, prices=NO_PRICES, **changes):
    return estimate_run(make_settings(domain, **changes), load_recipe(domain), make_sources(sources), prices)


def test_one_source_is_one_full_round_with_its_final_review_at_least():
    assert estimate().calls.least == 15


def test_calls_of_a_baseline_are_exact():
    calls = estimate(sources=10, baseline=True).calls
    assert (calls.least, calls.expected, calls.most) == (140, 140, 140)


def test_most_calls_are_every_round_in_full():
    assert estimate(max_rounds=2).calls.most == 29


def test_expected_calls_per_accepted_task_have_the_papers_size():
    # The paper's own figures give about 62 calls per accepted task.
    assert 50 < estimate(sources=100).calls.expected / 100 < 80


@settings(max_examples=40, deadline=None)
@given(
    domain=st.sampled_from(list_domains()),
    rounds=st.integers(1, 15),
    sources=st.integers(1, 300),
    words=st.integers(50, 2000),
    baseline=st.booleans(),
)
def test_least_is_never_above_expected_nor_expected_above_most(domain, rounds, sources, words, baseline):
    changed = make_settings(domain, max_rounds=rounds, baseline=baseline, seats=REAL)
    prices = PriceTable(models={seat.model: Price(input=1, output=4, per_call=0.001) for seat in REAL.seats.values()})
    found = estimate_run(changed, load_recipe(domain), make_sources(sources, words), prices)
    for span in (found.calls, found.tokens):
        assert span.least <= span.expected <= span.most
    assert found.least.amount <= found.expected.amount <= found.most.amount


def test_priced_seats_make_a_known_cost():
    found = estimate(seats=REAL, prices=PRICED)
    assert found.expected.total is not None
    assert "USD" in describe_estimate(found)


def test_model_without_a_price_makes_the_cost_unknown_and_not_smaller():
    some = PriceTable(models={name: price for name, price in PRICED.models.items() if name != "m-judge"})
    found = estimate(seats=REAL, prices=some)
    assert found.expected.total is None
    assert "at least" in describe_estimate(found)
    assert "calls of unknown price" in describe_estimate(found)


def test_simulated_run_costs_nothing_and_says_so():
    assert describe_estimate(estimate()).endswith("0 USD, simulated")


def test_seats_without_a_limit_are_named_because_nothing_bounds_their_replies():
    seats = {role: seat.model_copy(update={"max_tokens": None}) for role, seat in REAL.seats.items() if role == "judge"}
    book = REAL.model_copy(update={"seats": {**REAL.seats, **seats}})
    assert estimate(seats=book).unbounded == ("judge",)


def test_longer_documents_cost_more():
    recipe, values = load_recipe("cs"), make_settings(seats=REAL)
    short, long = (estimate_run(values, recipe, make_sources(1, words), PRICED) for words in (100, 2000))
    assert short.expected.amount < long.expected.amount


@pytest.mark.parametrize("domain", list_domains())
def test_called_seats_are_those_the_recipe_needs(domain):
    flow = load_recipe(domain).limits.flow
    roles = set(list_called_roles(make_settings(domain), load_recipe(domain)))
    assert {"weak", "strong", "judge"} <= roles
    assert ("challenger" in roles) == (flow.write == "challenger" or flow.grading == "rubric")
    assert ("extractor" in roles) == flow.extract
    assert ("verifier" in roles) == (flow.verify or flow.candidates > 1)
    assert "analyst" not in roles


def test_rubrics_of_given_items_are_written_only_where_they_are_missing():
    recipe, values = load_recipe("filter-rubric"), make_settings("filter-rubric", seats=REAL)
    with_rubric = {**ITEM, "rubric": [{"id": "c1", "criterion": "says so", "weight": 1}]}
    bare, whole = make_sources(1), [Source("0" * 16, "t", "word " * 700, metadata={"item": with_rubric})]
    calls = [estimate_run(values, recipe, sources, PRICED).calls.most for sources in (bare, whole, [*bare, *whole])]
    assert calls[0] == calls[1] + 1
    assert calls[2] == calls[0] + calls[1]


def test_documents_are_refused_by_a_recipe_of_given_tasks():
    with pytest.raises(BadInput, match="carries no task"):
        estimate_run(make_settings("filter-rubric"), load_recipe("filter-rubric"), [Source("0", "t", "x")], PRICED)
