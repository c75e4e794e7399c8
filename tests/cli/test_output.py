from autodata.cli.output import make_printable, print_table


def test_text_of_a_model_cannot_steer_the_terminal():
    shown = make_printable("a\x1b]0;owned\x07 \x9b31m \u202egnp.exe").plain
    assert not set("\x1b\x07\x9b\u202e") & set(shown)


def test_cell_of_a_table_is_neither_markup_nor_control(capsys):
    print_table("", ["Question"], [["[red]x[/red] \x1b[31m"]])
    printed = capsys.readouterr().out
    assert "[red]x[/red]" in printed
    assert "\x1b" not in printed
