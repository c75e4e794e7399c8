import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.agents.capabilities import Capabilities
from autodata.agents.filters import find_hits
from autodata.agents.packet import build_packet, describe_packet, render_packet
from autodata.agents.softening import find_softening
from autodata.model import Criterion
from autodata.recipes.recipe import load_recipe
from tests.support.legal import make_legal_task, make_rollout, make_rubric

TASK = make_legal_task()
IDS = [c.id for c in TASK.rubric]
WEAK = [make_rollout(TASK, "weak", n, set(IDS[:n])) for n in range(5)]
STRONG = [make_rollout(TASK, "strong", n, set(IDS[:12])) for n in range(3)]


def test_criterion_has_its_verdicts_in_the_order_of_the_rollouts():
    second = build_packet(TASK, WEAK, STRONG).criterion_diagnostics[1]
    assert second.weak_scores_per_rollout == (0, 0, 1, 1, 1)
    assert (second.weak_avg, second.n_passed_weak) == (0.6, 3)
    assert (second.strong_avg, second.n_passed_strong) == (1, 3)


def test_capabilities_come_worst_weak_first_with_their_share_of_the_points():
    rows = build_packet(TASK, WEAK, STRONG).capabilities
    assert [row.capability for row in rows] == ["timeline_analysis", "issue_spotting"]
    assert rows[0].weak == 0
    assert rows[0].strong == pytest.approx(5 / 7)
    assert rows[1].n_criteria == 8
    assert rows[1].weak == pytest.approx((4 + 3 + 2 + 1) / 5 / 7)


def test_capability_of_errors_alone_has_no_share():
    rubric = (*make_rubric()[:14], Criterion("c15", "Promises success", -5, "candour", "negative"))
    task = replace(TASK, rubric=rubric)
    rows = {row.capability: row for row in build_packet(task, WEAK, STRONG).capabilities}
    assert (rows["candour"].n_criteria, rows["candour"].weak, rows["candour"].gap) == (1, None, None)


def test_spread_is_the_population_deviation_of_the_weak_scores():
    packet = build_packet(TASK, WEAK, STRONG)
    assert packet.weak_spread == pytest.approx(2**0.5 * 6 / 84)


def test_side_without_a_valid_rollout_is_not_measured():
    packet = build_packet(TASK, WEAK, [])
    assert (packet.num_valid_strong, packet.strong_avg, packet.gap) == (0, None, None)
    assert packet.criterion_diagnostics[0].strong_avg is None


def test_concerns_are_named_and_decide_nothing():
    question = "On appeal we lost. " + "x" * 1000
    task = replace(TASK, question=question)
    packet = build_packet(task, WEAK, STRONG, hits=find_hits(question, load_recipe("legal").limits.filters))
    assert (packet.body_length, packet.body_length_concern) == (len(question), True)
    assert packet.case_recap_match == ("on appeal",)


def test_rendered_packet_is_the_recorded_packet():
    packet = build_packet(TASK, WEAK, STRONG, target=Capabilities(("issue_spotting",)))
    assert json.loads(render_packet(packet)) == json.loads(json.dumps(describe_packet(packet)))


def test_packet_holds_no_answers():
    answers = [replace(rollout, answer="a secret answer") for rollout in WEAK]
    assert "secret" not in render_packet(build_packet(TASK, answers, STRONG))


@given(st.lists(st.sets(st.sampled_from(IDS)), max_size=5), st.lists(st.sets(st.sampled_from(IDS)), max_size=3))
def test_averages_stay_in_range_and_text_is_json(weak, strong):
    packet = build_packet(
        TASK,
        [make_rollout(TASK, "weak", n, met) for n, met in enumerate(weak)],
        [make_rollout(TASK, "strong", n, met) for n, met in enumerate(strong)],
    )
    for row in (*packet.capabilities, *packet.criterion_diagnostics):
        side = row.weak if hasattr(row, "weak") else row.weak_avg
        assert side is None or 0 <= side <= 1
    json.loads(render_packet(packet))


def test_same_rubric_is_not_softer():
    assert find_softening(make_rubric(), make_rubric()) == ()


def test_lowered_weight_of_a_kept_criterion_is_softer():
    assert find_softening(make_rubric(), make_rubric(weight=3)) == ("c1 kept the words and lost weight",)


def test_fewer_points_and_criteria_are_softer():
    found = " ".join(find_softening(make_rubric(), make_rubric()[3:]))
    assert "attainable points fell from 84 to 66" in found
    assert "12 criteria, it had 15" in found


def test_lower_mean_weight_and_lost_penalties_are_softer():
    now = [replace(c, criterion=f"Another {c.id}", weight=5 if c.weight > 0 else -2) for c in make_rubric()]
    found = " ".join(find_softening(make_rubric(), now))
    assert "fell from 6.0 to 5.0" in found
    assert "penalties fell from 5 to 2" in found


def test_harder_rubric_is_not_softer():
    now = [replace(c, criterion=f"Another {c.id}", weight=c.weight * 2) for c in make_rubric()]
    assert find_softening(make_rubric(), now) == ()
