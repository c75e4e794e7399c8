import pytest

from autodata.errors import BadInput
from autodata.policy import PRESETS, make_policy
from autodata.recipes.recipe import check_fit, list_domains, load_recipe, make_recipe, name_templates


def test_shipped_domains_load():
    assert "cs" in list_domains()
    for domain in list_domains():
        assert load_recipe(domain).name == domain


def test_unknown_domain_lists_those_there_are():
    with pytest.raises(BadInput, match=r"domain 'law' is unknown; there is .*cs"):
        load_recipe("law")


def test_recipe_of_a_journal_has_the_same_hash():
    recipe = load_recipe("cs")
    assert make_recipe(recipe.files).sha == recipe.sha


def test_changed_word_changes_the_hash():
    files = load_recipe("cs").files
    assert make_recipe({**files, "judge.md": files["judge.md"] + " "}).sha != load_recipe("cs").sha


CS_FILES = [name for agent in ("challenger", "verifier", "judge") for name in name_templates(agent)]


@pytest.mark.parametrize("name", ["recipe.toml", *CS_FILES])
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


def test_template_that_the_flow_does_not_need_may_be_missing():
    files = {name: text for name, text in load_recipe("cs").files.items() if not name.startswith("verifier")}
    files["recipe.toml"] = files["recipe.toml"] + "\n[flow]\nverify = false\n"
    assert make_recipe(files).limits.flow.agents == ("challenger", "judge")


def test_own_recipe_hides_a_shipped_one_of_the_same_name(tmp_path):
    copy_recipe(tmp_path / "cs", title="Mine")
    assert load_recipe("cs", tmp_path).limits.title == "Mine"


def test_recipe_may_be_a_folder_anywhere(tmp_path):
    copy_recipe(tmp_path / "somewhere", title="Elsewhere")
    assert load_recipe(str(tmp_path / "somewhere")).limits.title == "Elsewhere"


def test_own_recipes_are_listed_beside_the_shipped_ones(tmp_path):
    copy_recipe(tmp_path / "biology", title="Biology")
    assert {"biology", "cs"} <= set(list_domains(tmp_path))


def test_domain_cannot_reach_out_of_the_recipes(tmp_path):
    with pytest.raises(BadInput, match="is unknown"):
        load_recipe("../cs", tmp_path)


def test_recipe_with_an_unknown_policy_is_refused():
    files = load_recipe("cs").files
    with pytest.raises(BadInput, match="policy 'lax' is unknown"):
        make_recipe({**files, "recipe.toml": files["recipe.toml"] + '\n[flow]\npolicy = "lax"\n'})


@pytest.mark.parametrize(("policy", "word"), [("exact", "counts right answers"), ("two_layer", "asks the loop judge")])
def test_policy_that_the_recipe_cannot_measure_is_refused(policy, word):
    with pytest.raises(BadInput, match=word):
        check_fit(load_recipe("cs"), PRESETS[policy])


def test_bounds_fit_a_rubric_recipe():
    check_fit(load_recipe("cs"), make_policy("deployed", gap_min=0.3))


def copy_recipe(folder, title):
    folder.mkdir()
    for name, text in load_recipe("cs").files.items():
        (folder / name).write_text(text.replace("Computer science documents", title))
