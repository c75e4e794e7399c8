"""What a person does with a version: make it the default, take it as a recipe of their own, compare it with another."""

from __future__ import annotations

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.queries.recipes import SearchDetail, VersionRow
from autodata.llm.seat import SIMULATED, load_seats
from autodata.optimize.lookup import find_recipe
from autodata.optimize.processes import create_test, launch_search
from autodata.optimize.promoting import promote_version
from autodata.optimize.settings import parse_optimize_settings
from autodata.optimize.stored import load_search
from autodata.recipes.copying import copy_recipe
from autodata.recipes.recipe import FILE_MAX, Recipe, list_domains, make_recipe
from autodata.sources import Loaded
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.recipes.state import SAID
from autodata.ui.reviewer import get_reviewer, refuse, require
from autodata.ui.state import Workbench
from autodata.ui.tree import node

EDIT_HEIGHT = 420
MODELS = ("simulated", "my seats")


def draw_promotion(bench: Workbench, detail: SearchDetail, version: VersionRow) -> None:
    """Only a person makes a candidate the default; with what they saw as the reason."""
    if version.state == "promoted":
        draw(build_sentences(["Runs of its domain use it."], "clear"), key="recipes.promoted")
        return
    if version.state != "candidate":
        words = "Only a candidate can become the default: a version that was kept by the paired test."
        draw(node("div", "note", words), key="recipes.nocandidate")
        return
    refusal = refuse(bench.home, "promote")
    why = st.text_input("Why", key="recipes.why", placeholder="What you saw that speaks for it")
    replace = st.toggle("Also when the default was changed by somebody else", key="recipes.replace")
    pressed = st.button(
        "Make it the default", key="recipes.promote", type="primary", help=refusal or None,
        disabled=bool(refusal) or not (why or "").strip(),
    )  # fmt: skip
    if not pressed:
        return
    try:
        done = promote_version(
            bench.home, version.version, reviewer=get_reviewer(bench.home), reason=why or "", search=detail.row.name,
            replace=replace,
        )  # fmt: skip
    except (AutodataError, OSError) as error:
        draw(build_sentences([str(error)], "flag"), key="recipes.promoteerror")
        return
    _say_and_rerun(bench, f"{done.version[:8]} is the default recipe of {done.domain}; it lies in {done.folder}.")


def draw_fork(bench: Workbench, version: VersionRow) -> None:
    """A copy under a name of its own; with a file changed by hand, where somebody writes into it."""
    recipe = _find(bench, version.version)
    if recipe is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="recipes.forkrow"):
        name = st.text_input("Name of the copy", key="recipes.forkname", placeholder="cs-mine", width=200)
        files = [file for file in recipe.files if file.endswith(".md") and file.startswith(("challenger", "verifier"))]
        file = st.selectbox("File", files, key="recipes.forkfile", width=260)
    text = st.text_area(
        "Text", recipe.files[file], key=f"recipes.text.{version.version[:12]}.{file}", height=EDIT_HEIGHT,
        max_chars=FILE_MAX, label_visibility="collapsed",
    )  # fmt: skip
    changed = text is not None and text != recipe.files[file]
    words = "Keep as a recipe of its own, with this change" if changed else "Copy as a recipe of its own"
    if not st.button(words, key="recipes.fork", disabled=not (name or "").strip()):
        return
    try:
        require(bench.home, "run")
        edited = make_recipe({**recipe.files, file: text}) if changed and text is not None else recipe
        folder = copy_recipe(edited, (name or "").strip(), (name or "").strip().capitalize(), bench.home.recipes)
    except (AutodataError, OSError) as error:
        draw(build_sentences([str(error)], "flag"), key="recipes.forkerror")
        return
    _say_and_rerun(
        bench, f"{folder} is yours. Compare it with {version.version[:8]} below, or run it from the Runs page."
    )


def draw_comparison(bench: Workbench, version: VersionRow, search: str) -> None:
    """Another recipe on the search's own sources with the same seeds, in a process of its own."""
    others = list_domains(bench.home.recipes)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="recipes.testrow"):
        other = st.selectbox("With", others, key="recipes.other", width=200)
        pairs = st.number_input("Pairs", 1, 10_000, 40, key="recipes.pairs", width=110)
        real = bench.home.seats.exists()
        models = st.selectbox("Models", MODELS if real else MODELS[:1], key="recipes.models", width=140)
    words = (
        "On the sources of this search, both recipes with the same seeds. The search's own versions are not changed."
    )
    draw(node("div", "note", words), key="recipes.testnote")
    refusal = refuse(bench.home, "run")
    if not st.button("Compare", key="recipes.compare", disabled=bool(refusal), help=refusal or None):
        return
    try:
        require(bench.home, "run")
        name = _start_test(bench, version, other, search, int(pairs), real and models == MODELS[1])
    except (AutodataError, OSError) as error:
        draw(build_sentences([str(error)], "flag"), key="recipes.compareerror")
        return
    _say_and_rerun(bench, f"{name} compares them in a process of its own; choose it above to follow it.")


def _start_test(bench: Workbench, version: VersionRow, other: str, search: str, pairs: int, real: bool) -> str:
    stored = load_search(bench.home, search)
    both = find_recipe(bench.home, other), find_recipe(bench.home, version.version)
    split = stored.split
    settings = parse_optimize_settings(
        {
            "domain": both[1].name,
            "policy": stored.settings.policy,
            "seats": load_seats(bench.home.seats if real else SIMULATED),
            "iterations": 0,
            "workers": 1,
            "max_rounds": stored.settings.max_rounds,
            "confirm_pairs": pairs,
            "inputs": stored.settings.inputs,
        }
    )
    loaded = Loaded((*split.train, *split.validation, *split.third))
    name = create_test(bench.home, settings, both, loaded)
    launch_search(bench.home, name)
    return name


def _find(bench: Workbench, version: str) -> Recipe | None:
    try:
        return find_recipe(bench.home, version)
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="recipes.unknown")
        return None


def _say_and_rerun(bench: Workbench, said: str) -> None:
    bench.ingest.nudge()
    st.session_state[SAID] = said
    st.rerun()
