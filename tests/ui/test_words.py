"""Recorded identifiers and a validator's phrases as a person reads them."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from autodata.llm.seat import parse_seats
from autodata.policy import PRESETS
from autodata.prices import parse_prices
from autodata.recipes.recipe import load_recipe
from autodata.ui.names import RULE_WORDS, is_given, name_capability, name_domain, name_rule, name_seat
from autodata.ui.problems import spell_problem
from autodata.ui.seats import list_playing


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_is_shown_by_its_identifier(name: str) -> None:
    assert name in RULE_WORDS
    assert "_" not in name_rule(name)


@pytest.mark.parametrize("domain", ["cs", "legal", "math", "filter-rubric", "filter-answer"])
def test_shipped_domains_have_words(domain: str) -> None:
    assert name_domain(domain) == domain if domain == "legal" else name_domain(domain) != domain


def test_seats_and_capabilities_are_words() -> None:
    assert name_seat("loop_judge") == "loop judge"
    assert name_capability("rule_application") == "rule application"


def test_what_is_not_ours_stays_as_it_was_recorded() -> None:
    assert name_domain("qa_from_documents") == "qa_from_documents"
    assert name_rule("") == "not recorded"


def test_recorded_recipe_says_whether_its_tasks_were_given() -> None:
    assert is_given({"files": load_recipe("filter-rubric").files})
    assert not is_given({"files": load_recipe("cs").files})
    assert not is_given({})


def test_only_the_seats_that_play_are_listed() -> None:
    assert list_playing(load_recipe("legal")) == ("extractor", "challenger", "weak", "strong", "judge", "loop_judge")
    assert list_playing(load_recipe("math")) == ("challenger", "verifier", "weak", "strong", "judge")
    assert list_playing(load_recipe("filter-answer")) == ("weak", "strong", "judge")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[models."x"]\ninput = -1\noutput = 1', 'models."x".input: give 0 or more (got -1)'),
        ('[models."x"]\ninput = "a"\noutput = 1', "models.\"x\".input: give a number (got 'a')"),
    ],
)
def test_prices_are_refused_in_plain_words(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_prices(text)
    assert spell_problem(refused.value) == words


@pytest.mark.parametrize(
    ("seat", "words"),
    [
        ({"temperature": "hot"}, "give a number (got 'hot')"),
        ({"max_tokens": 1.5}, "give a whole number (got 1.5)"),
        ({}, "seats.weak.model is missing"),
    ],
)
def test_seats_are_refused_in_plain_words(seat: dict[str, object], words: str) -> None:
    weak = {"endpoint": "local", **({"model": "m", **seat} if seat else {})}
    values = {"endpoints": {"local": {"base_url": "http://127.0.0.1:1/v1"}}, "seats": {"weak": weak}}
    with pytest.raises(BadInput) as refused:
        parse_seats(values, "seats")
    assert words in spell_problem(refused.value)
    assert "Input should" not in spell_problem(refused.value)
