"""Z1 over a run: luck is said as luck, from the run's own noise."""

from __future__ import annotations

from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_run
from autodata.audit.run_luck import check_luck, fit_run_noise
from autodata.policy import PRESETS
from tests.audit.static.planting import say

NOISY = [((0.2, 0.6, 0.4), (0.5, 0.9, 0.6))] + [((0.3, 0.6, 0.5), (0.4, 0.7, 0.5))] * 30
WIDE = [((0.1, 0.12, 0.11), (0.9, 0.92, 0.88))] * 12


def test_gap_far_above_those_of_a_noisy_run_is_called_luck():
    check, risk = check_luck((0.3, 0.4, 0.35), (0.6, 0.6, 0.6), fit_run_noise(NOISY), PRESETS["deployed"])
    assert risk.risk > 0.5
    assert "by luck alone the true gap may be below 0.20" in say(check, "flag")
    assert not {"sabotage", "intent", "cheat"} & set(say(check, "flag").split())


def test_wide_gap_of_a_quiet_run_is_not():
    check, risk = check_luck((0.1, 0.1, 0.1), (0.9, 0.9, 0.9), fit_run_noise(WIDE), PRESETS["deployed"])
    assert (check.findings, risk.risk < 0.01) == ((), True)


def test_few_measured_rounds_give_a_note_at_most():
    check, risk = check_luck((0.3, 0.4, 0.35), (0.6, 0.6, 0.6), fit_run_noise(NOISY[:6]), PRESETS["deployed"])
    assert risk.risk > 0.5
    assert [finding.severity for finding in check.findings] == ["note"]
    assert "the prior rests on 6 tasks only" in say(check, "note")


def test_luck_alone_is_never_the_cause_of_a_verdict(cs_journal):
    (task,) = audit_run(read_run(cs_journal)).tasks
    assert task.luck is not None
    assert task.verdict.cause != "luck"


def test_run_without_repeated_scores_has_no_luck_risk():
    assert fit_run_noise([((0.5,), (0.9,))]) is None
    check, risk = check_luck((0.5,), (0.9,), None, PRESETS["deployed"])
    assert (check.coverage, risk) == ("not_recorded", None)


def test_bar_is_the_policys_where_it_has_one():
    noise = fit_run_noise(WIDE)
    assert check_luck((0.1,), (0.9,), noise, PRESETS["blog_v1"])[1].bar == 0.15
    assert check_luck((0.1,), (0.9,), noise, PRESETS["exact"])[1].bar == 0.20
