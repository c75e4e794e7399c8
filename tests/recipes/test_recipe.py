import pytest

from autodata.errors import BadInput
from autodata.policy import PRESETS, make_policy
from autodata.recipes.recipe import FILE_MAX, check_fit, list_domains, load_recipe, make_recipe, name_templates


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


def change(domain, **texts):
    files = dict(load_recipe(domain).files)
    edits = {name.replace("__", "."): edit for name, edit in texts.items()}
    return make_recipe({**files, **{name: edit(files[name]) for name, edit in edits.items()}})


@pytest.mark.parametrize("written", ["{{nonsense}}", "{{ answer }}", "{{document}}"])
def test_placeholder_that_nothing_is_filled_into_is_refused_with_its_file(written):
    with pytest.raises(BadInput) as refused:
        change("cs", judge_request__md=lambda text: text + written)
    assert "judge_request.md" in str(refused.value)
    assert written in str(refused.value)


def test_placeholder_in_a_standing_instruction_is_refused():
    with pytest.raises(BadInput, match=r"challenger\.md names \{\{document\}\}.*it may name none"):
        change("cs", challenger__md=lambda text: text + "{{document}}")


def test_judge_that_is_not_shown_the_answer_is_refused():
    with pytest.raises(BadInput, match=r"judge_request\.md does not name \{\{answer\}\}"):
        change("cs", judge_request__md=lambda text: text.replace("{{answer}}", ""))


def test_empty_template_is_refused():
    with pytest.raises(BadInput, match=r"judge\.md is empty"):
        change("cs", judge__md=lambda text: " \n")


def test_note_beside_the_templates_may_hold_any_braces():
    files = load_recipe("cs").files
    make_recipe({**files, "notes.md": "use {{whatever}} here"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[rubric]\nitems_min = 30\nitems_max = 20", "items_min 30 is above items_max 20"),
        ("[rubric]\nitems_max = 12\npositives_min = 10\nnegatives_min = 3", "do not fit into items_max 12"),
        ("[rubric]\nclasses = {core = [9, 3]}", "class core"),
        ("question_min = 500\nquestion_max = 400", "question_min 500 is above question_max 400"),
        ("document_max = 0", "document_max"),
        ("rounds = 5000", "rounds: .*5000"),
    ],
)
def test_limit_that_no_task_can_meet_is_refused_in_one_line(line, words):
    files = load_recipe("cs").files
    with pytest.raises(BadInput, match=words) as refused:
        make_recipe({**files, "recipe.toml": f'name = "cs"\ntitle = "CS"\n{line}\n'})
    assert "\n" not in str(refused.value)


def test_name_that_is_no_folder_name_is_refused():
    with pytest.raises(BadInput, match=r"'\.\./cs'"):
        change("cs", recipe__toml=lambda text: text.replace('name = "cs"', 'name = "../cs"'))


def test_folder_whose_recipe_goes_by_another_name_is_refused(tmp_path):
    copy_recipe(tmp_path / "biology", title="Biology")
    with pytest.raises(BadInput, match="its folder is biology"):
        load_recipe("biology", tmp_path)


def test_file_too_large_for_instructions_is_named(tmp_path):
    copy_recipe(tmp_path / "cs", title="Mine")
    (tmp_path / "cs" / "notes.md").write_bytes(b"a" * (FILE_MAX + 1))
    with pytest.raises(BadInput, match=r"notes\.md has more than"):
        load_recipe("cs", tmp_path)


def test_file_that_is_not_text_is_named(tmp_path):
    copy_recipe(tmp_path / "cs", title="Mine")
    (tmp_path / "cs" / "judge.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match=r"judge\.md is not UTF-8"):
        load_recipe("cs", tmp_path)


def test_bounds_fit_a_rubric_recipe():
    check_fit(load_recipe("cs"), make_policy("deployed", gap_min=0.3))


def copy_recipe(folder, title):
    folder.mkdir()
    for name, text in load_recipe("cs").files.items():
        (folder / name).write_text(text.replace("Computer science documents", title))
