"""Z5 on honest groups: the error of a small history's fit must not add up to an alarm."""

import numpy as np
import pytest

from autodata.audit.group_statistics import find_alarm, find_slack
from autodata.audit.residual import fit_expectation, follow_residuals


def raise_alarm(rng: np.random.Generator, history: int, tasks: int, drop: float = 0.0) -> bool:
    """Whether a group of tasks whose weak scores lie `drop` below the others' is told from them."""
    features = rng.normal(size=(history + tasks, 4))
    weak = np.clip(0.45 + features @ [0.05, 0.02, 0.0, 0.01] + rng.normal(0, 0.12, history + tasks), 0, 1)
    weak[history:] -= drop
    fit = fit_expectation(features[:history], weak[:history].tolist())
    residuals = [score - fit.predict(own) for own, score in zip(features[history:], weak[history:], strict=True)]
    found = follow_residuals(residuals, fit.sd, slack=find_slack(fit.tasks), alarm_at=find_alarm(tasks))
    return found.alarm_at is not None


@pytest.mark.parametrize(("history", "tasks"), [(30, 100), (100, 100), (100, 30)])
def test_honest_groups_hardly_ever_alarm(history, tasks):
    rng = np.random.default_rng(0)
    assert sum(raise_alarm(rng, history, tasks) for _ in range(200)) <= 6


def test_a_group_that_falls_short_alarms():
    rng = np.random.default_rng(0)
    assert sum(raise_alarm(rng, 100, 30, drop=0.2) for _ in range(50)) >= 48


def test_a_long_history_leaves_the_usual_slack():
    assert find_slack(1_000_000) == pytest.approx(0.5, abs=0.01)
