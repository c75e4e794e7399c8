"""The Settings page's pure parts: the seats file as text, and the state of home and index as trees."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.home import Home
from autodata.index.queries.journals import JournalState
from autodata.ui.parts import Column, build_table
from autodata.ui.text import format_count
from autodata.ui.tree import Tree, node

EXAMPLE = """\
# Any OpenAI-compatible server. Keys are named by environment variable and never stored.
[endpoints.local]
base_url = "http://127.0.0.1:8000/v1"
concurrency = 32

[endpoints.hosted]
base_url = "https://api.example.com/v1"
api_key_env = "EXAMPLE_API_KEY"
requests_per_minute = 500

[seats.challenger]
endpoint = "hosted"
model = "NAME"
max_tokens = 8000

[seats.verifier]
endpoint = "hosted"
model = "NAME"

[seats.weak]            # weak and strong may differ in the model only
endpoint = "local"
model = "NAME"
temperature = 1.0
max_tokens = 4096

[seats.strong]
endpoint = "hosted"
model = "NAME"
temperature = 1.0
max_tokens = 4096

[seats.judge]
endpoint = "hosted"
model = "NAME"
temperature = 0.0
family = "another family than strong"
"""


def read_seats_text(home: Home) -> str:
    """The saved seats file, or an example to start from."""
    try:
        return home.seats.read_text(encoding="utf-8")
    except FileNotFoundError:
        return EXAMPLE
    except (OSError, UnicodeDecodeError) as error:
        return f"# {home.seats.name} cannot be read: {type(error).__name__}\n{EXAMPLE}"


def format_size(count: int) -> str:
    """Bytes as kB or MB."""
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"


def build_journals(journals: Sequence[JournalState]) -> Tree:
    """Journals with how much of them the index holds and whether they are intact."""
    rows: list[list[Tree | None]] = [
        [
            node("span", None, journal.name),
            format_count(journal.records),
            format_size(journal.position),
            node("span", {"class": "alarm" if journal.damage else "muted", "dir": "auto"}, journal.damage or "intact"),
        ]
        for journal in journals
    ]
    columns = [Column("Journal"), Column("Records", True), Column("Size", True), Column("State")]
    table = build_table(columns, rows, "Journals")
    return node("div", {"style": "max-height:320px;overflow-y:auto", "tabindex": "0"}, table)
