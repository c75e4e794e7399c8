import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.cli.output import make_printable, print_table


def test_text_of_a_model_cannot_steer_the_terminal():
    shown = make_printable("a\x1b]0;owned\x07 \x9b31m \u202egnp.exe").plain
    assert not set("\x1b\x07\x9b\u202e") & set(shown)


def test_cell_of_a_table_is_neither_markup_nor_control(capsys):
    print_table("", ["Question"], [["[red]x[/red] \x1b[31m"]])
    printed = capsys.readouterr().out
    assert "[red]x[/red]" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--json"], "PATH"),
        (["run", "x", "--rollouts", "99", "--json"], "--rollouts"),
        (["models", "up", "weak", "--port", "0", "--json"], "--port"),
        (["recipes", "burn", "--json"], "burn"),
        (["status", "--nope", "--json"], "--nope"),
    ],
)
def test_wrong_call_with_json_is_one_object_and_exit_code_two(arguments, named):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert named in json.loads(result.stdout)["error"]


def test_wrong_call_without_json_leaves_stdout_empty():
    result = CliRunner().invoke(app, ["status", "--nope"])
    assert (result.exit_code, result.stdout) == (2, "")
