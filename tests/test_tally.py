"""The command line counts a journal, the pages ask the index: both have to come to the same."""

from pathlib import Path

import pytest

from autodata.early import Evidence
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.early import gather_evidence
from autodata.index.queries.runs import load_run
from autodata.journal import JournalWriter, read_records
from autodata.prices import Use, find_prices_file
from autodata.summary import summarise_run
from autodata.tally import RunTally
from tests.support.journals import write_run


def tally_of(home: Home, run_id: str = "cs-0001") -> RunTally:
    tally = RunTally()
    for record in read_records(home.journal(run_id)):
        tally.add(record.kind, record.data)
    return tally


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def read_index(home: Home, run_id: str = "cs-0001"):
    index = open_index(home)
    try:
        ingest_home(index, home)
        return gather_evidence(index, run_id), load_run(index, run_id)
    finally:
        index.close()


PLANS = [
    ["too_easy", "failed_quality", "narrow_gap", "accepted"],
    ["undecided"],
    ["inverted", "failed_on_strong", "too_easy"],
    ["accepted"],
]


@pytest.mark.parametrize("statuses", [(), ("truncated", "empty", "ok"), ("empty", "empty", "empty")])
def test_journal_and_index_give_the_same_evidence(home: Home, statuses: tuple[str, ...]):
    write_run(home, "cs-0001", 8, plans=PLANS, statuses=statuses)
    evidence = tally_of(home).gather_evidence()
    assert evidence == read_index(home)[0]
    assert evidence.rounds == 18
    assert evidence.reviewed == 18
    assert evidence.rejected == 2


def test_journal_and_index_give_the_same_evidence_of_a_baseline(home: Home):
    write_run(home, "cs-0001", 4, plans=PLANS, baseline=True)
    evidence = tally_of(home).gather_evidence()
    assert evidence.baseline
    assert evidence == read_index(home)[0]


def test_journal_and_index_give_the_same_use_of_every_seat(home: Home):
    write_run(home, "cs-0001", 8, plans=PLANS)
    detail = read_index(home)[1]
    assert detail is not None
    assert {role.role: role.use for role in detail.roles} == tally_of(home).uses


def test_evidence_of_an_unknown_run_is_empty(home: Home):
    assert read_index(home, "cs-0009")[0] == Evidence()


def make_call(role: str, **changes: object) -> dict[str, object]:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "reasoning_tokens": None, "cached_tokens": 4}
    return {"role": role, "model_requested": "m", "usage": usage, "error": None, "ask": 0, **changes}


def test_cached_tokens_are_counted():
    tally = RunTally()
    tally.add("call", make_call("judge"))
    assert tally.uses["judge"] == Use(1, 1, 0, 0, 10, 5, 4)


def test_answer_without_counts_is_silent_and_not_of_zero_tokens():
    tally = RunTally()
    tally.add("call", make_call("judge", usage={}))
    assert tally.uses["judge"] == Use(1, 1, 1)


def test_agents_asked_again_are_counted_and_solvers_are_not():
    tally = RunTally()
    for role in ("judge", "weak"):
        tally.add("call", make_call(role, ask=1))
    assert tally.gather_evidence().asked_again == 1


def add_round(tally: RunTally, number: int, outcome: str, shas: tuple[str, ...], weak: float | None = 0.5) -> None:
    place = {"source": "s", "round": number}
    for index, sha in enumerate(shas):
        answer = {"solver": "weak", "index": index, "purpose": "select", "status": "ok", "answer_sha": sha}
        tally.add("rollout", {**place, **answer})
    tally.add("round", {**place, "outcome": outcome, "weak_mean": weak, "strong_mean": None})


def test_answers_that_are_all_the_same_text_are_identical():
    tally = RunTally()
    add_round(tally, 1, "too_easy", ("a", "a", "a"))
    add_round(tally, 2, "too_easy", ("a", "a", "b"))
    evidence = tally.gather_evidence()
    assert (evidence.groups, evidence.identical) == (2, 1)


def test_empty_answers_are_not_the_same_text():
    tally = RunTally()
    for index in range(3):
        answer = {"source": "s", "round": 1, "solver": "weak", "index": index, "status": "empty", "answer_sha": "e"}
        tally.add("rollout", answer)
    add_round(tally, 1, "undecided", ())
    assert tally.gather_evidence().groups == 0


def test_one_answer_is_identical_to_nothing():
    tally = RunTally()
    add_round(tally, 1, "too_easy", ("a",))
    assert tally.gather_evidence().groups == 0


def test_round_that_is_tried_again_counts_once_with_all_its_answers():
    tally = RunTally()
    add_round(tally, 1, "undecided", ("a", "a"), weak=None)
    tally.add("rollout", {"source": "s", "round": 1, "solver": "weak", "index": 2, "status": "ok", "answer_sha": "b"})
    add_round(tally, 1, "too_easy", ())
    evidence = tally.gather_evidence()
    assert (evidence.rounds, evidence.answers_weak, evidence.identical) == (1, 3, 0)


def write_priced_run(home: Home, text: str, **options: object) -> None:
    write_run(home, "cs-0001", 4, plans=[["too_easy", "accepted"]], simulated=False, **options)  # type: ignore[arg-type]
    find_prices_file(home).write_text(text)


def test_run_without_prices_is_of_unknown_cost_in_its_summary(home: Home):
    write_priced_run(home, "")
    cost = summarise_run(home.journal("cs-0001"), "cs-0001").figures["cost"]
    assert cost["amount"] is None
    assert cost["unknown_calls"] > 0
    assert cost["per_accepted"] is None


def test_prices_of_a_resume_are_those_in_force_in_journal_and_index(home: Home):
    write_run(home, "cs-0001", 4, plans=[["too_easy", "accepted"]], simulated=False, end="paused")
    models = ("challenger", "verifier", "weak", "strong", "judge")
    prices = {f"sim-{model}": {"input": 10, "output": 20} for model in models}
    with JournalWriter(home.journal("cs-0001")) as journal:
        terms = {"budget": {"max_calls": None, "max_tokens": None, "max_cost": 9.0}}
        table = {"currency": "EUR", "models": prices}
        journal.append("run_resumed", {"run_id": "cs-0001", "pid": 1, "host": "h", "prices": table, **terms})
    costs = summarise_run(home.journal("cs-0001"), "cs-0001").costs
    detail = read_index(home)[1]
    assert detail is not None
    # 200 tokens in and 100 out a call: 0.004 EUR.
    assert costs.total.amount == pytest.approx(0.004 * detail.card.calls)
    assert detail.price() == costs
    assert (detail.budget_cost, detail.budget_calls) == (9.0, None)
    assert costs.per_accepted == pytest.approx(costs.total.amount / 4)
