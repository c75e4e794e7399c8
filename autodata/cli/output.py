"""What the command line prints and how it ends: tables, one JSON object, errors as sentences, exit codes."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autodata.errors import AutodataError, BadInput, HeldElsewhere, StopRequested

DONE, FINDING, BAD_INPUT, STOPPED = 0, 1, 2, 3
"""Exit codes: done; finished with a finding; bad input; stopped by a budget, a request, a signal or another process
that holds what was asked for, and resumable."""

console = Console(stderr=True, highlight=False)
"""Progress and sentences go to stderr, so that stdout carries results only."""

results = Console(highlight=False)

WHOLE = ("Run", "Task")
"""Columns of ids, which are copied from a table and so are never cut."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, with which text could rename, recolour or rewrite a terminal, and those that turn its order."""


def print_json(value: dict[str, Any]) -> None:
    """One JSON object as the last line on stdout."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")


def say(text: object, style: str | None = None) -> None:
    """A sentence on stderr, on one line however narrow the terminal is."""
    console.print(make_printable(text), style=style, soft_wrap=True)


def make_printable(value: object) -> Text:
    """Any value as plain text for a terminal: no markup, no control characters, whatever a model or a server wrote."""
    return Text(_UNPRINTABLE.sub("\ufffd", str(value)))


def print_table(
    title: str,
    columns: list[str],
    rows: list[list[Any]],
    *,
    numbers: Collection[str] = (),
    cut: Mapping[str, int] | None = None,
) -> None:
    """A table on stdout; cells are plain text, never markup.

    Columns in `cut` share the width that is left in the given proportions, on one line that ends in an ellipsis.
    """
    cut = cut or {}
    table = Table(
        title=make_printable(title) if title else None,
        title_justify="left",
        box=None,
        header_style="bold",
        pad_edge=False,
        expand=bool(cut),
    )
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in numbers else "left",
            overflow="ellipsis",
            no_wrap=bool(cut) or column in numbers or column in WHOLE,
            ratio=cut.get(column),
        )
    for row in rows:
        table.add_row(*(make_printable(cell) for cell in row))
    results.print(table)


@contextmanager
def report_errors(json: bool = False) -> Iterator[None]:
    """Turn our errors into a sentence on stderr and an exit code; with `json` also into `{"error": …}` on stdout.

    The same for a path that the system refuses and for a second Ctrl+C; anything else is a bug and keeps its traceback.
    """
    try:
        yield
    except BadInput as error:
        _fail(str(error), BAD_INPUT, json, error)
    except (StopRequested, HeldElsewhere) as error:  # of both holds: nothing is lost, ask again later
        _fail(str(error), STOPPED, json, error)
    except AutodataError as error:
        _fail(str(error), FINDING, json, error)
    except duckdb.Error as error:
        words = str(error).strip().splitlines()[0]
        sentence = f"the index cannot be used: {words} Nothing recorded is lost; `autodata rebuild` makes it anew."
        _fail(sentence, STOPPED, json, error)
    except OSError as error:
        place = f"{error.filename} cannot be used: " if error.filename else ""
        sentence = f"{place}{error.strerror or error}. Check the path and its permissions, or give another --home."
        _fail(sentence, BAD_INPUT, json, error)
    except KeyboardInterrupt as error:
        _fail("interrupted; a run that was working can be resumed with `autodata resume RUN`", STOPPED, json, error)


@contextmanager
def print_usage_error(json: bool) -> Iterator[None]:
    """Print a wrong option or argument as `{"error": …}` on stdout too, where `json` was asked for; it stays raised.

    The parser's own errors are known by `format_message`, because their class is not public.
    """
    try:
        yield
    except Exception as error:
        describe = getattr(error, "format_message", None)
        if json and describe is not None:
            print_json({"error": describe()})
        raise


def format_score(value: float | None) -> str:
    """0.31, or an en dash where nothing was measured."""
    return "–" if value is None else f"{value:.2f}"


def format_gap(value: float | None) -> str:
    """+0.44 or −0.04 with a true minus, or an en dash."""
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")


def _fail(sentence: str, code: int, json: bool, error: BaseException) -> None:
    say(f"autodata: {sentence}", "red")
    if json:
        print_json({"error": sentence})
    raise typer.Exit(code) from error
