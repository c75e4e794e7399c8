"""The audit in Review, without a browser: chips, axes, both gaps, the suggestion, fresh answers, the audit tab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.catalogue import DETECTORS
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.queries.findings import AuditDetail, CheckDetail, FindingDetail, load_audit
from autodata.index.queries.task import TaskDetail, load_task
from autodata.model import Criterion
from autodata.scoring import measure_gap
from autodata.ui.marks import draw_severity
from autodata.ui.review.alarms import build_alarms, list_alarms
from autodata.ui.review.audit_tab import build_audit_tab
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.axes import build_axes, is_broken
from autodata.ui.review.evidence import build_sums, measure_shares, round_parts
from autodata.ui.review.fresh import build_fresh
from autodata.ui.review.panels import read_policy
from autodata.ui.review.strip import build_strip
from autodata.ui.review.suggestion import suggest
from autodata.ui.tree import check_tree, collect_text
from tests.support.audit_rows import STATIC_DONE, AuditRow, fill_audit, insert_check
from tests.support.fresh_rows import insert_fresh
from tests.support.journals import write_run
from tests.ui.test_review_parts import make_rollout

S1 = FindingDetail(
    "S1", "violation", "bytes", "the requests differ: the weak request 1 adds “Be brief.” (record 4)", False
)
K2 = FindingDetail("K2", "flag", "tamper", "the neutral request lifts weak by 0.26 (p = 0.003)", True)
Z1 = FindingDetail("Z1", "note", "luck", "luck alone may do this", False)


@pytest.fixture(scope="module")
def detail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaskDetail]:
    home = Home(tmp_path_factory.mktemp("home") / "data")
    written = write_run(home, "cs-1", 1, plans=[("too_easy", "accepted")])
    with open_index(home) as index:
        fill_audit(home, "cs-1", [], index=index)
        found = load_task(index, written.accepted[0])
        assert found is not None
        yield found


def make_audit(*findings: FindingDetail, **changes: Any) -> AuditDetail:
    worst = findings[0].severity if findings else ""
    audit = AuditDetail(
        integrity="violated" if worst == "violation" else "clean", difficulty="unchecked", validity="unchecked",
        tampered=worst == "violation", cause="", action="certify", severity=worst,
        violations=sum(f.severity == "violation" for f in findings), flags=sum(f.severity == "flag" for f in findings),
        suspicion=1.0, basis="rank", lead="", flagged=False, claimed=0.42, certified=None, low=None, high=None,
        chance=None, bar=None, fresh_weak=0, fresh_strong=0, coverage=STATIC_DONE, lacking={}, evidence={},
        sentence="Task t. Recorded gap 0.42.", siblings=0, alike=0, findings=findings,
    )  # fmt: skip
    return replace(audit, **changes)


def certify(audit: AuditDetail, difficulty: str = "not_real", gap: float = 0.09) -> AuditDetail:
    return replace(
        audit, difficulty=difficulty, certified=gap, low=gap - 0.13, high=gap + 0.13, chance=0.2, bar=0.2, fresh_weak=5,
        fresh_strong=5, coverage={**STATIC_DONE, "K1": "done"},
    )  # fmt: skip


def test_chips_stand_gravest_first_and_what_is_clear_last(detail: TaskDetail) -> None:
    tree = build_alarms(detail, AuditView(make_audit(S1, K2, Z1)), "")
    words = collect_text(check_tree(tree))
    places = [words.index(part) for part in ("Weak request differs", "neutral request", "not certified", "Luck alone")]
    assert places == sorted(places)
    # Sixteen static checks and the luck risk ran; S1, K2 are no clear ones.
    assert words.endswith("16 other checks clear")


def test_chip_shows_its_whole_sentence_when_opened(detail: TaskDetail) -> None:
    view = AuditView(make_audit(S1))
    assert "record 4" not in collect_text(build_alarms(detail, view, ""))
    assert "adds “Be brief.” (record 4). (S1, request symmetry)" in collect_text(build_alarms(detail, view, "found.0"))


def test_every_chip_is_a_button_with_its_sentence_on_hover(detail: TaskDetail) -> None:
    chips = build_alarms(detail, AuditView(make_audit(S1, K2)), "")[2][0][2]
    acting = [chip for chip in chips if "act" in chip[1]]
    assert len(acting) >= 4
    assert all(chip[1]["title"] and chip[1]["aria-expanded"] == "false" for chip in acting)


def test_findings_that_say_the_same_of_several_answers_share_a_chip(detail: TaskDetail) -> None:
    told = [FindingDetail("S7", "flag", "", f"{side} answer {at} is graded twice", False)
            for side in ("weak", "strong") for at in (1, 2)]  # fmt: skip
    chips = [alarm for alarm in list_alarms(detail, AuditView(make_audit(*told))) if alarm.kind == "flag"]
    assert [chip.words for chip in chips] == ["Weak answer 1 is graded twice and 3 more"]
    assert "Strong answer 2 is graded twice." in chips[0].sentence


def test_alarms_are_counted_when_they_are_cut_off(detail: TaskDetail) -> None:
    names = ("K2", "K3", "K4", "K5", "K7", "K10")
    many = [replace(K2, detector=name, sentence=f"{name} says that something is not as it should be") for name in names]
    assert collect_text(build_alarms(detail, AuditView(make_audit(*many)), "")).startswith("6 alarms")


def test_findings_that_read_alike_share_a_chip(detail: TaskDetail) -> None:
    alike = [replace(K2, sentence=f"the neutral request lifts weak by 0.26 (p = {p})") for p in (0.003, 0.004)]
    chips = [alarm for alarm in list_alarms(detail, AuditView(make_audit(*alike))) if alarm.kind == "flag"]
    assert [chip.words for chip in chips] == ["The neutral request lifts weak by 0.26 ×2"]
    assert "0.003" in chips[0].sentence
    assert "0.004" in chips[0].sentence


@pytest.mark.parametrize("state", ["failed", "not_recorded", "not_run"])
def test_check_that_did_not_run_is_never_clear(detail: TaskDetail, state: str) -> None:
    every = dict.fromkeys(DETECTORS, "done") | {"S1": state}
    view = AuditView(make_audit(coverage=every, certified=0.3, lacking={"S1": ("requests",)}))
    words = {"failed": "failed", "not_recorded": "not recorded", "not_run": "not checked"}[state]
    alarm = next(alarm for alarm in list_alarms(detail, view) if alarm.name == state)
    assert (alarm.kind, alarm.words) == ("unchecked", f"Request symmetry {words}")
    assert view.audit is not None
    assert view.audit.clear == len(DETECTORS) - 1


def test_before_the_audit_facts_of_the_record_stand_in(detail: TaskDetail) -> None:
    pending = [alarm.words for alarm in list_alarms(detail, AuditView(pending=True))]
    assert "Audit under way" in pending
    assert "Not audited" in [alarm.words for alarm in list_alarms(detail, AuditView())]
    assert "under way" in suggest(replace(detail, reasons=()), AuditView(pending=True))


def test_nothing_not_checked_has_a_tick(detail: TaskDetail) -> None:
    tick = draw_severity("clear", 12)
    for view in (AuditView(), AuditView(pending=True), AuditView(blind=True)):
        assert str(tick) not in str(build_axes(detail, view))
    bare = make_audit(integrity="incomplete")
    assert str(tick) not in str(build_axes(detail, AuditView(bare)))


def test_axes_carry_their_marks(detail: TaskDetail) -> None:
    audit = certify(make_audit(S1), "undecided")
    words = collect_text(build_axes(detail, AuditView(replace(audit, validity="doubtful"))))
    assert words == "IntegrityviolatedDifficultyundecidedValiditydoubtful"


def test_strip_has_the_alarm_rule_when_violated_or_not_real(detail: TaskDetail) -> None:
    assert is_broken(detail, AuditView(make_audit(S1)))
    assert is_broken(detail, AuditView(certify(make_audit())))
    assert not is_broken(detail, AuditView(certify(make_audit(), "real", 0.4)))


def test_certified_gap_stands_beside_the_claimed_one(detail: TaskDetail) -> None:
    strip = build_strip(detail, detail.this, read_policy(detail), AuditView(certify(make_audit())))
    words = collect_text(check_tree(strip))
    for part in ("+0.09", "−0.04 to +0.22", "5 + 5 fresh answers", "certified ≥ 0.20"):
        assert part in words
    assert "circle" in str(strip)


def test_gap_without_fresh_answers_is_not_certified(detail: TaskDetail) -> None:
    words = collect_text(build_strip(detail, detail.this, read_policy(detail), AuditView(make_audit())))
    assert "Certified gap–not certified" in words
    assert "certified ≥" not in words


def test_certified_gap_is_not_shown_for_another_round(detail: TaskDetail) -> None:
    words = collect_text(build_strip(detail, detail.rounds[0], read_policy(detail), AuditView(certify(make_audit()))))
    assert "+0.09" not in words
    assert "not this round's" in words


def test_violation_suggests_to_reject_and_counts_its_siblings(detail: TaskDetail) -> None:
    view = AuditView(make_audit(S1, siblings=13))
    assert suggest(detail, view) == "Suggested: reject. 13 other tasks share this weak request."


def test_gap_that_is_not_real_suggests_to_reject_with_the_number(detail: TaskDetail) -> None:
    words = suggest(detail, AuditView(certify(make_audit())))
    assert words == "Suggested: reject. The certified gap is +0.09, P(gap ≥ 0.20) = 0.20."


@pytest.mark.parametrize("difficulty", ["real", "undecided", "unchecked"])
def test_the_interface_never_suggests_to_approve(detail: TaskDetail, difficulty: str) -> None:
    audit = make_audit() if difficulty == "unchecked" else certify(make_audit(), difficulty, 0.3)
    assert "pprove" not in suggest(detail, AuditView(replace(audit, validity="ok")))


def test_blind_task_shows_nothing_of_the_audit(detail: TaskDetail) -> None:
    view = AuditView(blind=True, inclusion=0.05, detectors=())
    shown = [
        collect_text(build_strip(detail, detail.this, read_policy(detail), view)),
        collect_text(build_alarms(detail, view, "")),
        collect_text(build_audit_tab(view)),
    ]
    assert "hidden until decided" in shown[0]
    assert shown[1] == "Blind: what the audit found is shown once you have decided"
    assert "decided blind" in shown[2]
    assert suggest(detail, view).startswith("Blind")


def test_audit_tab_says_everything_and_what_was_not_checked() -> None:
    audit = certify(make_audit(S1, K2, Z1), "not_real")
    audit = replace(audit, checks=(CheckDetail("K3", "done", {"solver_part": 0.141, "prompt_part": 0.295}, ()),))
    words = collect_text(check_tree(build_audit_tab(AuditView(audit))))
    for part in ("Recorded gap 0.42", "What was it?", "Sabotage", "Rubric independencenot checked", "Gap+0.436"):
        assert part in words
    for name, detector in DETECTORS.items():
        assert detector.axis == "run" or name in words


def test_hostile_sentence_stays_text() -> None:
    hostile = replace(S1, sentence="the requests differ: <img src=x onerror=alert(1)> javascript:alert(1)")
    check_tree(build_audit_tab(AuditView(make_audit(hostile))))


def test_fresh_answers_come_by_arm_with_verdicts_of_their_own(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    task = write_run(home, "cs-1", 1, plans=[("accepted",)]).accepted[0]
    with open_index(home) as index:
        audit, scores = _fill_fresh(home, index, task)
    arms = build_fresh(audit, frozenset())
    assert [(arm["arm"], len(arm["weak"]), len(arm["strong"])) for arm in arms] == [("neutral", 5, 5), ("as_run", 5, 0)]
    assert arms[0]["weak_mean"] == f"{sum(scores) / 5:.2f}"
    first = arms[0]["weak"][0]
    assert "fresh" in first["about"].casefold()
    assert first["verdicts"]["c1"]["met"] in (0, 1)
    assert "".join(text for text, _ in first["pieces"]).startswith("Fresh neutral answer 1")
    assert "asked with" in collect_text(build_audit_tab(AuditView(audit))).casefold()


def _fill_fresh(home: Home, index: Index, task: str) -> tuple[AuditDetail | None, list[float]]:
    row = AuditRow(task, certified=0.1, difficulty="not_real", coverage={**STATIC_DONE, "K1": "done"})
    fill_audit(home, "cs-1", [row], index=index)
    scores = insert_fresh(index, "cs-1", task, "neutral", "weak", 0.6)
    insert_fresh(index, "cs-1", task, "neutral", "strong", 0.7)
    insert_fresh(index, "cs-1", task, "as_run", "weak", 0.4)
    insert_check(index, "cs-1", task, "K1", numbers={"bar": 0.2})
    return load_audit(index, task), scores


weights = st.lists(st.integers(-6, 9).filter(bool), min_size=1, max_size=8).filter(lambda w: max(w) > 0)


@given(weights, st.data())
def test_shares_of_criteria_sum_exactly_to_the_gap(given_weights: list[int], data: st.DataObject) -> None:
    rubric = tuple(Criterion(f"c{at}", f"test {at}", weight) for at, weight in enumerate(given_weights, start=1))
    bits = st.lists(st.integers(0, 1), min_size=len(rubric), max_size=len(rubric))
    rollouts = []
    for solver in ("weak", "strong"):
        for index in range(3):
            met = "".join(str(bit) for bit in data.draw(bits))
            made = make_rollout(solver, index, (met + "00")[: max(3, len(met))])
            points = sum(c.weight for c, bit in zip(rubric, met, strict=True) if bit == "1")
            value = points / sum(c.weight for c in rubric if c.weight > 0)
            score = replace(made.score, value=value) if made.score else None
            verdicts = tuple(v for v in made.verdicts if v.criterion_id in {c.id for c in rubric})
            rollouts.append(replace(made, score=score, verdicts=verdicts))
    shares = measure_shares(rubric, rollouts)
    sides = [[r.score.value for r in rollouts if r.solver == s and r.score] for s in ("weak", "strong")]
    gap = measure_gap(*sides)
    assert gap is not None
    assert sum(shares.values()) == pytest.approx(gap, abs=1e-9)
    assert build_sums(rubric, rollouts)["without"] != ""


@given(st.dictionaries(st.text(max_size=3), st.floats(-1, 1), max_size=12))
def test_printed_parts_add_up_to_the_printed_sum(parts: dict[str, float]) -> None:
    printed = round_parts(parts)
    assert sum(round(value * 1000) for value in printed.values()) == round(sum(parts.values()) * 1000)
    assert all(abs(printed[name] - part) <= 0.001 + 1e-9 for name, part in parts.items())
    assert all(printed[name] == 0 for name, part in parts.items() if part == 0)
