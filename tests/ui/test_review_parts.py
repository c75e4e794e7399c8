"""The pure parts of the Review page: intervals, diffs, quotes, the criterion table."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.index.queries.task import RolloutDetail
from autodata.model import Criterion, Score, Verdict
from autodata.ui.review.diffs import diff_lines, diff_rewording, diff_words, fold_equal, list_request_lines, show_hidden
from autodata.ui.review.evidence import build_criteria, build_sums, counts
from autodata.ui.review.interval import find_t_quantile, measure_interval
from autodata.ui.review.quotes import LIMIT, cut_text, find_quote, split_by_quotes
from autodata.ui.review.view import read_view

RUBRIC = (Criterion("c1", "states the bound", 6), Criterion("c2", "adds a margin", 2), Criterion("c3", "is wrong", -2))


def make_rollout(solver: str, index: int, met: str, *, status: str = "ok", answer: str = "some words") -> RolloutDetail:
    verdicts = tuple(Verdict(f"c{at}", float(bit), "some words") for at, bit in enumerate(met, start=1))
    value = max(0.0, (6 * int(met[0]) + 2 * int(met[1]) - 2 * int(met[2])) / 8)
    return RolloutDetail(
        solver=solver, index=index, purpose="select", status=status, finish_reason="stop", answer=answer, answer_sha="",
        reasoning="", score=Score(0, 0, 8, value), verdicts=verdicts, note="", answer_call=None, judge_call=None,
        call=None, judge=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("degrees", "p", "expected"), [(1, 0.95, 6.3138), (2, 0.95, 2.9200), (4, 0.975, 2.7764), (30, 0.95, 1.6973)]
)
def test_t_quantile_agrees_with_the_table(degrees: float, p: float, expected: float) -> None:
    assert find_t_quantile(degrees, p) == pytest.approx(expected, abs=2e-3)


def test_interval_of_identical_scores_says_no_spread() -> None:
    interval = measure_interval([0.2, 0.2, 0.2], [0.7, 0.7, 0.7])
    assert interval.gap == pytest.approx(0.5)
    assert (interval.low, interval.high, interval.note) == (None, None, "no spread")


def test_interval_of_one_side_or_one_answer_is_not_given() -> None:
    assert measure_interval([0.2], []).gap is None
    assert measure_interval([0.2], [0.7, 0.8]).note == "too few rollouts"


def test_interval_covers_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(400):
        weak, strong = rng.normal(0.3, 0.08, 3), rng.normal(0.6, 0.08, 3)
        interval = measure_interval(weak.tolist(), strong.tolist())
        hits += interval.low is not None and interval.high is not None and interval.low <= 0.3 <= interval.high
    assert 0.85 <= hits / 400 <= 0.97


@given(st.text(max_size=200), st.text(max_size=200))
def test_word_diff_gives_both_texts_back(before: str, after: str) -> None:
    spans = diff_words(before, after)
    assert "".join(text for kind, text in spans if kind != "new") == before
    assert "".join(text for kind, text in spans if kind != "gone") == after


def test_word_diff_marks_the_changed_word() -> None:
    assert diff_words("at most T", "at least T") == [
        ("same", "at "),
        ("gone", "most"),
        ("new", "least"),
        ("same", " T"),
    ]


def test_invisible_characters_are_shown_as_boxes() -> None:
    assert show_hidden("a\u202eb\n") == [("same", "a"), ("box", "U+202E"), ("same", "b\n")]


def test_request_is_listed_field_by_field_and_line_by_line() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "one\ntwo"}], "temperature": 1.0}
    assert list_request_lines(json.dumps(body)) == ["model: m", "user: one", "two", "temperature: 1.0"]
    assert list_request_lines("not json") == ["not json"]
    assert list_request_lines("") == []


def test_request_diff_separates_allowed_from_changed_and_missing_lines() -> None:
    rows = diff_lines(["model: a", "user: x", "be brief"], ["model: b", "user: x"], ("model: ",))
    assert [row.kind for row in rows] == ["allowed", "same", "changed"]
    assert rows[2].right_number is None
    assert rows[2].left == (("gone", "be brief"),)


def test_long_runs_of_equal_lines_are_folded_but_nothing_is_lost() -> None:
    left = [f"line {at}" for at in range(20)]
    rows = diff_lines(left, [*left[:10], "other", *left[11:]])
    folded = fold_equal(rows)
    assert sum(row if isinstance(row, int) else 1 for row in folded) == 20
    assert [row for row in folded if isinstance(row, int)] == [8, 7]


def test_quote_is_found_across_changed_white_space_only() -> None:
    assert find_quote("no follower\n grants a vote", "follower grants") == (3, 19)
    assert find_quote("no follower grants", "no leader") is None
    assert find_quote("text", " ") is None


@given(st.text(max_size=60), st.lists(st.tuples(st.sampled_from(["c1", "c2"]), st.text(max_size=8)), max_size=4))
def test_pieces_of_an_answer_are_the_answer(text: str, quotes: list[tuple[str, str]]) -> None:
    assert "".join(piece for piece, _ in split_by_quotes(text, quotes)) == text


def test_overlapping_quotes_share_their_piece() -> None:
    pieces = split_by_quotes("abcdef", [("c1", "abcd"), ("c2", "cdef")])
    assert pieces == [("ab", ["c1"]), ("cd", ["c1", "c2"]), ("ef", ["c2"])]


def test_long_text_is_cut_until_asked_for() -> None:
    assert cut_text("x" * (LIMIT + 5)) == ("x" * LIMIT, 5)
    assert cut_text("x" * (LIMIT + 5), whole=True)[1] == 0


def test_criteria_are_sorted_by_share_and_sum_to_the_gap() -> None:
    rollouts = [make_rollout("weak", 0, "010"), make_rollout("strong", 0, "110")]
    rows = build_criteria(RUBRIC, rollouts, rollouts)
    assert [row["id"] for row in rows] == ["c1", "c2", "c3"]
    assert (rows[0]["share"], rows[0]["big"], rows[0]["part"]) == ("+0.750", True, "100 % of it")
    sums = build_sums(RUBRIC, rollouts)
    assert (sums["weak"], sums["strong"], sums["gap"], sums["without"]) == ("0.25", "1.00", "+0.750", "0.000")
    assert "clipped" not in sums


def test_clipping_is_a_row_of_its_own() -> None:
    rollouts = [make_rollout("weak", 0, "001"), make_rollout("strong", 0, "110")]
    assert build_sums(RUBRIC, rollouts)["clipped"] == "−0.250"


def test_verdict_that_was_not_given_is_not_a_zero() -> None:
    weak = make_rollout("weak", 0, "010")
    rows = build_criteria((*RUBRIC, Criterion("c4", "new", 1)), [weak], [])
    assert next(row for row in rows if row["id"] == "c4")["weak"][0]["met"] is None
    assert rows[0]["share"] == "–"


def test_answer_of_a_status_the_policy_leaves_out_does_not_count() -> None:
    cut_off = make_rollout("weak", 0, "010", status="truncated")
    assert counts(cut_off, {"truncated": "graded"})
    assert not counts(cut_off, {"truncated": "excluded"})


def test_view_of_a_url_ignores_what_it_does_not_know() -> None:
    view = read_view({"task": "t1", "order": "sideways", "run": "cs-1", "band": "right,easy", "skipped": "1"})
    assert (view.task_id, view.queue.order, view.queue.task_filter.run_id) == ("t1", "risk", "cs-1")
    assert view.queue.task_filter.bands == ("right", "easy")
    assert view.queue.with_skipped


def test_text_written_anew_is_not_marked() -> None:
    before, after = "Which lock is held here?", "Prove that no client observes a stale value after the fence."
    assert diff_rewording(before, after) == [("same", after)]


def test_reworded_text_is_marked() -> None:
    spans = diff_rewording("Which lock is held when it stops?", "Which lock is held when it resumes?")
    assert ("gone", "stops") in spans
    assert ("new", "resumes") in spans
