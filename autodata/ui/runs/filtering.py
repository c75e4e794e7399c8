"""The form that filters somebody's own data: which column is what, what would be used and why not the rest, start."""

from __future__ import annotations

import hashlib
import os
from dataclasses import astuple
from pathlib import Path
from typing import Any

import streamlit as st

from autodata.clauses import build_clauses
from autodata.errors import BadInput
from autodata.estimate import describe_estimate
from autodata.home import Home
from autodata.items import (
    ALL_SPLITS,
    DATA_SUFFIXES,
    FIELDS,
    RECIPES,
    ColumnMap,
    Grading,
    LoadedItems,
    Preview,
    list_splits,
    load_items,
    open_data,
    preview_data,
    save_data_upload,
)
from autodata.llm.seat import SIMULATED
from autodata.model import SOLVERS
from autodata.policy import PRESETS, Policy
from autodata.recipes.recipe import Recipe, check_fit, load_recipe
from autodata.ui.names import RULE_WORDS
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import refuse
from autodata.ui.runs.filter_trees import PARTS, build_found, build_preview
from autodata.ui.runs.plan import RunForm, RunPlan, plan_run
from autodata.ui.runs.start import draw_start
from autodata.ui.seats import build_seat_table, draw_seat_test, list_playing
from autodata.ui.shell import draw_section_head
from autodata.ui.tree import Tree, node

SOURCES = {"path": "File or folder", "upload": "Upload"}
MODELS = {SIMULATED: "Simulated", "saved": "My seats", "file": "Seats file"}
MISSING = {"write": "Write a rubric", "reference": "Right or wrong"}
NONE = "none"
FIRST_LIMIT = 1_000
"""Items read for the page unless more are asked for; the page waits for them."""


def draw_filter(home: Home) -> str | None:
    """Draw the form; returns the id of the run when it was started in this run of the page."""
    left, right = st.columns([1.7, 1], gap="medium")
    problems: list[str] = []
    with left.container(gap="xsmall", key="filter.data"):
        draw_section_head("Your data", "prompts with answers or rubrics, tried as they are", key="filter.data.head")
        path, split = _choose_data(home, problems)
        preview = _look(path, split, problems) if path else None
        columns = _choose_columns(path, split, preview) if path and preview else None
        found_place = st.container(key="filter.found")
    with right.container(gap="xsmall", key="filter.rule"):
        recipe, form = _draw_rule(path)
        seats_place = st.container(gap="xsmall", key="filter.seatlist")
    limit, size = _draw_size()
    if problems or not path or columns is None:
        said = problems or ["No data chosen yet. Give a file or folder, or upload a file."]
        draw(build_sentences(said, "flag" if problems else "unchecked"), key="filter.problems")
        return None
    if not columns.prompt:
        draw(build_sentences(["Choose the column that holds the prompt."], "flag"), key="filter.problems")
        return None
    found: list[LoadedItems] = []

    def read(paths: tuple[str, ...]) -> Any:
        found.append(
            _read_items(*_identify(Path(paths[0])), split, astuple(columns), recipe.limits.flow.grading, limit)
        )
        return found[0].loaded

    plan = plan_run(RunForm(inputs=(str(path),), rounds=1, final_review=False, **form, **size), home, read)
    with found_place:
        if found:
            draw(build_found(found[0]), key="filter.found.items")
    if plan.seats is not None:
        with seats_place:
            draw(build_seat_table(plan.seats, os.environ, list_playing(recipe)), key="filter.seats.table")
            draw_seat_test(home, plan.seats, key="filter.seattest")
    return draw_start(home, plan, "Start the filter", _build_estimate(plan), key="filter")


def _choose_data(home: Home, problems: list[str]) -> tuple[Path | None, str]:
    kind = st.segmented_control(
        "Data from", list(SOURCES), format_func=SOURCES.__getitem__, default="path", required=True,
        key="filter.source", label_visibility="collapsed",
    )  # fmt: skip
    path: Path | None = None
    if refusal := refuse(home, "run"):
        # Looking into files of this machine, or putting some there, is an act, too.
        problems.append(refusal)
    elif kind == "upload":
        file = st.file_uploader(
            "Data", type=[suffix[1:] for suffix in DATA_SUFFIXES], key="filter.upload", label_visibility="collapsed"
        )
        if file is not None:
            path = _try(lambda: save_data_upload(home, file.name, file.getvalue()), problems)
    else:
        typed = st.text_input(
            "File or folder on this machine", key="filter.path", placeholder="/data/questions.jsonl",
            help="CSV, JSONL, JSON, Parquet, Arrow, or a folder of them, such as a saved data set.",
        )  # fmt: skip
        path = Path(typed.strip()).expanduser() if typed and typed.strip() else None
    if path is None:
        return None, ""
    splits = list(_try(lambda: list_splits(path), problems) or {})
    if len(splits) < 2:
        return path, ""
    chosen = st.selectbox("Split", [*filter(None, splits), ALL_SPLITS], key=f"filter.split.{path}", width=260)
    return path, chosen or ALL_SPLITS


def _look(path: Path, split: str, problems: list[str]) -> Preview | None:
    return None if problems else _try(lambda: _read_preview(*_identify(path), split), problems)


def _choose_columns(path: Path, split: str, preview: Preview) -> ColumnMap:
    """One list per part, set to the guess; other data has lists of its own."""
    options = [NONE, *preview.columns[:200]]
    identity = hashlib.sha256(f"{path}\x1f{split}\x1f{preview.columns}".encode()).hexdigest()[:8]
    chosen: dict[str, str] = {}
    for place, part in zip((*st.columns(3, gap="small"), *st.columns(3, gap="small")), FIELDS, strict=True):
        guess = getattr(preview.guess, part)
        name = place.selectbox(
            PARTS[part], options, index=options.index(guess) if guess in options else 0, key=f"filter.{part}.{identity}"
        )
        chosen[part] = "" if name in (None, NONE) else str(name)
    columns = ColumnMap(**chosen)
    draw(build_preview(preview, columns), key="filter.preview")
    return columns


def _draw_rule(path: Path | None) -> tuple[Recipe, dict[str, Any]]:
    """How items are graded, the rule that keeps them, and who plays; the fields of a RunForm."""
    draw_section_head("Grading and rule", "nobody writes or changes a task", key="filter.rule.head")
    missing = st.segmented_control(
        "Items without a rubric", list(MISSING), format_func=MISSING.__getitem__, default="write", required=True,
        key="filter.missing",
        help="Have the challenger's seat write one from prompt and answer, or judge every item as right or wrong "
        "against its reference answer.",
    )  # fmt: skip
    recipe = load_recipe(RECIPES[missing or "write"])
    names = [name for name, preset in PRESETS.items() if _fits(recipe, preset)]
    own = recipe.limits.flow.policy
    name = st.selectbox(
        "Rule", names, index=names.index(own), key=f"filter.{recipe.name}.policy",
        format_func=lambda name: RULE_WORDS.get(name, name),
    )  # fmt: skip
    preset = PRESETS[name or own]
    draw(node("div", "muted", ", ".join(clause.text for clause in build_clauses(preset, [], []))), key="filter.clauses")
    changes = {
        f"{solver}_rollouts": int(
            column.number_input(
                f"{solver.capitalize()} rollouts", 1, 32, preset.rollouts(solver), key=f"filter.{name}.{solver}"
            )
        )
        for column, solver in zip(st.columns(2, gap="small"), SOLVERS, strict=True)
    }
    models = st.segmented_control(
        "Models", list(MODELS), format_func=MODELS.__getitem__, default=SIMULATED, required=True, key="filter.seats"
    )
    seats_path = st.text_input("Seats file (TOML)", key="filter.seats_path") if models == "file" else ""
    form = {"domain": recipe.name, "policy": preset.name, "policy_changes": changes}
    return recipe, {**form, "models": models or SIMULATED, "seats_path": seats_path or ""}


def _fits(recipe: Recipe, policy: Policy) -> bool:
    try:
        check_fit(recipe, policy)
    except BadInput:
        return False
    return True


def _draw_size() -> tuple[int | None, dict[str, Any]]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filter.size"):
        limit = st.number_input("Items at most", 1, None, FIRST_LIMIT, key="filter.limit", width=130)
        slots = st.number_input("Calls at once", 1, 4096, 32, key="filter.slots", width=120)
        calls = st.number_input("Budget, calls", 1, None, None, key="filter.calls", placeholder="none", width=130)
        tokens = st.number_input("Budget, tokens", 1, None, None, key="filter.tokens", placeholder="none", width=130)
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="filter.seed", width=110)
    budgets = {"budget_calls": int(calls) if calls else None, "budget_tokens": int(tokens) if tokens else None}
    return int(limit) if limit else None, {"slots": int(slots or 32), "seed": int(seed or 0), **budgets}


def _build_estimate(plan: RunPlan) -> Tree | None:
    if plan.estimate is None:
        return None
    words = describe_estimate(plan.estimate)
    return node("span", None, f"{words[:1].upper()}{words[1:]}. Retries left out.")


def _identify(path: Path) -> tuple[str, float]:
    """A path with the time of its last change, so that what is kept of it is not older than the file."""
    try:
        return str(path), path.stat().st_mtime
    except OSError:
        return str(path), 0.0


def _try(work: Any, problems: list[str]) -> Any:
    try:
        return work()
    except BadInput as error:
        problems.append(str(error))
        return None


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _read_preview(path: str, changed: float, split: str) -> Preview:
    return preview_data(open_data(Path(path), split))


@st.cache_data(ttl=300, max_entries=4, show_spinner="Reading the data")
def _read_items(
    path: str, changed: float, split: str, columns: tuple[str, ...], grading: Grading, limit: int | None
) -> LoadedItems:
    """Kept for some minutes: a moved slider must not read the data again."""
    return load_items(open_data(Path(path), split), ColumnMap(*columns), grading, limit)
