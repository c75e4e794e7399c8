"""What a trainer may expect of a selection: signal, cut-off answers, lengths, copies, sources."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.dataset.stats import BYTES_PER_TOKEN, expect_no_spread, measure_dataset, measure_signal
from autodata.home import Home
from autodata.index import open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_stats import Spread
from tests.support.journals import write_run


def make_spread(graded: int, zeros: int = 0, ones: int = 0, *, binary: bool = True, tasks: int = 1) -> Spread:
    equal = zeros == graded or ones == graded or graded == 1
    return Spread(binary, graded, zeros, ones, equal, tasks)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


def measure(home: Home, tasks, *, audited: bool = True):
    with open_index(home) as index:
        ingest_home(index, home)
        if audited:
            audit_pending(index, home)
        return measure_dataset(index, tasks)


def test_tasks_without_signal_are_counted():
    signal = measure_signal(
        [make_spread(3, zeros=3, tasks=2), make_spread(3, ones=3), make_spread(3, zeros=1, tasks=5)]
    )
    assert (signal.tasks, signal.all_zero, signal.all_one, signal.equal) == (8, 2 / 8, 1 / 8, 3 / 8)


def test_nothing_measured_is_no_share():
    signal = measure_signal([])
    assert (signal.tasks, signal.all_zero, signal.no_spread[8]) == (0, None, None)


def test_one_right_of_two_gives_a_spread_more_often_than_one_of_eight():
    assert expect_no_spread(make_spread(2, zeros=1, ones=1), 8) < expect_no_spread(make_spread(8, zeros=7, ones=1), 8)


def test_expectation_is_that_of_the_posterior():
    """Against draws: p from Beta(1 + s, 1 + k - s), then a group of G right or wrong answers."""
    rng, hits, draws = Random(1), 0, 40_000
    for _ in range(draws):
        p = rng.betavariate(1 + 1, 1 + 3)
        answers = {rng.random() < p for _ in range(4)}
        hits += len(answers) == 1
    assert expect_no_spread(make_spread(4, zeros=3, ones=1), 4) == pytest.approx(hits / draws, abs=0.01)


@given(st.integers(1, 12), st.data(), st.sampled_from([2, 4, 8, 16]), st.booleans())
def test_expectation_is_a_share_that_falls_with_the_group(graded, data, size, binary):
    zeros = data.draw(st.integers(0, graded))
    ones = graded - zeros if binary else data.draw(st.integers(0, graded - zeros))
    spread = make_spread(graded, zeros, ones, binary=binary)
    assert 0 <= expect_no_spread(spread, size * 2) <= expect_no_spread(spread, size) <= 1


def test_scores_between_the_extremes_leave_a_spread():
    assert expect_no_spread(make_spread(4, binary=False), 8) < 0.01


def test_histograms_hold_every_task(home):
    run = write_run(home, "cs-1", 5, plans=[("too_easy", "accepted"), ("accepted",)])
    stats = measure(home, run.accepted)
    assert stats.measures.found == stats.measures.asked == len(run.accepted) == 5
    assert sum(stats.measures.weak_bins) == sum(stats.measures.strong_bins) == sum(stats.measures.gap_bins) == 5
    assert stats.signal.tasks == 5
    assert stats.measures.rounds == {1: 2, 2: 3}


def test_only_the_selection_is_measured(home):
    run = write_run(home, "cs-1", 4, plans=[("accepted",)])
    stats = measure(home, run.accepted[:1])
    assert (stats.measures.found, stats.measures.sources, stats.measures.run_sources) == (1, 1, 4)
    assert stats.coverage == 0.25


def test_tasks_that_are_gone_are_counted_as_missing(home):
    run = write_run(home, "cs-1", 1, plans=[("accepted",)])
    described = measure(home, [*run.accepted, "gone"]).describe()
    assert (described["tasks"], described["missing"]) == (1, 1)


def test_cut_off_answers_are_a_share(home):
    run = write_run(home, "cs-1", 2, plans=[("accepted",)], statuses=("truncated",))
    stats = measure(home, run.accepted)
    assert stats.measures.endings["weak"].cut == 2
    assert stats.truncated["weak"] == pytest.approx(1 / 3)
    assert stats.truncated["strong"] == 0


def test_lengths_say_whether_they_are_estimated(home):
    run = write_run(home, "cs-1", 2, plans=[("accepted",)])
    stats = measure(home, run.accepted)
    assert stats.token_source["reference"] == "estimated"
    assert stats.tokens["reference"].total == pytest.approx(stats.measures.bytes["reference"].total / BYTES_PER_TOKEN)
    assert stats.token_source["weak answer"] in ("reported", "estimated")
    assert stats.measures.criteria.largest >= 1


def test_same_prompt_twice_is_seen(home):
    first = write_run(home, "cs-1", 2, plans=[("accepted",)])
    second = write_run(home, "cs-2", 2, plans=[("accepted",)])
    alone, both = measure(home, first.accepted), measure(home, [*first.accepted, *second.accepted])
    assert alone.measures.repeated == 0
    assert both.measures.repeated in (0, 4)
    assert both.measures.found == 4


def test_empty_selection_is_all_zero_and_breaks_nothing(home):
    write_run(home, "cs-1", 1)
    stats = measure(home, [])
    assert (stats.measures.found, stats.total_tokens, stats.near_copies, stats.coverage) == (0, 0.0, None, None)
    assert stats.describe()["no_signal"]["all_zero"] is None


def test_near_copies_are_unknown_before_the_audit(home):
    run = write_run(home, "cs-1", 2, plans=[("accepted",)])
    assert measure(home, run.accepted, audited=False).near_copies is None
    assert measure(home, run.accepted).near_copies is not None
