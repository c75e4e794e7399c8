"""Runs with frugal rollouts in the index: calls saved, and of how many answers a round's scores are."""

import pytest

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.runs import load_run
from autodata.index.queries.task import load_task
from autodata.summary import summarise_run
from autodata.ui.review.gap import count_rollouts
from autodata.ui.review.interval import measure_interval
from tests.support.journals import write_run

PLANS = [("too_easy", "accepted"), ("too_easy", "too_easy")]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("frugal") / "data")
    frugal = write_run(home, "cs-1", 6, plans=PLANS, frugal=True)
    write_run(home, "cs-2", 6, plans=PLANS)
    with open_index(home) as index:
        ingest_home(index, home)
        yield home, index, frugal


def test_run_says_how_many_calls_it_saved(opened):
    home, index, _ = opened
    saved = load_run(index, "cs-1").calls_saved
    assert saved > 0
    assert saved == summarise_run(home.journal("cs-1"), "cs-1").figures["calls_saved"]


def test_run_that_asks_for_everything_saves_nothing(opened):
    _, index, _ = opened
    assert load_run(index, "cs-2").calls_saved == 0


def test_round_keeps_how_many_answers_its_scores_are_of(opened):
    _, index, frugal = opened
    place = next(place for place, outcome in frugal.outcomes.items() if outcome == "too_easy")
    shown = load_task(index, frugal.tasks[place]).this
    side = shown.rollouts["weak"]
    assert (side["planned"], side["asked"], side["saved"]) == (3, len(shown.weak_scores), 3 - side["asked"])
    assert side["saved"] > 0
    interval = measure_interval(shown.weak_scores, shown.strong_scores)
    assert count_rollouts(shown, interval).startswith(f"{side['asked']} of 3 + 0 rollouts, weak spread 0.")


def test_complete_round_needs_no_label(opened):
    _, index, frugal = opened
    shown = load_task(index, frugal.accepted[0]).this
    interval = measure_interval(shown.weak_scores, shown.strong_scores)
    assert count_rollouts(shown, interval).startswith("3 + 3 rollouts, weak spread 0.")
