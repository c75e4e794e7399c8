"""A server's place in the saved seats, written so that a person's comments and order stay as they are."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from autodata.errors import BadInput
from autodata.home import Home
from autodata.llm.seat import REQUIRED_ROLES, SIMULATED, SeatBook, parse_seats, simulated_seats
from autodata.serving.plan import ServerPlan

SUFFIX = "-server"
"""Ends the names of endpoints that a started server made."""

CONCURRENCY = 64
"""Calls in flight at a server of one's own; it makes batches of them."""

_NEW_FILE = (
    "Seats of this home. A model server was started before there were any, so the seats it did not get are simulated:",
    "give them real models before a run that matters.",
)


def register_server(home: Home, plan: ServerPlan, model: str) -> str:
    """Make the server an endpoint of the saved seats and give it its seats. Returns what was done, as a sentence.

    Where another server of the same model plays these seats already, this one shares its endpoint as a replica. A seat
    keeps its own settings. Raises BadInput when the seats could not be used afterwards; nothing is written then.
    """
    document = _read_document(home)
    endpoint = f"{plan.name}{SUFFIX}"
    endpoints, seats = _open_table(document, "endpoints"), _open_table(document, "seats")
    shared = _find_shared(endpoints, seats, plan, model)
    if shared is not None:
        entry = endpoints[shared]
        entry["replicas"] = [*entry.get("replicas", []), plan.base_url]
        write_seats_text(home, tomlkit.dumps(document))
        count = 1 + len(entry["replicas"])
        return f"In {home.seats.name} it plays {', '.join(plan.seats)} with {count} servers in all, as model {model}."
    entry = _open_table(endpoints, endpoint)
    entry["base_url"] = plan.base_url
    if "concurrency" not in entry:
        entry["concurrency"] = CONCURRENCY
    for role in plan.seats:
        seat = _open_table(seats, role)
        seat["endpoint"], seat["model"] = endpoint, model
        if str(seat.get("family", "")).startswith(SIMULATED):
            del seat["family"]
    write_seats_text(home, tomlkit.dumps(document))
    return f"In {home.seats.name} it plays {', '.join(plan.seats)}, as model {model}."


def leave_seats(home: Home, plan: ServerPlan) -> None:
    """Take a server's address out of an endpoint that it shares with others; an endpoint of its own stays as it is.

    Raises BadInput when the seats cannot be read or written.
    """
    if not home.seats.exists():
        return
    document = _read_document(home)
    left = False
    for name, entry in document.get("endpoints", {}).items():
        replicas = [str(address) for address in entry.get("replicas", [])] if hasattr(entry, "items") else []
        if not replicas or not name.endswith(SUFFIX) or plan.base_url not in (str(entry.get("base_url")), *replicas):
            continue
        others = [address for address in (str(entry["base_url"]), *replicas) if address != plan.base_url]
        entry["base_url"], left = others[0], True
        if others[1:]:
            entry["replicas"] = others[1:]
        else:
            del entry["replicas"]
    if left:
        write_seats_text(home, tomlkit.dumps(document))


def check_seats_text(text: str) -> SeatBook:
    """Seats from a text as typed; raises BadInput with a sentence for what cannot be used."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"This is not TOML yet: {error}") from None
    return parse_seats(values, "seats")


def write_seats_text(home: Home, text: str) -> SeatBook:
    """Check, then write the text as it is, comments included. Raises BadInput and writes nothing when wrong."""
    book = check_seats_text(text)
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        draft = home.seats.with_suffix(".toml.new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(home.seats)
    except OSError as error:
        raise BadInput(f"{home.seats} cannot be written: {error.strerror}") from error
    return book


def _find_shared(endpoints: Any, seats: Any, plan: ServerPlan, model: str) -> str | None:
    """The endpoint of another server that plays all of the plan's seats with the same model; None without one."""
    playing = [seats.get(role, {}) for role in plan.seats]
    names = {seat.get("endpoint") if hasattr(seat, "items") else None for seat in playing}
    name = names.pop() if len(names) == 1 else None
    if name is None or not name.endswith(SUFFIX) or name == f"{plan.name}{SUFFIX}" or name not in endpoints:
        return None
    entry = endpoints[name]
    same = all(seat.get("model") == model for seat in playing)
    return name if same and plan.base_url not in (entry.get("base_url"), *entry.get("replicas", [])) else None


def _read_document(home: Home) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(home.seats.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _make_document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise BadInput(f"{home.seats} cannot be read ({error}); mend or delete it") from error


def _make_document() -> tomlkit.TOMLDocument:
    """The simulated seats as a file, to begin with."""
    document = tomlkit.document()
    for line in _NEW_FILE:
        document.add(tomlkit.comment(line))
    values = simulated_seats().model_dump(mode="json", exclude_defaults=True)
    for group in ("endpoints", "seats"):
        tables = tomlkit.table(is_super_table=True)
        for name, settings in values[group].items():
            if group == "seats" and name not in REQUIRED_ROLES:
                continue
            table = tomlkit.table()
            table.update(settings)
            tables.add(name, table)
        document.add(group, tables)
    return document


def _open_table(parent: Any, name: str) -> Any:
    """The table of this name, made when there is none. Raises BadInput when something else stands there."""
    if name not in parent:
        inline = isinstance(parent, tomlkit.items.InlineTable)
        parent[name] = tomlkit.inline_table() if inline else tomlkit.table()
        if not inline and parent[name].trivia.indent == "":
            parent[name].trivia.trail = "\n"
    table = parent[name]
    if not hasattr(table, "items"):
        raise BadInput(f"in the seats, {name} is {table!r} and not a table")
    return table
