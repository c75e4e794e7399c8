"""A new domain starts as a copy of an old one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from autodata.errors import BadInput
from autodata.home import check_name
from autodata.recipes.recipe import Recipe, make_recipe


def copy_recipe(recipe: Recipe, name: str, title: str, own: Path) -> Path:
    """Write the recipe's files to `own`/`name` with its name and title changed; returns the folder.

    Raises BadInput for a name no folder can have, for one that is taken, and for a title on more than one line.
    """
    folder = own / check_name(name, "recipe")
    if "\n" in title or not title.strip():
        raise BadInput(f"title {title!r} must be one line of text")
    if folder.exists():
        raise BadInput(f"{folder} exists already; edit it, or choose another name")
    changed = _set_line(recipe.files["recipe.toml"], "name", name)
    files = {**recipe.files, "recipe.toml": _set_line(changed, "title", title.strip())}
    make_recipe(files)
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def _set_line(toml: str, key: str, value: str) -> str:
    """The first `key = …` line with another value; JSON's strings are TOML's too."""
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return re.sub(rf"^{key}\s*=.*$", lambda _: line, toml, count=1, flags=re.MULTILINE)
