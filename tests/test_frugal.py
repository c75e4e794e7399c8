"""Frugal rollouts decide what the full round decides, whatever the answers that nobody asked for would have been."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autodata.acceptance import Acceptance, Graded, decide_acceptance, decide_under_presets, passes_weak_side
from autodata.errors import BadInput
from autodata.frugal import (
    Side,
    can_save,
    count_saved,
    foresee_clauses,
    foresee_presets,
    foresee_without_flagged,
    plan_step,
    settle_round,
)
from autodata.policy import PRESETS, Policy, make_policy, parse_policy

DEPLOYED, EXACT, TWO_LAYER = PRESETS["deployed"], PRESETS["exact"], PRESETS["two_layer"]
MODES = ["one_by_one", "parallel"]
FIRST_FAILING = {
    "too_easy": {"weak_mean", "weak_best", "weak_correct"},
    "weak_zero": {"weak_zero"},
    "no_spread": {"weak_spread"},
    "failed_on_strong": {"strong_mean", "strong_correct"},
    "saturated": {"strong_ceiling"},
    "narrow_gap": {"gap"},
}

levels = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.6, 0.65, 0.75, 0.9, 0.95, 1.0]), st.floats(0, 1))
rules = st.sampled_from(["graded", "excluded", "undecided"])
bounds = st.floats(0, 1).map(lambda value: round(value, 2))


def draw_graded(scored: bool):
    """Any answer that came back: scored, cut off, refused, or empty (with a score only where every answer gets one)."""
    score = st.sampled_from([0.0, 1.0]) if scored else levels
    silent = st.builds(Graded, st.sampled_from(["empty", "refused"]), st.just(0.0 if scored else None))
    return st.one_of(
        st.builds(Graded, st.just("ok"), score),
        st.builds(Graded, st.just("ok"), score),
        st.builds(Graded, st.sampled_from(["truncated", "refused"]), score),
        silent,
    )


@st.composite
def policies(draw) -> Policy:
    """Any policy that is not refused: every rule, with and without a spread, few and many answers."""
    rule = draw(st.sampled_from(["thresholds", "thresholds", "counts", "loop_judge"]))
    values = {
        "rule": rule,
        "weak_rollouts": draw(st.integers(1, 5)),
        "strong_rollouts": draw(st.integers(1, 5)),
        "weak_spread_min": draw(st.none() | st.none() | st.floats(0, 0.5)),
        "truncated": draw(st.just("graded") | rules),
        "refused": draw(st.just("graded") | rules),
        "empty": draw(rules),
        "min_graded": draw(st.integers(1, 4)),
        "weak_min_graded": draw(st.none() | st.integers(1, 4)),
    }
    if rule == "counts":
        values |= {"weak_correct_max": draw(st.integers(0, 4)), "strong_correct_min": draw(st.integers(0, 5))}
    if rule == "thresholds":
        values |= {
            "weak_mean_max": draw(bounds),
            "weak_mean_inclusive": draw(st.booleans()),
            "weak_best_max": draw(st.none() | bounds),
            "zero_rule": draw(st.sampled_from(["ignore", "not_all_zero", "no_single_zero"])),
            "strong_mean_min": draw(bounds),
            "strong_mean_min_inclusive": draw(st.booleans()),
            "strong_mean_max": draw(st.none() | bounds),
            "gap_min": draw(st.floats(-1, 1).map(lambda value: round(value, 2))),
        }
    try:
        return parse_policy(values)
    except BadInput:
        assume(False)
        raise


@st.composite
def rounds(draw) -> tuple[Policy, list[Graded], list[Graded], bool]:
    """A policy, every answer its full round would ask for, and whether each of them is sure to have a score."""
    policy, scored = draw(policies() | st.sampled_from(list(PRESETS.values()))), draw(st.booleans())
    answer = draw_graded(scored)
    weak = draw(st.lists(answer, min_size=policy.weak_rollouts, max_size=policy.weak_rollouts))
    strong = draw(st.lists(answer, min_size=policy.strong_rollouts, max_size=policy.strong_rollouts))
    return policy, weak, strong, scored


def ok(*values: float) -> list[Graded]:
    return [Graded("ok", value) for value in values]


def side(answers, planned: int = 3) -> Side:
    return Side(tuple(answers), planned)


def decide_fully(policy: Policy, weak: list[Graded], strong: list[Graded]) -> Acceptance:
    return decide_acceptance(policy, weak, strong if passes_weak_side(policy, weak) else None)


def decide_frugally(policy, weak, strong, mode, scored) -> tuple[Acceptance, Side, Side]:
    """The round as `steps.solve` goes through it, over answers that are known beforehand."""
    hands = {"weak": Side((), len(weak)), "strong": Side((), len(strong))}
    while (decided := settle_round(policy, hands["weak"], hands["strong"], scored=scored)) is None:
        step = plan_step(policy, hands["weak"], hands["strong"], mode, scored=scored)
        known = weak if step.solver == "weak" else strong
        at = len(hands[step.solver].answers)
        assert 1 <= step.count <= hands[step.solver].remaining
        hands[step.solver] = hands[step.solver].add(known[at : at + step.count])
    return decided, hands["weak"], hands["strong"]


# The frugal decision is the full one


@given(rounds(), st.sampled_from(["off", *MODES]))
@settings(max_examples=600)
def test_accepted_frugally_exactly_when_accepted_in_full(made, mode):
    policy, weak, strong, scored = made
    frugal, *_ = decide_frugally(policy, weak, strong, mode, scored)
    assert frugal.accepted == decide_fully(policy, weak, strong).accepted


@given(rounds(), st.sampled_from(MODES))
@settings(max_examples=400)
def test_condition_that_a_frugal_rejection_names_fails_in_the_full_round_too(made, mode):
    policy, weak, strong, scored = made
    frugal, *_ = decide_frugally(policy, weak, strong, mode, scored)
    full = decide_acceptance(policy, weak, strong)
    if frugal.outcome in ("accepted", "undecided") or full.outcome == "undecided":
        return
    if frugal.outcome == "inverted":
        assert full.gap < 0
        return
    assert any(not clause.holds for clause in full.clauses if clause.name in FIRST_FAILING[frugal.outcome])


@given(rounds(), st.sampled_from(MODES))
@settings(max_examples=400)
def test_frugal_round_is_undecided_only_where_the_full_one_is(made, mode):
    policy, weak, strong, scored = made
    frugal, *_ = decide_frugally(policy, weak, strong, mode, scored)
    if frugal.outcome == "undecided":
        assert decide_fully(policy, weak, strong).outcome == "undecided"


@given(st.data(), st.sampled_from(sorted(PRESETS)), st.sampled_from(MODES), st.booleans())
@settings(max_examples=400)
def test_presets_blame_the_side_that_the_full_round_blames(data, name, mode, scored):
    """What the challenger is told goes by this: too easy for the weak model, or failed on the strong one."""
    policy, answer = PRESETS[name], draw_graded(scored)
    weak = data.draw(st.lists(answer, min_size=policy.weak_rollouts, max_size=policy.weak_rollouts))
    strong = data.draw(st.lists(answer, min_size=policy.strong_rollouts, max_size=policy.strong_rollouts))
    frugal, *_ = decide_frugally(policy, weak, strong, mode, scored)
    full = decide_fully(policy, weak, strong)
    if full.outcome != "undecided":
        assert (frugal.outcome == "too_easy") == (full.outcome == "too_easy")


@given(rounds(), st.data())
@settings(max_examples=300)
def test_what_is_settled_stays_settled_whatever_comes(made, data):
    policy, weak, strong, scored = made
    hands = side(weak[: data.draw(st.integers(0, len(weak)))], len(weak)), side((), len(strong))
    if settled := settle_round(policy, *hands, scored=scored):
        assert settled.accepted == decide_fully(policy, weak, strong).accepted


@given(rounds())
def test_with_every_answer_at_hand_it_is_the_rule_itself(made):
    policy, weak, strong, scored = made
    settled = settle_round(policy, side(weak, len(weak)), side(strong, len(strong)), scored=scored)
    assert settled == decide_acceptance(policy, weak, strong)


@given(rounds(), st.data())
def test_failed_call_among_the_answers_makes_the_round_undecided_as_ever(made, data):
    policy, weak, strong, scored = made
    weak[data.draw(st.integers(0, len(weak) - 1))] = Graded("failed", None)
    frugal, hand, _ = decide_frugally(policy, weak, strong, "one_by_one", scored)
    if any(answer.status == "failed" for answer in hand.answers):
        assert frugal.outcome == "undecided"


# Nothing is asked for that could be known


GRID = (0.0, 0.3, 0.5, 0.64, 0.75, 0.85, 0.9, 1.0)


def list_completions(hand: Side, scored: bool):
    values = ([0.0, 1.0] if scored else GRID) if hand.remaining else ()
    for rest in itertools.combinations_with_replacement(values, hand.remaining):
        yield [*hand.answers, *ok(*rest)]


@given(st.data(), st.sampled_from(["deployed", "prose", "strict", "blog_v2", "majority", "exact"]))
@settings(max_examples=60, deadline=None)
def test_round_stays_open_only_while_it_could_still_end_either_way(data, name):
    policy, scored = PRESETS[name], PRESETS[name].rule == "counts"
    score = st.sampled_from([0.0, 1.0] if scored else GRID)
    count = policy.weak_rollouts
    weak = side(ok(*data.draw(st.lists(score, max_size=count))), count)
    strong = side(ok(*data.draw(st.lists(score, max_size=count))) if not weak.remaining else (), count)
    assume(weak.remaining + strong.remaining <= 5)
    if settle_round(policy, weak, strong, scored=scored) is None:
        ends = {
            decide_fully(policy, first, second).accepted
            for first in list_completions(weak, scored)
            for second in list_completions(strong, scored)
        }
        # An empty answer is what keeps the last way open where every score would be accepted.
        assert True in ends


@pytest.mark.parametrize(
    ("policy", "weak", "strong", "scored", "outcome"),
    [
        (DEPLOYED, (0.8,), (), False, "too_easy"),
        (DEPLOYED, (0.7, 0.7), (), False, None),
        (DEPLOYED, (0.75, 0.75), (), False, None),
        (DEPLOYED, (0.0, 0.0), (), False, None),
        (DEPLOYED, (0.3, 0.3, 0.3), (0.3, 0.4), False, "failed_on_strong"),
        (DEPLOYED, (0.6, 0.6, 0.6), (0.6, 0.6), False, "narrow_gap"),
        (DEPLOYED, (0.6, 0.6, 0.6), (0.2, 0.1), False, "inverted"),
        (DEPLOYED, (0.3, 0.3, 0.3), (0.9, 0.92), False, "accepted"),
        (EXACT, (1, 1), (), True, "too_easy"),
        (EXACT, (0, 0, 0), (), True, None),
        (EXACT, (0, 0, 0), (1, 1, 1), True, "accepted"),
        (EXACT, (0, 0, 0), (0, 0), True, "failed_on_strong"),
        (EXACT, (0, 0, 0), (1, 1, 1), False, None),
    ],
)
def test_when_a_round_is_settled(policy, weak, strong, scored, outcome):
    count = policy.weak_rollouts
    settled = settle_round(policy, side(ok(*weak), count), side(ok(*strong), count), scored=scored)
    assert (settled.outcome if settled else None) == outcome


def test_reason_says_after_how_many_answers():
    settled = settle_round(DEPLOYED, side(ok(0.8)), side(()), scored=False)
    assert settled.reason == "best weak ≤ 0.75 fails: 0.80, after 1 of 3 weak answers"


def test_reason_of_a_complete_side_is_the_usual_one():
    settled = settle_round(DEPLOYED, side(ok(0.7, 0.7, 0.7)), side(()), scored=False)
    assert settled.reason == "weak ≤ 0.65 fails: 0.70"


def test_clauses_say_what_was_measured_and_hold_only_when_that_is_certain():
    clauses = {clause.name: clause for clause in foresee_clauses(DEPLOYED, side(ok(0.8)), side(()))}
    assert (clauses["weak_best"].measured, clauses["weak_best"].holds) == (0.8, False)
    assert (clauses["weak_mean"].measured, clauses["weak_mean"].holds) == (0.8, None)
    assert (clauses["weak_zero"].holds, clauses["strong_mean"].measured, clauses["gap"].holds) == (True, None, None)


@pytest.mark.parametrize(
    ("weak", "holds"),
    [((), None), ((0.5,), None), ((0.5, 0.5, 0.5, 0.5), None), ((0.0, 1.0), True), ((0.5,) * 5, False)],
)
def test_spread_is_certain_only_when_no_remaining_score_can_change_it(weak, holds):
    policy = make_policy("two_layer", weak_spread_min=0.15)
    (spread,) = foresee_clauses(policy, side(ok(*weak), 5), side((), 3))
    assert spread.holds is holds


def test_gap_that_is_out_of_reach_needs_no_strong_answer():
    policy = make_policy("blog_v2", gap_min=0.5)
    settled = settle_round(policy, side(ok(0.6, 0.6, 0.6)), side(()), scored=False)
    assert settled.outcome == "narrow_gap"


def test_status_that_leaves_a_round_undecided_keeps_every_acceptance_open():
    policy = make_policy("deployed", truncated="undecided")
    assert settle_round(policy, side(ok(0.3, 0.3, 0.3)), side(ok(0.9, 0.92)), scored=False) is None


def test_answer_that_may_be_left_out_keeps_an_acceptance_open_until_enough_are_graded():
    strong = side(ok(1, 1, 1, 1), 4)
    assert settle_round(EXACT, side(ok(0, 0, 0), 4), strong, scored=False) is None
    assert settle_round(EXACT, side(ok(0, 0, 0), 4), strong, scored=True).accepted


def test_spread_that_only_an_answer_left_out_would_keep_is_not_given_up():
    policy = make_policy("deployed", weak_spread_min=0.5, weak_best_max=1.0)
    weak = [*ok(0.0, 1.0), Graded("empty", None)]
    assert decide_frugally(policy, weak, ok(0.9, 0.9, 0.9), "one_by_one", False)[0].accepted


# What is asked for next


def step(policy, weak, strong, mode, scored=False):
    planned = policy.weak_rollouts, policy.strong_rollouts
    found = plan_step(policy, side(ok(*weak), planned[0]), side(ok(*strong), planned[1]), mode, scored=scored)
    return found.solver, found.count


@pytest.mark.parametrize(
    ("policy", "weak", "strong", "scored", "one_by_one", "parallel"),
    [
        (DEPLOYED, (), (), False, ("weak", 1), ("weak", 2)),
        (DEPLOYED, (0.5,), (), False, ("weak", 1), ("weak", 2)),
        (DEPLOYED, (0.5, 0.5, 0.5), (), False, ("strong", 1), ("strong", 2)),
        (DEPLOYED, (0.3, 0.3, 0.3), (), False, ("strong", 2), ("strong", 2)),
        (PRESETS["prose"], (), (), False, ("weak", 2), ("weak", 2)),
        (EXACT, (), (), True, ("weak", 2), ("weak", 2)),
        (EXACT, (0, 0), (), True, ("weak", 1), ("weak", 2)),
        (EXACT, (0, 0, 0), (), True, ("strong", 2), ("strong", 2)),
        (EXACT, (0, 0, 0), (1,), True, ("strong", 2), ("strong", 3)),
    ],
)
def test_next_step_asks_for_no_more_than_could_be_needed(policy, weak, strong, scored, one_by_one, parallel):
    assert step(policy, weak, strong, "one_by_one", scored) == one_by_one
    assert step(policy, weak, strong, "parallel", scored) == parallel


def test_off_asks_for_a_whole_side():
    assert step(DEPLOYED, (), (), "off") == ("weak", 3)


@given(rounds())
def test_parallel_takes_two_waits_a_side_at_most(made):
    policy, weak, strong, scored = made
    hands, waits = {"weak": Side((), len(weak)), "strong": Side((), len(strong))}, {"weak": 0, "strong": 0}
    while settle_round(policy, hands["weak"], hands["strong"], scored=scored) is None:
        found = plan_step(policy, hands["weak"], hands["strong"], "parallel", scored=scored)
        known, at = (weak if found.solver == "weak" else strong), len(hands[found.solver].answers)
        hands[found.solver] = hands[found.solver].add(known[at : at + found.count])
        waits[found.solver] += 1
    assert max(waits.values()) <= 2


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(DEPLOYED, True), (EXACT, True), (TWO_LAYER, False), (make_policy("two_layer", weak_spread_min=0.1), True)],
)
def test_loop_judge_without_a_spread_weighs_every_answer(policy, expected):
    assert can_save(policy) is expected


@given(st.lists(levels, min_size=5, max_size=5), st.lists(levels, min_size=3, max_size=3), st.floats(0, 0.5))
def test_round_for_the_loop_judge_is_complete(weak, strong, spread):
    policy = make_policy("two_layer", weak_spread_min=spread)
    decided, *hands = decide_frugally(policy, ok(*weak), ok(*strong), "one_by_one", False)
    assert not decided.accepted or [hand.remaining for hand in hands] == [0, 0]


# What is recorded


@given(rounds())
def test_presets_speak_only_of_what_is_certain(made):
    policy, weak, strong, scored = made
    _, first, second = decide_frugally(policy, weak, strong, "one_by_one", scored)
    for name, verdict in foresee_presets(first, second, scored=scored).items():
        full = decide_acceptance(PRESETS[name], weak, strong)
        assert verdict == "undecided" or (verdict == "accepted") == full.accepted


@given(rounds())
def test_presets_verdicts_on_all_answers_are_those_of_acceptance(made):
    _, weak, strong, scored = made
    verdicts = foresee_presets(side(weak, len(weak)), side(strong, len(strong)), scored=scored)
    assert verdicts == decide_under_presets(weak, strong)


def test_counts_are_absent_while_a_rubric_may_still_score_in_between():
    assert "majority" not in foresee_presets(side(ok(1.0)), side(()), scored=False)
    assert foresee_presets(side(ok(1.0, 1.0)), side(()), scored=True)["majority"] == "too_easy"


def test_without_flagged_answers_nothing_else_is_foreseen():
    assert foresee_without_flagged(DEPLOYED, side(ok(0.8)), side(()), scored=False) == "too_easy"
    cut = [Graded("truncated", 0.8)]
    assert foresee_without_flagged(DEPLOYED, side(cut), side(()), scored=False) == "undecided"


@pytest.mark.parametrize(
    ("weak", "strong", "together", "saved"),
    [
        ((0.8,), (), False, {"weak": 2, "strong": 0}),
        ((0.8,), (), True, {"weak": 2, "strong": 3}),
        ((0.6, 0.6, 0.6), (0.2, 0.3), False, {"weak": 0, "strong": 1}),
        ((0.7, 0.7, 0.7), (), False, {"weak": 0, "strong": 0}),
    ],
)
def test_saved_is_what_the_full_round_would_have_asked_for(weak, strong, together, saved):
    assert count_saved(DEPLOYED, side(ok(*weak)), side(ok(*strong)), together=together, scored=False) == saved
