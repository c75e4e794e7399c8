"""Views that were given a name, for everybody who uses this home: `views.json`, written whole or not at all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from autodata.errors import BadInput
from autodata.home import Home

NAME_MAX, VIEWS_MAX = 60, 200

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view by name. `widgets` are the values of the page's inputs that differ from their neutral ones, `params` the
    parameters of the URL that have no input. `default`: what the page opens with; one view at most has it."""

    name: str
    widgets: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    default: bool = False


def list_views(home: Home) -> list[SavedView]:
    """The views by name. Raises BadInput when the file cannot be read."""
    try:
        text = _find_file(home).read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadInput(f"the saved views cannot be read: {error.strerror}") from error
    try:
        views = [_read_view(item) for item in orjson.loads(text)["views"]]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput("views.json is damaged; the next view that is saved begins a new one beside it") from error
    return sorted(views, key=lambda view: view.name.casefold())


def find_default(home: Home) -> SavedView | None:
    """The view that the page opens with; None without one, or when the file cannot be read."""
    try:
        return next((view for view in list_views(home) if view.default), None)
    except BadInput:
        return None


def save_view(home: Home, view: SavedView) -> SavedView:
    """Keep a view, in place of one of the same name; returns it as it was kept. Raises BadInput for a bad name."""
    kept = replace(view, name=check_view_name(view.name))

    def change(views: list[SavedView]) -> list[SavedView]:
        others = [other for other in views if other.name != kept.name]
        if len(others) >= VIEWS_MAX:
            raise BadInput(f"{VIEWS_MAX} views are kept at most; delete one first")
        was = next((other for other in views if other.name == kept.name), None)
        return [*others, replace(kept, default=was.default if was else kept.default)]

    _change(home, change)
    return kept


def rename_view(home: Home, name: str, new: str) -> None:
    """Give a view another name. Raises BadInput when there is none, or the new name is taken or cannot be used."""
    wanted = check_view_name(new)

    def change(views: list[SavedView]) -> list[SavedView]:
        if wanted != name and any(view.name == wanted for view in views):
            raise BadInput(f"there is a view named {wanted!r} already; choose another name")
        _require(views, name)
        return [replace(view, name=wanted) if view.name == name else view for view in views]

    _change(home, change)


def delete_view(home: Home, name: str) -> None:
    """Forget a view. Raises BadInput when there is none of that name."""

    def change(views: list[SavedView]) -> list[SavedView]:
        _require(views, name)
        return [view for view in views if view.name != name]

    _change(home, change)


def set_default(home: Home, name: str) -> None:
    """Open the page with this view from now on; "" for none."""

    def change(views: list[SavedView]) -> list[SavedView]:
        if name:
            _require(views, name)
        return [replace(view, default=view.name == name) for view in views]

    _change(home, change)


def check_view_name(name: str) -> str:
    """A view's name without outer spaces. Raises BadInput for an empty, long or unprintable one."""
    clean = " ".join(name.split())
    if not clean:
        raise BadInput("a view needs a name")
    if len(clean) > NAME_MAX:
        raise BadInput(f"the view's name has {len(clean)} characters; at most {NAME_MAX} are kept")
    if not clean.isprintable():
        raise BadInput("the view's name holds a character that cannot be shown; leave it out")
    return clean


def _change(home: Home, change: Callable[[list[SavedView]], list[SavedView]]) -> None:
    """Read, change and write the file while nobody else does. A damaged file is set aside, never written over."""
    with _lock:
        path = _find_file(home)
        try:
            views = list_views(home)
        except BadInput:
            path.rename(path.with_name(f"views.json.damaged-{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**6}"))
            views = []
        text = orjson.dumps({"views": [asdict(view) for view in change(views)]}, option=orjson.OPT_INDENT_2)
        home.root.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"views.json.{os.getpid()}.tmp")
        try:
            with open(fresh, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise BadInput(f"the view cannot be kept: {error.strerror}") from error


def _find_file(home: Home) -> Path:
    return home.root / "views.json"


def _read_view(item: Mapping[str, Any]) -> SavedView:
    params = {str(name): str(value) for name, value in item.get("params", {}).items()}
    return SavedView(str(item["name"]), dict(item.get("widgets", {})), params, bool(item.get("default")))


def _require(views: list[SavedView], name: str) -> None:
    if not any(view.name == name for view in views):
        raise BadInput(f"there is no view named {name!r}; perhaps somebody renamed or deleted it")
