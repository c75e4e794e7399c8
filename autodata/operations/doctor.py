"""The doctor: what is wrong on this machine and in this home, each with its remedy. It changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

from autodata import __version__
from autodata.belonging import explain_stranger
from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.index.inspection import inspect_index
from autodata.journal import read_last, verify_journal
from autodata.llm.seat import SIMULATED, SeatBook, check_roles, load_seats, read_key
from autodata.locks import is_locked
from autodata.operations.contents import describe_bytes, describe_count, is_journal, list_databases_aside, list_kept
from autodata.prices import load_prices
from autodata.recipes.recipe import load_recipe
from autodata.stored_run import list_run_ids

State = Literal["ok", "look", "wrong"]

SPACE_LOW, SPACE_SPENT = 5 * 10**9, 5 * 10**8
"""Free bytes below which a person should look, and below which runs and exports will stop soon."""

PYTHON_MIN = (3, 11)
SHIPPED = "autodata"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined: `look` may be as it should, `wrong` may not. `remedy` is "" where all is well."""

    area: str
    state: State
    sentence: str
    remedy: str = ""


def examine_home(home: Home, *, journals: bool = True) -> Iterator[Finding]:
    """Findings in the order a person would ask: machine, home, seats, settings, journals, index. Never raises.

    Endpoints are not called. `journals`: whether every hash is checked, which reads all of them.
    """
    yield from _examine_python()
    yield from _examine_folder(home)
    if not home.root.is_dir():
        return
    yield from _examine_seats(home)
    yield from _examine_settings(home)
    if journals:
        yield from _examine_journals(home)
    yield from _examine_runs(home)
    yield from _examine_index(home)


def _examine_python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MIN:
        yield Finding("python", "wrong", f"Python {version} is too old", "install Python 3.11 or newer")
    else:
        yield Finding("python", "ok", f"Autodata {__version__} on Python {version}")
    wrong = list(_find_wrong_packages())
    for sentence in wrong:
        yield Finding("packages", "wrong", sentence, "run `make setup`, or pip install -r requirements.txt")
    if not wrong:
        yield Finding("packages", "ok", "every package is there in a version that is known to work")


def _find_wrong_packages() -> Iterator[str]:
    """Requirements of this program that what is installed does not meet."""
    for line in metadata.requires(SHIPPED) or ():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield f"{requirement.name} is not installed"
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            yield f"{requirement.name} is {found}, needed is {requirement.specifier}"


def _examine_folder(home: Home) -> Iterator[Finding]:
    if not home.root.exists():
        parent = next(path for path in home.root.parents if path.exists())
        if not os.access(parent, os.W_OK):
            yield Finding("home", "wrong", f"{home.root} cannot be created: {parent} cannot be written", _OTHER_HOME)
        else:
            yield Finding("home", "ok", f"{home.root} does not exist yet; the first run creates it")
        return
    if not os.access(home.root, os.W_OK | os.X_OK):
        yield Finding("home", "wrong", f"{home.root} cannot be written", f"mend its permissions, or {_OTHER_HOME}")
    else:
        yield Finding("home", "ok", f"everything lies in {home.root}")
    free = shutil.disk_usage(home.root).free
    sentence = f"{describe_bytes(free)} are free on its disk"
    if free < SPACE_SPENT:
        yield Finding("disk", "wrong", sentence, "free some space: runs pause and exports stop when it is full")
    elif free < SPACE_LOW:
        yield Finding("disk", "look", sentence, "`autodata prune` shows what can go")
    else:
        yield Finding("disk", "ok", sentence)
    for path in list_databases_aside(home):
        size = describe_bytes(path.stat().st_size)
        yield Finding("disk", "look", f"{path.name} ({size}) was moved aside and is not used", "`autodata prune`")


def _examine_seats(home: Home) -> Iterator[Finding]:
    if not home.seats.exists():
        yield Finding("seats", "ok", "no seats file: runs use simulated models unless --models says otherwise")
        return
    try:
        book = load_seats(home.seats)
    except BadInput as error:
        yield Finding("seats", "wrong", str(error), "mend it on the Settings page, or in that file")
        return
    yield Finding("seats", "ok", f"{home.seats.name} names {len(book.seats)} seats; `autodata check` calls each once")
    for warning in check_roles(book):
        yield Finding("seats", "look", warning, "change a seat on the Settings page, if that was not meant")
    yield from _examine_keys(book)


def _examine_keys(book: SeatBook) -> Iterator[Finding]:
    for name in sorted({seat.endpoint for seat in book.seats.values()}):
        endpoint = book.endpoints[name]
        if endpoint.base_url.startswith(SIMULATED) or not endpoint.api_key_env:
            continue
        try:
            read_key(endpoint, name)
            yield Finding("keys", "ok", f"{endpoint.api_key_env} is set, for endpoint {name}")
        except BadInput as error:
            yield Finding("keys", "wrong", str(error), f"export {endpoint.api_key_env}=… where Autodata is started")


def _examine_settings(home: Home) -> Iterator[Finding]:
    readers: list[tuple[str, Callable[[], object]]] = [("prices", lambda: load_prices(home))]
    for folder in sorted(path.parent for path in home.recipes.glob("*/recipe.toml")):
        readers.append((f"recipe {folder.name}", lambda name=folder.name: load_recipe(name, home.recipes)))  # type: ignore[misc]
    for what, read in readers:
        try:
            read()
        except AutodataError as error:
            yield Finding("settings", "wrong", f"{what}: {error}", "mend the file it names")
    yield Finding("settings", "ok", f"{describe_count(len(readers), 'file')} of settings looked at")


def _examine_journals(home: Home) -> Iterator[Finding]:
    records = intact = 0
    for path in list_kept(home):
        if not is_journal(path.relative_to(home.root).as_posix()):
            continue
        try:
            report = verify_journal(path)
        except OSError as error:
            yield Finding("journals", "wrong", f"{path} cannot be read: {error.strerror}", "mend its permissions")
            continue
        records, intact = records + report.records, intact + report.ok
        stranger = explain_stranger(home, path)
        for problem in (*report.problems, *([stranger] if stranger else [])):
            yield Finding("journals", "wrong", problem, "restore this file from a backup; do not edit it")
        if report.torn_bytes and not is_locked(path):
            sentence = f"{path} ends in a torn line of {report.torn_bytes} bytes"
            yield Finding("journals", "look", sentence, "none is needed: the next writer sets it aside")
    yield Finding(
        "journals", "ok", f"{describe_count(intact, 'intact journal')} with {describe_count(records, 'record')}"
    )


def _examine_runs(home: Home) -> Iterator[Finding]:
    for run_id in list_run_ids(home):
        path = home.journal(run_id)
        try:
            last = read_last(path)
        except (AutodataError, OSError):
            continue  # the journals' own check says so
        if last is not None and last.kind != "run_ended" and not is_locked(path):
            yield Finding(
                "runs", "look", f"run {run_id} was interrupted", f"`autodata resume {run_id}` goes on where it stopped"
            )


def _examine_index(home: Home) -> Iterator[Finding]:
    state = inspect_index(home)
    name = home.database.name
    if not state.exists:
        yield Finding("index", "ok", "there is no index yet; the app builds it from the journals")
    elif state.holder:
        yield Finding("index", "ok", f"{name} ({describe_bytes(state.bytes)}) is open in {state.holder}")
    elif state.problem:
        sentence = f"{name}: {state.problem}"
        yield Finding("index", "look", sentence, "none is needed: the app builds it again; `autodata rebuild` does now")
    else:
        yield Finding("index", "ok", f"{name} ({describe_bytes(state.bytes)}) has version {state.version}")


_OTHER_HOME = "give another with --home or AUTODATA_HOME"
