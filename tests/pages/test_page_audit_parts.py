"""The Audit page's parts without a page: standing, cost, sentence, benchmark, hostile text, many findings."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from autodata.audit.catalogue import DETECTORS
from autodata.audit.labelled import Label, measure_labels
from autodata.audit.plans import PLANS
from autodata.audit.rates import measure_precision
from autodata.home import Home
from autodata.index.queries.audit import Standing
from autodata.index.queries.audit_detectors import DetectorCount
from autodata.index.queries.audit_gaps import GapMap
from autodata.index.queries.audit_runs import AlarmRate, AuditSession, Cluster, RunCheck
from autodata.prices import NO_PRICES, parse_prices
from autodata.ui.audit.benchmark import build_benchmark, read_benchmark
from autodata.ui.audit.cost import find_seats, offer_certification, offer_plan
from autodata.ui.audit.findings import Quiet, build_findings, sort_quiet
from autodata.ui.audit.gaps import build_key, make_gap_map
from autodata.ui.audit.matter import write_checked, write_matter
from autodata.ui.audit.rates import build_clusters, build_rates, build_run_checks, find_scale
from autodata.ui.audit.state import judge_audit, measure_progress, write_progress
from autodata.ui.audit.trust import build_anchors, build_calibration, build_labels
from autodata.ui.audit.view import read_view
from autodata.ui.audit.words import FOUND_WORDS
from autodata.ui.tree import check_tree, collect_text
from tests.support.journals import write_run

HOSTILE = "<script>alert(1)</script> **bold** ](javascript:x)"


def make_session(state: str = "running", reason: str = "", calls: int = 120) -> AuditSession:
    return AuditSession("a", "cs-1", "medium", 3, True, 0.0, 10.0, state, reason, calls, 60, 60, 400.0)


def make_standing(**changes: int) -> Standing:
    values = {"tasks": 168, "audited": 168, "violated": 9, "flagged": 17, "certified": 61, "incomplete": 0, **changes}
    return Standing(**values)


def test_a_working_audit_can_be_paused_and_not_started_again() -> None:
    state = judge_audit(make_session(), alive=True)
    assert (state.word, state.moving, state.can_pause, state.can_resume) == ("running", True, True, False)


@pytest.mark.parametrize(("request_", "word"), [("pause", "pausing"), ("stop", "stopping")])
def test_a_request_is_shown_until_it_is_followed(request_: str, word: str) -> None:
    assert judge_audit(make_session(), alive=True, request=request_).word == word


def test_an_audit_that_was_launched_a_moment_ago_is_starting() -> None:
    assert judge_audit(None, alive=False, starting=True).moving


def test_a_process_that_vanished_leaves_a_stopped_audit() -> None:
    state = judge_audit(make_session(), alive=False)
    assert (state.word, state.can_resume) == ("stopped", True)
    assert "without repeating calls" in state.reason


def test_a_failure_keeps_its_reason() -> None:
    state = judge_audit(make_session("failed", "no such key"), alive=False)
    assert (state.alarm, state.reason, state.can_resume) == (True, "no such key", True)


def test_a_done_audit_asks_for_nothing() -> None:
    state = judge_audit(make_session("done"), alive=False)
    assert (state.moving, state.can_resume) == (False, False)


def test_progress_says_calls_by_kind() -> None:
    words = write_progress("cs-1", make_session(), judge_audit(make_session(), alive=True))
    assert words == "The audit of cs-1 is running: 120 of about 400 calls, 60 by solvers, 60 by judges"


def test_progress_never_exceeds_its_bar() -> None:
    assert measure_progress(make_session(calls=900)) == 1.0
    assert measure_progress(None) == 0.0


def test_the_matter_in_words() -> None:
    assert write_matter(make_standing()) == "9 violations and 17 flags among 168 accepted tasks"
    assert write_matter(make_standing(violated=0, flagged=1)) == "1 flag among 168 accepted tasks"


def test_what_was_checked_in_words() -> None:
    assert write_checked(make_standing()) == (
        "Static and statistical checks ran on all 168. The gap was measured again on 61; 107 are not certified."
    )


def test_an_unfinished_reading_never_claims_all() -> None:
    words = write_checked(make_standing(audited=48, certified=0))
    assert "ran on 48 of 168 so far" in words


def test_every_detector_has_words_for_what_it_finds() -> None:
    assert FOUND_WORDS.keys() == DETECTORS.keys()


def test_a_url_that_means_nothing_is_no_filter() -> None:
    view = read_view({"detector": "Q1", "group": "request:-3", "task": "x"}, "", "maybe")
    assert (view.detector, view.group, view.verdict) == ("", "", "")


@pytest.mark.parametrize("group", ["request:99999999999999999999999", "text:1", "cluster:", "cluster:1e5"])
def test_a_group_that_is_no_number_is_no_filter(group: str) -> None:
    assert read_view({"group": group}, "", "").group == ""


def test_certification_costs_at_most_ten_answers_a_task(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-0001", 2, plans=[["accepted"]])
    seats = find_seats(home, "cs-0001")
    assert not isinstance(seats, str)
    offer = offer_certification(seats, NO_PRICES, 40)
    assert (offer.solver, offer.judge, offer.money) == (400, 400, "0 USD, simulated")
    assert offer.words == "at most 400 solver calls, 400 judge calls"


def test_a_larger_plan_costs_more(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-0001", 2, plans=[["accepted"]])
    seats = find_seats(home, "cs-0001")
    assert not isinstance(seats, str)
    offers = [offer_plan(name, seats, NO_PRICES, make_standing()) for name in PLANS if name != "static"]
    assert offers[0].solver == 0
    assert [o.solver + o.judge for o in offers] == sorted(o.solver + o.judge for o in offers)


def test_money_is_unknown_where_a_price_is_and_a_sum_where_it_is_known(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-0001", 2, plans=[["accepted"]])
    seats = find_seats(home, "cs-0001")
    assert not isinstance(seats, str)
    real = seats.book.model_copy(
        update={
            "endpoints": {
                name: endpoint.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
                for name, endpoint in seats.book.endpoints.items()
            }
        }
    )
    priced = type(seats)(real, ())
    assert "unknown price" in offer_certification(priced, NO_PRICES, 1).money
    models = sorted({seat.model for seat in real.seats.values()})
    table = parse_prices("\n".join(f'[models."{name}"]\ninput = 1000.0\noutput = 1000.0' for name in models))
    assert offer_certification(priced, table, 1).money.endswith(" USD")


def test_a_run_that_is_gone_has_no_seats(tmp_path: Path) -> None:
    assert "cannot be read" in str(find_seats(Home(tmp_path), "cs-0001"))


def test_thousands_of_findings_make_one_line_a_detector() -> None:
    rows = [DetectorCount(name, 5000, 7000, 100_000, 0, 0, 0) for name in DETECTORS]
    tree = check_tree(build_findings(rows, {}, "S1", 372))
    assert collect_text(tree).count("12,000") == len(DETECTORS)


def test_what_did_not_run_is_never_among_the_clear() -> None:
    counts = {"S1": (9, 0, 0, 0), "K7": (0, 0, 9, 0), "S10": (8, 1, 0, 0), "S2": (0, 9, 0, 0), "K5": (0, 0, 0, 9)}
    rows = [DetectorCount(name, 0, 0, *own) for name, own in counts.items()]
    assert sort_quiet(rows) == Quiet(("K7", "K5"), ("S2",), ("S10",), 1)


def test_precision_below_five_labels_is_too_few() -> None:
    rows = [DetectorCount("S1", 1, 0, 9, 0, 0, 0)]
    few = build_findings(rows, {"S1": measure_precision(4, 0)}, "", 300)
    enough = build_findings(rows, {"S1": measure_precision(4, 1)}, "", 300)
    assert "too few" in collect_text(few)
    assert "0.80" in collect_text(enough)


def test_a_single_round_is_a_dot_and_no_line() -> None:
    rate = AlarmRate("cs-1", 10, 2, 0, (0.2,), (10,))
    assert "polyline" not in str(build_rates([rate], 0.5, ""))


def test_the_scale_is_shared_and_a_multiple_of_five_per_cent() -> None:
    rates = [AlarmRate("a", 10, 2, 0, (0.02,), (10,)), AlarmRate("b", 10, 2, 0, (0.31,), (10,))]
    assert find_scale(rates) == pytest.approx(0.35)
    assert find_scale([]) == 0.05


def test_a_cluster_below_the_bar_is_an_alarm() -> None:
    low = Cluster("request", str(2**63), "cs-1", 14, 14, 0.38, 0.08, 5)
    assert "alarm" in str(build_clusters([low], "", 0.2))


def test_clusters_that_are_not_certified_show_a_dash() -> None:
    assert collect_text(build_clusters([Cluster("cluster", "7", "cs-1", 3, 0, None, None, 0)], "", 0.2)).endswith("––")


def test_sentences_of_others_are_text() -> None:
    tree = build_run_checks([RunCheck("cs-1", "Z2", "flag", "done", HOSTILE)])
    assert HOSTILE in collect_text(check_tree(tree or ""))


def test_a_map_without_intervals_still_draws() -> None:
    points = pd.DataFrame({"task_id": ["t1"], "claimed": [0.3], "certified": [0.1], "low": [float("nan")],
                           "high": [float("nan")], "difficulty": ["undecided"]})  # fmt: skip
    figure = make_gap_map(GapMap(1, 0, 1, 0, 5, 0.3, 0.1, points, None), 0.2, height=300, selected="t1")
    assert figure.layout.height == 300


def test_the_key_counts_what_is_not_certified() -> None:
    assert collect_text(build_key(GapMap(3, 1, 1, 1, 107, None, None, None, None), "")).endswith("not certified 107")


def test_without_labels_nothing_is_claimed_of_misses() -> None:
    assert "No label yet" in collect_text(build_labels(measure_labels([], 10)))


def test_random_looks_bound_what_is_missed() -> None:
    labels = [Label(f"t{at}", "ann", "honest_hard", inclusion=0.1) for at in range(60)]
    words = collect_text(build_labels(measure_labels(labels, 600)))
    assert "0.0 % of cleared tasks, at most 4.9 % (60 random looks)" in words


def test_small_calibration_sets_say_what_they_cannot_do() -> None:
    words = collect_text(build_calibration([("cs weak | strong", 40, "too small to test")], [4] * 10))
    assert "too small to test" in words
    assert "40 tasks without finding" in words


def test_without_anchors_nothing_is_clear() -> None:
    tree = build_anchors([])
    assert "not asked" in collect_text(tree)
    assert "clear" not in str(tree)


def test_anchor_numbers_that_are_no_numbers_are_left_out() -> None:
    check = RunCheck("cs-1", "K4", "", "done", "", dict(MappingProxyType({"drop": "much", "p": True})))
    assert collect_text(build_anchors([check])).startswith("cs-1: ")


def test_a_missing_benchmark_is_a_designed_place() -> None:
    assert "without a benchmark" in collect_text(check_tree(build_benchmark(None)))


def test_a_benchmark_shows_recall_by_split_and_its_worst_families() -> None:
    data = {
        "families": [
            {"family": "A1", "split": "train", "recall": 0.99, "low": 0.9, "high": 1.0, "n": 240},
            {"family": "E7", "split": "held_out", "recall": 0.15, "low": 0.1, "high": 0.2, "n": 240},
        ],
        "fpr": {"plain": {"rate": 0.004, "n": 500}, "hard_negatives": 0.02},
        "ablation": [{"name": "static only", "recall": 0.6}, {"name": "+ certified gap", "macro": 0.8}],
    }
    benchmark = read_benchmark(data)
    words = collect_text(build_benchmark(benchmark))
    assert "held-out families0.15" in words
    assert "0.4 %" in words
    assert "E7 0.15" in words
    assert "static only 0.60 → + certified gap 0.80" in words


@pytest.mark.parametrize("data", [None, [], {}, {"families": []}, {"families": [{"recall": "high"}]}])
def test_a_benchmark_that_cannot_be_read_is_none(data: object) -> None:
    assert read_benchmark(data) is None
