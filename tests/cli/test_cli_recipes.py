"""A domain made by copying a folder and editing text, from the command line."""

import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.journal import read_records
from autodata.recipes.recipe import load_recipe
from tests.support.documents import write_documents


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def call(home, *arguments):
    return CliRunner().invoke(app, [*(str(argument) for argument in arguments), "--home", str(home.root)])


def test_copied_recipe_has_its_own_name_and_the_old_text(home):
    assert call(home, "recipes", "copy", "cs", "biology", "--title", 'Biology "notes"').exit_code == 0
    recipe = load_recipe("biology", home.recipes)
    assert (recipe.name, recipe.limits.title) == ("biology", 'Biology "notes"')
    assert recipe.files["judge.md"] == load_recipe("cs").files["judge.md"]


def test_copy_does_not_write_over_an_edited_recipe(home):
    call(home, "recipes", "copy", "cs", "biology")
    result = call(home, "recipes", "copy", "legal", "biology")
    assert result.exit_code == 2
    assert "exists already" in result.stderr


@pytest.mark.parametrize("name", ["../biology", "a b", ""])
def test_name_that_no_folder_can_have_is_refused(home, name):
    assert call(home, "recipes", "copy", "cs", name).exit_code == 2
    assert not home.root.exists()


def test_own_recipe_is_listed(home):
    call(home, "recipes", "copy", "cs", "biology")
    listed = json.loads(call(home, "recipes", "list", "--json").stdout)["recipes"]
    assert {"biology", "cs"} <= {recipe["name"] for recipe in listed}


def test_check_names_what_is_wrong_with_an_edited_recipe(home):
    call(home, "recipes", "copy", "cs", "biology")
    toml = home.recipes / "biology" / "recipe.toml"
    toml.write_text(toml.read_text().replace("items_max = 20", 'items_max = "many"'))
    result = call(home, "recipes", "check", "biology")
    assert result.exit_code == 2
    assert "items_max" in result.stderr


def test_broken_recipe_is_listed_with_its_reason_beside_the_others(home):
    call(home, "recipes", "copy", "cs", "biology")
    (home.recipes / "biology" / "recipe.toml").write_text("name = [")
    result = call(home, "recipes", "list", "--json")
    listed = json.loads(result.stdout)
    assert result.exit_code == 1
    assert "biology" in listed["broken"]["biology"]
    assert "cs" in {recipe["name"] for recipe in listed["recipes"]}


def test_unknown_placeholder_stops_a_run_before_it_starts(home, tmp_path):
    call(home, "recipes", "copy", "cs", "biology")
    request = home.recipes / "biology" / "challenger_request.md"
    request.write_text(request.read_text() + "{{nonsense}}")
    result = call(home, "run", write_documents(tmp_path / "documents", 1), "--domain", "biology", "--quiet")
    assert result.exit_code == 2
    assert "{{nonsense}}" in result.stderr
    assert not home.runs.exists()


def test_recipe_of_given_tasks_does_not_start_over_documents(home, tmp_path):
    result = call(home, "run", write_documents(tmp_path / "documents", 1), "--domain", "filter-answer", "--quiet")
    assert result.exit_code == 2
    assert "autodata filter" in result.stderr
    assert not home.runs.exists()


def test_edited_words_reach_the_model(home, tmp_path):
    call(home, "recipes", "copy", "cs", "biology")
    request = home.recipes / "biology" / "challenger_request.md"
    request.write_text(request.read_text().replace("Write a challenging question", "Write a question on living cells"))
    documents = write_documents(tmp_path / "documents", 1)
    assert call(home, "run", documents, "--domain", "biology", "--max-rounds", 1, "--quiet").exit_code in (0, 1)
    bodies = [r.data["request"] for r in read_records(home.journal("biology-0001")) if r.kind == "call"]
    assert any("living cells" in json.dumps(body) for body in bodies)
