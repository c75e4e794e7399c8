import asyncio

import pytest

from autodata.budget import Budget
from autodata.errors import StopRequested
from autodata.journal import JournalWriter
from autodata.llm.seat import simulated_seats
from autodata.optimize.ledger import Ledger, SharedBudget, Spent
from autodata.prices import Cost
from autodata.recorder import CallKey, Recorder
from tests.support.scripted import ScriptedTransport, skip_sleep


def make_recorder(folder, name, ledger, budget):
    journal = JournalWriter(folder / f"{name}.jsonl")
    shared = SharedBudget(budget, ledger)
    return Recorder(journal, simulated_seats(), ScriptedTransport(), slots=4, budget=shared, sleep=skip_sleep)


async def ask(recorder, count, source="s"):
    for number in range(count):
        body = {"model": "m", "messages": [], "seed": number}
        await recorder.call(CallKey(source, 1, "weak", number), body, template_sha="")


def test_one_budget_holds_two_journals(tmp_path):
    async def work():
        ledger = Ledger()
        first, second = (make_recorder(tmp_path, name, ledger, Budget(max_calls=10)) for name in ("a", "b"))
        with ledger.watch("a", first), ledger.watch("b", second):
            await ask(first, 6)
            with pytest.raises(StopRequested, match="budget of 10 calls"):
                await ask(second, 6)
            return ledger.total().calls, second.calls

    assert asyncio.run(work()) == (10, 4)


def test_calls_in_flight_count_before_they_are_answered(tmp_path):
    async def work():
        ledger = Ledger()
        recorders = [make_recorder(tmp_path, name, ledger, Budget(max_calls=7)) for name in "abc"]
        for name, recorder in zip("abc", recorders, strict=True):
            ledger.begin(name, recorder)
        await asyncio.gather(*(ask(recorder, 5) for recorder in recorders), return_exceptions=True)
        return ledger.total().calls

    assert asyncio.run(work()) == 7


def test_a_journal_that_is_opened_again_is_counted_once(tmp_path):
    async def work():
        ledger = Ledger()
        ledger.settle("a", Spent(3, 30, Cost()))
        ledger.settle("b", Spent(4, 40, Cost()))
        recorder = make_recorder(tmp_path, "a", ledger, Budget())
        with ledger.watch("a", recorder):
            await ask(recorder, 5)
            during = ledger.total().calls
        return during, ledger.total().calls, ledger.find_spent("a").calls

    assert asyncio.run(work()) == (9, 9, 5)


def test_money_is_counted_over_all_journals(tmp_path):
    ledger = Ledger()
    ledger.settle("a", Spent(1, 10, Cost(amount=0.6, calls=1)))
    ledger.settle("b", Spent(1, 10, Cost(amount=0.5, calls=1)))
    shared = SharedBudget(Budget(max_cost=1.0), ledger)
    assert "1.00" in shared.explain_spent(0, 0, Cost(), "USD")
    assert SharedBudget(Budget(max_cost=2.0), ledger).explain_spent(0, 0, Cost(), "USD") == ""
