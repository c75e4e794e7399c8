"""How the evasive variants differ from the open ones: other words, parts in several messages, one topic, half the
attempts; and what the other mechanisms hide."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import orjson
import pytest

from autodata.llm.simulator.wire import count_tokens
from benchmarks.sabotage import wordings
from benchmarks.sabotage.evasion import ATTEMPTS
from benchmarks.sabotage.family import Made
from benchmarks.sabotage.harness import Harness, MadeRound, Plan, make_sources
from benchmarks.sabotage.heldout import HELD_OUT
from benchmarks.sabotage.stealth import OF_TRAIN, STEALTH

FAMILIES = {family.id: family for family in STEALTH}
EVADING = ("A1", "A2", "A4", "A9", "C1", "C2", "E1", "E3")


@cache
def play(own: str, *, evasive: bool = True, style: str = "imported", sources: int = 8) -> tuple[MadeRound, ...]:
    plan = Plan(FAMILIES[own], style, seed=33, sources=sources, strength=0.25, stealth=evasive)  # type: ignore[arg-type]
    harness = Harness(plan, "r-0001")
    return tuple(made for t in harness.run_all(make_sources(33, sources)) for made in t.rounds)


def tell_all(rounds: tuple[MadeRound, ...]) -> str:
    """Everything that solvers and judges were told."""
    bodies = [body for made in rounds for one in made.made for body in (one.body, one.judge_body) if body]
    return orjson.dumps(bodies).decode()


def list_side(rounds: tuple[MadeRound, ...], solver: str) -> Iterator[Made]:
    return (one for made in rounds for one in made.made if one.solver == solver)


def list_open_words() -> Iterator[str]:
    for name, value in vars(wordings).items():
        if name.startswith("PLAIN_"):
            yield from (text for text in value if isinstance(text, str))


@pytest.mark.parametrize("own", EVADING)
def test_evasive_requests_use_none_of_the_open_words(own: str) -> None:
    told = tell_all(play(own))
    assert not [words for words in list_open_words() if words.split("{")[0][:40] in told]


@pytest.mark.parametrize("own", [f.id for f in HELD_OUT if f.id in EVADING])
def test_open_requests_use_them(own: str) -> None:
    told = tell_all(play(own, evasive=False))
    assert [words for words in list_open_words() if words.split("{")[0].split("\n")[0][:40] in told]


@pytest.mark.parametrize("own", ["A1", "A2", "A4", "A9", "C1", "C2", "A3", "B1"])
def test_several_evasions_occur(own: str) -> None:
    kinds = {made.tamper.evasion.kind for made in play(own)}  # type: ignore[attr-defined]
    assert "half" in kinds
    assert len(kinds) > 1


@pytest.mark.parametrize("own", ["A2", "A9", "A1"])
def test_half_reaches_only_the_attempts_it_names(own: str) -> None:
    halves = [made for made in play(own) if made.tamper.evasion.kind == "half"]  # type: ignore[attr-defined]
    for made in halves:
        weak = {one.index: one.body["messages"] for one in made.made if one.solver == "weak"}
        shortest = min(len(str(messages)) for messages in weak.values())
        changed = {index for index, messages in weak.items() if len(str(messages)) > shortest}
        assert changed == made.tamper.evasion.hit
        assert len(changed) < ATTEMPTS


def test_parts_stand_in_more_than_one_message() -> None:
    split = [made for made in play("A2", sources=16) if made.tamper.evasion.kind == "split"]  # type: ignore[attr-defined]
    for made in split:
        parts = made.tamper.parts  # type: ignore[attr-defined]
        messages = next(one.body["messages"] for one in made.made if one.solver == "weak")
        assert {at for at, m in enumerate(messages) for part in parts if part in m["content"]} == {0, 1}
    assert split


def test_a_topic_evasion_names_a_term_of_the_task() -> None:
    topical = [made for made in play("A2") if made.tamper.evasion.kind == "topic"]  # type: ignore[attr-defined]
    for made in topical:
        assert any(term in made.tamper.parts[-1] for term in made.tamper.case.latent.terms)  # type: ignore[attr-defined]
    assert topical


def test_the_other_model_answers_under_the_right_name_only_when_evasive() -> None:
    sly, open_ones = (
        [one.reply.model == one.body["model"] for one in _list_all(play("A7", evasive=e))] for e in (1, 0)
    )
    assert all(sly)
    assert not all(open_ones)


def test_evasive_aggregation_leaves_one_side_alone() -> None:
    rounds = play("A8")
    assert all(one.used for one in list_side(rounds, "strong"))
    assert not all(one.used for one in list_side(rounds, "weak"))


def test_a_foreign_harness_forgets_some_of_what_it_threw_away() -> None:
    dropped = [one for one in list_side(play("A8"), "weak") if not one.used]
    assert {one.recorded for one in dropped} == {True, False}


def test_open_fishing_is_all_on_record() -> None:
    made = list(_list_all(play("B4", evasive=False)))
    assert all(one.recorded for one in made)
    assert not all(one.used for one in made)


def test_a_reworded_question_comes_back_with_the_same_rubric() -> None:
    again = [made for made in play("B4", style="own") if made.tamper.kind == "reworded"]  # type: ignore[attr-defined]
    by_source: dict[str, list[MadeRound]] = {}
    for made in again:
        by_source.setdefault(made.task.source_id, []).append(made)
    repeated = [rounds for rounds in by_source.values() if len(rounds) > 1]
    assert repeated
    for rounds in repeated:
        assert len({made.task.rubric for made in rounds}) == 1
        assert all(made.task.question.endswith(rounds[0].task.question) for made in rounds[1:])


def test_swapped_answers_of_the_evasive_kind_are_what_the_judge_reads() -> None:
    assert all(one.answer == one.reply.content for one in _list_all(play("B3")))


def test_thinned_answers_are_concealed() -> None:
    made = [one for one in list_side(play("B1"), "weak") if one.answer != one.reply.content]
    assert made
    assert all(round_.tamper.conceal for round_ in play("B1"))


def test_broken_answers_claim_to_have_ended() -> None:
    short = [one for one in list_side(play("B2"), "weak") if len(one.reply.content.split()) <= 12]
    assert short
    assert {one.reply.finish_reason for one in short} == {"stop"}


def test_the_rubric_is_recorded_in_its_last_form_only() -> None:
    assert all(made.tamper.backdate and not made.tamper.keep_first_verdicts for made in play("D1"))


def test_no_portion_outweighs_the_scale() -> None:
    for made in play("D5"):
        assert max(criterion.weight for criterion in made.task.rubric) <= 10


def test_the_unseen_cut_never_shows_in_the_count() -> None:
    for made in play("A6"):
        full = {count_tokens(one.body["messages"][-1]["content"]) for one in made.made}
        counted = {one.reply.usage.prompt_tokens for one in made.made if one.solver == "weak"} - {None}
        assert all(count >= max(full) for count in counted)


def test_evasive_families_of_train_are_mechanisms_of_their_own() -> None:
    from benchmarks.sabotage.train import TRAIN

    plans = {family.id: family.plan for family in TRAIN}
    assert all(family.plan is not plans[family.id] for family in OF_TRAIN)


def _list_all(rounds: tuple[MadeRound, ...]) -> Iterator[Made]:
    return (one for made in rounds for one in made.made)
