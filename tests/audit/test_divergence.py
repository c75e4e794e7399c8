"""Goodhart divergence between recipe versions, and how good luck alone looks."""

from __future__ import annotations

import pytest

from autodata.audit.divergence import VersionCounts, compare_versions, expect_best_by_luck
from autodata.errors import BadInput

BEFORE = VersionCounts("v1", accepted=60, proposed=400, real=40, certified=50)


def test_the_statistics_by_hand():
    got = compare_versions(BEFORE, VersionCounts("v2", 120, 400, 25, 50))
    assert got.accepted_change == pytest.approx(0.15)
    assert got.accepted_z == pytest.approx(0.15 / (0.225 * 0.775 * 2 / 400) ** 0.5)
    assert got.certified_z == pytest.approx(-0.30 / (0.65 * 0.35 * 2 / 50) ** 0.5)
    assert got.alarm


@pytest.mark.parametrize(("accepted", "real"), [(120, 45), (70, 25), (60, 40)])
def test_one_of_the_two_alone_raises_no_alarm(accepted, real):
    assert not compare_versions(BEFORE, VersionCounts("v2", accepted, 400, real, 50)).alarm


def test_a_version_without_certified_tasks_cannot_be_compared():
    got = compare_versions(BEFORE, VersionCounts("v2", 200, 400, 0, 0))
    assert (got.alarm, got.certified_z) == (False, None)
    assert got.accepted_z > 3
    assert "v2 was certified" in got.note


def test_shares_that_are_both_zero_do_not_differ():
    assert compare_versions(VersionCounts("a", 0, 10, 0, 5), VersionCounts("b", 0, 20, 0, 5)).accepted_z == 0.0


@pytest.mark.parametrize(("trials", "best"), [(25, 0.87), (100, 0.75)])
def test_the_best_of_many_equal_variants_looks_like_the_published_value(trials, best):
    assert expect_best_by_luck(233, 0.62, trials) == pytest.approx(best, abs=0.005)


def test_one_variant_looks_like_it_is():
    assert expect_best_by_luck(1, 0.62, 25) == pytest.approx(0.62)


def test_impossible_counts_are_refused():
    with pytest.raises(BadInput, match="accepted: 5 of 4"):
        VersionCounts("v1", 5, 4, 0, 0)
    with pytest.raises(BadInput):
        expect_best_by_luck(0, 0.5, 10)
