import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.agents.filters import find_hits
from autodata.errors import BadInput
from autodata.recipes.filters import FilterRules
from autodata.recipes.recipe import load_recipe, make_recipe

RULES = load_recipe("legal").limits.filters


def rules_hit(question):
    return {hit.rule for hit in find_hits(question, RULES)}


def test_plain_question_hits_nothing():
    assert find_hits("Our supplier changed its terms in 2019. Are we bound by them?", RULES) == ()


def test_question_of_exactly_the_limit_is_allowed():
    assert not find_hits("x" * 1000, RULES)


def test_longer_question_is_a_hit_that_says_how_long():
    (hit,) = find_hits("x" * 1001, RULES)
    assert (hit.rule, hit.found) == ("length", "1001")


@pytest.mark.parametrize("phrase", RULES.phrases)
def test_every_phrase_of_the_recipe_is_found_whatever_its_case(phrase):
    assert rules_hit(f"They say {phrase.upper().strip()} something.") == {"phrase"}


@pytest.mark.parametrize("line", ["the  court\nof appeals said", "IN RE Smith", "please act as my lawyer"])
def test_phrases_are_found_across_white_space(line):
    assert "phrase" in rules_hit(line)


@pytest.mark.parametrize("line", ["an abstract as short as this", "we are certain re the date", "on appealing terms"])
def test_phrases_inside_other_words_are_no_hit(line):
    assert rules_hit(line) == set()


@pytest.mark.parametrize(("year", "hit"), [(1799, False), (1800, True), (1899, True), (1939, True), (1940, False)])
def test_years_are_hits_from_1800_to_1939(year, hit):
    assert ("year" in rules_hit(f"The deed is of {year}.")) == hit


@pytest.mark.parametrize("line", ["We paid $1850 for it.", "It holds 1,850 litres.", "Clause 1.1850", "Number 18501"])
def test_amounts_and_parts_of_numbers_are_no_years(line):
    assert rules_hit(line) == set()


def test_recipe_without_filters_finds_nothing():
    assert find_hits("in re act as 1850 " + "x" * 5000, load_recipe("cs").limits.filters) == ()


@pytest.mark.parametrize("line", ['phrases = [" "]', "years = [[1939, 1800]]", "question_max = 0"])
def test_filters_without_sense_are_refused_with_the_recipe(line):
    files = load_recipe("cs").files
    with pytest.raises(BadInput, match=r"recipe\.toml"):
        make_recipe({**files, "recipe.toml": files["recipe.toml"] + f"\n[filters]\n{line}\n"})


@given(st.text(max_size=400), st.text(max_size=400))
def test_text_around_a_hit_does_not_hide_it(before, after):
    hits = find_hits(f"{before} the trial court held {after}", FilterRules(phrases=("the trial court held",)))
    assert [hit.found for hit in hits] == ["the trial court held"]
