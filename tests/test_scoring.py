"""Verdicts to scores: golden values worked out by hand, and the properties every rubric has."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput, MalformedReply
from autodata.model import Criterion, Score
from autodata.scoring import attainable_points, mean_score, measure_gap, score_verdicts, share_of_gap

RUBRIC = (
    Criterion("c1", "names the bound", 5),
    Criterion("c2", "gives the reason", 3),
    Criterion("c3", "names the exception", 2),
    Criterion("n1", "claims that clocks agree", -4),
)

weights = st.one_of(st.integers(-10, 10).filter(bool), st.floats(-10, 10).filter(lambda w: abs(w) > 1e-3))


@st.composite
def rubrics(draw) -> tuple[Criterion, ...]:
    drawn = draw(st.lists(weights, min_size=1, max_size=15).filter(lambda ws: any(w > 0 for w in ws)))
    return tuple(Criterion(f"c{n}", "text", weight) for n, weight in enumerate(drawn))


@st.composite
def graded_sides(draw):
    rubric = draw(rubrics())
    verdicts = st.fixed_dictionaries({c.id: st.sampled_from([0, 1]) for c in rubric})
    side = st.lists(verdicts, min_size=1, max_size=4)
    return rubric, draw(side), draw(side)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({"c1": 1, "c2": 1, "c3": 1, "n1": 0}, Score(10, 0, 10, 1.0)),
        ({"c1": 0, "c2": 0, "c3": 0, "n1": 0}, Score(0, 0, 10, 0.0)),
        ({"c1": 1, "c2": 0, "c3": 1, "n1": 0}, Score(7, 0, 10, 0.7)),
        ({"c1": 1, "c2": 0, "c3": 1, "n1": 1}, Score(7, 4, 10, 0.3)),
        ({"c1": 0, "c2": 1, "c3": 0, "n1": 1}, Score(3, 4, 10, 0.0)),
        ({"c1": 0.5, "c2": 0, "c3": 1, "n1": 0.25}, Score(4.5, 1.0, 10, 0.35)),
        ({"c1": True, "c2": False, "c3": False, "n1": False}, Score(5, 0, 10, 0.5)),
    ],
)
def test_score_of_known_verdicts(verdicts, expected):
    score = score_verdicts(RUBRIC, verdicts)
    assert (score.earned, score.penalty, score.attainable) == (expected.earned, expected.penalty, expected.attainable)
    assert score.value == pytest.approx(expected.value, abs=1e-12)


@pytest.mark.parametrize(
    ("verdicts", "message"),
    [
        ({"c1": 1, "c2": 1, "c3": 1}, r"missing \['n1'\], unknown \[\]"),
        ({"c1": 1, "c2": 1, "c3": 1, "n1": 0, "c9": 1}, r"missing \[\], unknown \['c9'\]"),
        ({}, r"missing \['c1', 'c2', 'c3', 'n1'\]"),
        ({"c1": 2, "c2": 1, "c3": 1, "n1": 0}, r"outside \[0, 1\]: \{'c1': 2\}"),
        ({"c1": -1, "c2": 1, "c3": 1, "n1": 0}, r"outside \[0, 1\]"),
        ({"c1": math.nan, "c2": 1, "c3": 1, "n1": 0}, r"outside \[0, 1\]"),
    ],
)
def test_verdicts_that_do_not_fit_are_a_judge_failure_and_never_a_zero(verdicts, message):
    with pytest.raises(MalformedReply, match=message):
        score_verdicts(RUBRIC, verdicts)


@pytest.mark.parametrize("rubric", [(), (Criterion("n1", "error", -3),), (Criterion("c1", "nothing", 0),)])
def test_rubric_without_a_positive_weight_is_refused(rubric):
    with pytest.raises(BadInput, match="no positive weight"):
        score_verdicts(rubric, {c.id: 0 for c in rubric})


@pytest.mark.parametrize("weight", [math.inf, -math.inf, math.nan])
def test_weight_that_is_not_finite_is_refused(weight):
    with pytest.raises(BadInput, match=r"weights of \['n1'\] are not finite"):
        score_verdicts((Criterion("c1", "a", 1), Criterion("n1", "b", weight)), {"c1": 1, "n1": 1})


@given(graded_sides())
def test_score_lies_between_zero_and_one(sides):
    rubric, weak, strong = sides
    for verdicts in [*weak, *strong]:
        assert 0.0 <= score_verdicts(rubric, verdicts).value <= 1.0


@given(graded_sides())
def test_meeting_one_more_criterion_moves_the_score_by_the_sign_of_its_weight(sides):
    rubric, (verdicts, *_), _ = sides
    base = score_verdicts(rubric, {**verdicts, "c0": 0}).value
    more = score_verdicts(rubric, {**verdicts, "c0": 1}).value
    assert more >= base if rubric[0].weight > 0 else more <= base


@given(graded_sides())
def test_order_of_the_criteria_does_not_matter(sides):
    rubric, (verdicts, *_), _ = sides
    assert score_verdicts(rubric[::-1], verdicts).value == pytest.approx(score_verdicts(rubric, verdicts).value)


@given(graded_sides())
def test_shares_sum_to_the_unclipped_gap(sides):
    rubric, weak, strong = sides

    def unclipped(answers) -> float:
        scores = [score_verdicts(rubric, verdicts) for verdicts in answers]
        return math.fsum((s.earned - s.penalty) / s.attainable for s in scores) / len(scores)

    shares = share_of_gap(rubric, weak, strong)
    gap = unclipped(strong) - unclipped(weak)
    largest = max(1.0, *(abs(share) for share in shares.values()))
    assert math.fsum(shares.values()) == pytest.approx(gap, abs=1e-9 * largest)
    assert shares.keys() == {c.id for c in rubric}


def test_shares_of_a_known_gap():
    weak = [{"c1": 0, "c2": 1, "c3": 0, "n1": 1}, {"c1": 1, "c2": 1, "c3": 0, "n1": 0}]
    strong = [{"c1": 1, "c2": 1, "c3": 1, "n1": 0}]
    shares = share_of_gap(RUBRIC, weak, strong)
    assert shares == pytest.approx({"c1": 0.25, "c2": 0.0, "c3": 0.2, "n1": 0.2})
    assert sum(shares.values()) == pytest.approx(1.0 - (-0.1 + 0.8) / 2, abs=1e-9)


def test_shares_are_empty_when_a_side_was_not_graded():
    met = {c.id: 1 for c in RUBRIC}
    assert share_of_gap(RUBRIC, [], [met]) == {}
    assert share_of_gap(RUBRIC, [met], []) == {}


def test_shares_of_a_rubric_without_positive_weight_are_empty():
    assert share_of_gap((Criterion("n", "e", -1),), [{"n": 1}], [{"n": 0}]) == {}


def test_what_was_not_measured_is_none_and_not_zero():
    assert mean_score([]) is None
    assert measure_gap([], [0.5]) is None
    assert measure_gap([0.5], []) is None
    assert mean_score([0.0]) == 0.0


def test_attainable_points_leave_penalties_out():
    assert attainable_points(RUBRIC) == 10
