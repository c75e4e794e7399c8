"""The Recipes page: the evolution of a recipe, the evidence behind every change, and the person who decides."""

from __future__ import annotations

import streamlit as st

from autodata.index.queries.recipes import (
    IterationDetail,
    IterationRow,
    SearchDetail,
    VersionRow,
    list_iterations,
    list_scores,
    list_searches,
    list_versions,
    load_files,
    load_iteration,
    load_samples,
    load_search,
)
from autodata.optimize.differing import diff_files
from autodata.ui.charts import show_chart
from autodata.ui.marks import draw_simulated
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.recipes import state
from autodata.ui.recipes.actions import draw_comparison, draw_fork, draw_promotion
from autodata.ui.recipes.evidence import build_change, build_reasons, build_refusals, build_samples
from autodata.ui.recipes.running import draw_running
from autodata.ui.recipes.scores import build_measures, describe_confirmation, describe_scores, make_scores
from autodata.ui.recipes.tree import build_evolution, build_iterations, build_state
from autodata.ui.recipes.words import describe_search, write_matter
from autodata.ui.shell import draw_empty, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of
from autodata.ui.tree import node
from autodata.ui.waiting import draw_reading, is_reading

TOP = 400
"""Height in pixels of the tree and of what stands beside it."""
PARTS = {"change": "Change", "why": "Why", "samples": "Samples", "decide": "Promote", "edit": "Edit", "test": "Compare"}


def draw_page() -> None:
    """Draw one search, or what a search is."""
    bench = get_workbench()
    if is_reading(bench):
        draw_reading()
        return
    searches = list_searches(bench.index)
    if not searches:
        draw_empty(
            "No search for a better recipe yet.",
            "An analyst reads failures, an editor rewrites the recipe, a paired test on held-out sources decides, a "
            "person promotes. Start one with: autodata optimize --sources samples/cs --iterations 10",
            key="recipes.none",
        )
        return
    head = st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipes.head")
    with head:
        words = st.container(key="recipes.words")
        if any(search.simulated for search in searches):
            draw(draw_simulated(), key="recipes.simulated", width="content")
        names = [search.name for search in searches]
        name = st.selectbox(
            "Search", names, key=state.SEARCH, bind="query-params", label_visibility="collapsed", width=200
        )
    detail = load_search(bench.index, name or names[0])
    if detail is None:
        return
    versions = list_versions(bench.index, detail.row.name)
    with words:
        sentence = node("div", {"class": "sentence", "role": "heading"}, write_matter(detail, versions))
        draw(node("div", "col", sentence, node("div", "note", describe_search(detail))), key="recipes.sentence")
    if said := st.session_state.pop(state.SAID, None):
        draw(build_sentences([said], "clear"), key="recipes.said.shown")
    if detail.alarm:
        draw(build_sentences([detail.alarm], "violation"), key="recipes.alarm")
    draw_running(bench, detail.row)
    _draw_search(bench, detail, versions)


def _draw_search(bench: Workbench, detail: SearchDetail, versions: list[VersionRow]) -> None:
    name = detail.row.name
    iterations = list_iterations(bench.index, name)
    prefix, number = state.read_selected()
    chosen = next((one for one in versions if prefix and one.version.startswith(prefix)), None)
    if chosen is None and number is None and versions:
        chosen = _find_first(versions)
    left, right = st.columns([1.25, 1], gap="medium")
    with left.container(gap="xsmall", key="recipes.left"):
        note = f"{count_of(len(versions), 'version')}; accepted share of held-out sources with its 90 % interval"
        draw_section_head("Evolution", note, key="recipes.treehead")
        shown = chosen.version if chosen else ""
        draw(build_evolution(versions, shown, TOP), key="recipes.tree", on_click=state.follow)
    with right.container(gap="xsmall", key="recipes.right"):
        points = list_scores(bench.index, name)
        if points:
            draw_section_head("Scores", "every evaluation on held-out sources", key="recipes.scoreshead")
            show_chart(make_scores(points, versions, TOP - 110), key="recipes.scores", alt=describe_scores(points))
        sentence = describe_confirmation(detail.confirmation, detail.row.mode)
        if sentence:
            better = float((detail.confirmation or {}).get("lower") or 0.0) > 0
            draw(build_sentences([sentence], "clear" if better else "unchecked"), key="recipes.confirmation")
    if number is not None and chosen is None:
        _draw_iteration(bench, name, number)
    elif chosen is not None:
        _draw_version(bench, detail, versions, chosen)
    _draw_iterations(iterations, number if chosen is None else chosen.iteration)


def _draw_version(bench: Workbench, detail: SearchDetail, versions: list[VersionRow], one: VersionRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipes.versionhead"):
        draw_section_head(f"Version {one.version[:8]}", one.note, key="recipes.versionname")
        draw(build_state(one.state), key="recipes.versionstate", width="content")
        part = st.segmented_control(
            "Part", list(PARTS), format_func=PARTS.__getitem__, default="change", required=True, key="recipes.part",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    side, main = st.columns([1, 2.4], gap="medium")
    with side.container(gap="xsmall", key="recipes.measures"):
        draw(build_measures(one), key="recipes.numbers")
        parent = next((other for other in versions if other.version == one.parent), None)
        if parent is not None:
            draw_section_head("Its parent", parent.version[:8], key="recipes.parenthead")
            draw(build_measures(parent), key="recipes.parentnumbers")
    with main.container(gap="xsmall", key="recipes.part.shown"):
        _draw_part(bench, detail, one, part or "change")


def _draw_part(bench: Workbench, detail: SearchDetail, one: VersionRow, part: str) -> None:
    index, name = bench.index, detail.row.name
    if part == "decide":
        draw_promotion(bench, detail, one)
    elif part == "edit":
        draw_fork(bench, one)
    elif part == "test":
        draw_comparison(bench, one, name)
    elif part == "samples":
        samples = load_samples(index, name, one.version)
        nothing = node("span", "muted", "Samples are kept of versions that passed their comparison.")
        draw(build_samples(samples) if samples else nothing, key="recipes.samples")
    elif part == "why":
        found = load_iteration(index, name, one.iteration) if one.iteration is not None else None
        nothing = node("span", "muted", "The search began with it; nobody wrote why.")
        draw(build_reasons(found) if found else nothing, key="recipes.reasons")
    elif one.parent:
        changed = diff_files(load_files(index, name, one.parent), load_files(index, name, one.version))
        draw(build_change(changed), key="recipes.change")
    else:
        draw(node("span", "muted", "The search began with it; choose another version to see a change."),
            key="recipes.nochange")  # fmt: skip


def _draw_iteration(bench: Workbench, name: str, number: int) -> None:
    """An iteration without a version of its own: what was proposed, and why it went no further."""
    found = load_iteration(bench.index, name, number)
    if found is None:
        draw(build_sentences([f"Iteration {number} of {name} was not begun."], "flag"), key="recipes.noiteration")
        return
    draw_section_head(f"Iteration {number}", found.row.summary, key="recipes.iterationhead")
    if found.row.refusals:
        draw(build_refusals(found.row.refusals), key="recipes.refusals")
    if found.files:
        _draw_proposal(bench, name, found)
    draw(build_reasons(found), key="recipes.reasons")


def _draw_proposal(bench: Workbench, name: str, found: IterationDetail) -> None:
    before = load_files(bench.index, name, found.row.parent)
    proposed = {**{file: text for file, text in before.items() if file in found.files}, **found.files}
    draw_section_head("What was proposed", "against its parent", key="recipes.proposalhead")
    old = {file: before.get(file, "") for file in proposed}
    draw(build_change(diff_files(old, proposed)), key="recipes.proposal")


def _draw_iterations(rows: list[IterationRow], selected: int | None) -> None:
    if not rows:
        return
    st.space("small")
    draw_section_head("Iterations", "newest first; a click shows the change and why", key="recipes.iterationshead")
    draw(build_iterations(rows, selected), key="recipes.iterations", on_click=state.follow)


def _find_first(versions: list[VersionRow]) -> VersionRow:
    """What a person should look at first: the newest candidate, else the newest version."""
    candidates = [one for one in versions if one.state in ("candidate", "alarmed")]
    return (candidates or versions)[-1]
