import pytest

from autodata.errors import BadInput
from autodata.recipes.recipe import TEMPLATES, list_domains, load_recipe, make_recipe


def test_shipped_domains_load():
    assert "cs" in list_domains()
    for domain in list_domains():
        assert load_recipe(domain).name == domain


def test_unknown_domain_lists_those_there_are():
    with pytest.raises(BadInput, match="domain 'law' is unknown; there is cs"):
        load_recipe("law")


def test_recipe_of_a_journal_has_the_same_hash():
    recipe = load_recipe("cs")
    assert make_recipe(recipe.files).sha == recipe.sha


def test_changed_word_changes_the_hash():
    files = load_recipe("cs").files
    assert make_recipe({**files, "judge.md": files["judge.md"] + " "}).sha != load_recipe("cs").sha


@pytest.mark.parametrize("name", ["recipe.toml", *TEMPLATES])
def test_missing_file_is_named(name):
    files = {key: text for key, text in load_recipe("cs").files.items() if key != name}
    with pytest.raises(BadInput, match=name):
        make_recipe(files)


def test_unknown_limit_is_refused():
    files = load_recipe("cs").files
    with pytest.raises(BadInput, match=r"recipe\.toml"):
        make_recipe({**files, "recipe.toml": files["recipe.toml"] + "\n[rubric2]\nitems_min = 3\n"})


def test_placeholders_are_filled_in_one_pass():
    recipe = load_recipe("cs")
    text = recipe.render("challenger_request.md", {"document": "{{failures}}", "failures": "none"})
    assert "{{failures}}" in text


def test_solver_instructions_are_not_part_of_any_recipe():
    for domain in list_domains():
        assert not [name for name in load_recipe(domain).files if "solver" in name]
