"""Every command that README and docs show exists, with every option that stands beside it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from autodata.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(app)
_SHOWN = re.compile(r"(?:^\s*\$?\s*|`)(autodata [a-z][^`#\n]*)", re.MULTILINE)
_END = re.compile(r"\s{3,}|\s+→|\s--\s")
"""Where a line goes on with an explanation, or with words for another program."""


def read_commands(page: Path) -> Iterator[list[str]]:
    """The words behind `autodata` of every command on a page."""
    for shown in _SHOWN.findall(page.read_text(encoding="utf-8")):
        yield shlex.split(_END.split(shown)[0], posix=False)[1:]


def find_problem(words: list[str]) -> str:
    """What a person who types this would be told; "" for nothing."""
    command, rest = COMMANDS, list(words)
    while rest and (known := getattr(command, "commands", {}).get(rest[0].split("|")[0])):
        command, rest = known, rest[1:]
    if command is COMMANDS:
        return f"no command {words[0]}"
    options = {name for own in command.params for name in (*own.opts, *own.secondary_opts)}
    given = (word.strip("[]().,:;").partition("=")[0] for word in rest)
    return ", ".join(f"no option {name}" for name in given if name.startswith("--") and name not in options)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_shown_commands_exist_with_their_options(page: Path) -> None:
    problems = [(words, problem) for words in read_commands(page) if (problem := find_problem(words))]
    assert not problems


def test_readme_shows_commands() -> None:
    assert len(list(read_commands(PAGES[0]))) > 10


@pytest.mark.parametrize("words", [["exprt", "set"], ["export", "set", "--formt", "hf"]])
def test_what_does_not_exist_is_found(words: list[str]) -> None:
    assert find_problem(words)
