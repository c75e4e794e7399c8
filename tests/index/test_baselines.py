"""Baseline runs are a control: they are counted as work, never as production."""

import pytest

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries import overview
from tests.support.journals import write_run


@pytest.fixture
def controlled(tmp_path):
    """A production run, and a baseline run over as many sources."""
    home = Home(tmp_path / "data")
    write_run(home, "cs-1", 4, plans=[("too_easy", "accepted")])
    write_run(home, "cs-1-baseline", 4, plans=[("accepted",)], baseline=True, seed=5)
    with open_index(home) as index:
        ingest_home(index, home)
        yield index


def test_baseline_rounds_stay_out_of_the_totals(controlled):
    totals, production = overview.load_totals(controlled), overview.load_totals(controlled, "cs-1")
    assert (totals.baseline_runs, totals.baseline_rounds) == (1, 4)
    assert (totals.rounds, totals.judged, totals.sources) == (8, production.judged, 4)
    assert totals.first_round_gap == production.first_round_gap
    assert totals.claimed_gap == production.claimed_gap
    assert totals.runs == 2


def test_calls_of_a_baseline_are_spent_but_not_per_accepted_task(controlled):
    totals, production = overview.load_totals(controlled), overview.load_totals(controlled, "cs-1")
    assert totals.calls > production.calls
    assert totals.calls_per_accepted == production.calls_per_accepted == production.calls / 4


def test_baseline_rounds_stay_out_of_the_distributions(controlled):
    assert overview.load_funnel(controlled) == overview.load_funnel(controlled, "cs-1")
    assert overview.count_baseline_rounds(controlled) == 4
    assert overview.load_landing(controlled).measured == overview.load_landing(controlled, run_id="cs-1").measured
    assert set(overview.load_outcomes_by_round(controlled)["outcome"]) == {"too_easy", "accepted"}


def test_baseline_is_shown_when_it_is_asked_for(controlled):
    totals = overview.load_totals(controlled, "cs-1-baseline")
    assert (totals.rounds, totals.judged, totals.accepted) == (4, 4, 0)
    assert totals.first_round_gap is not None
    assert set(overview.load_outcomes_by_round(controlled, "cs-1-baseline")["outcome"]) == {"passed_baseline"}
