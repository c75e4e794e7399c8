"""The form that starts a run: its widgets, from top left to the estimate. Says what is wrong before anything starts."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import streamlit as st

import autodata
from autodata.errors import BadInput
from autodata.estimate import describe_money
from autodata.home import Home
from autodata.llm.seat import SIMULATED, SeatBook
from autodata.prices import format_tokens
from autodata.recipes.recipe import Recipe, RecipeLimits
from autodata.sources import SUFFIXES, LoadCap, Loaded, load_sources, save_upload
from autodata.stop_rule import AFTER_SOURCES
from autodata.ui.names import DOMAIN_WORDS
from autodata.ui.parts import Column, build_section, build_sentences, build_stack, build_table
from autodata.ui.piece import draw
from autodata.ui.reviewer import refuse
from autodata.ui.runs.executor import draw_executor
from autodata.ui.runs.plan import RunForm, RunPlan, describe_documents, plan_run
from autodata.ui.runs.rule import draw_rule
from autodata.ui.runs.start import draw_start
from autodata.ui.seats import build_seat_table, draw_seat_test, list_playing
from autodata.ui.shell import draw_section_head
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node

SAMPLES = Path(autodata.__file__).resolve().parents[1] / "samples"
SOURCES = {"samples": "Samples", "path": "Folder or file", "upload": "Upload"}
MODELS = {SIMULATED: "Simulated", "saved": "My seats", "file": "Seats file"}
DRY_LOAD_CAP = LoadCap(files=5_000, bytes=200 * 2**20)
"""A page waits for its documents: a few seconds of reading, not the whole disk."""


def draw_form(home: Home) -> str | None:
    """Draw the form; returns the id of the run when it was started in this run of the page."""
    left, middle, right = st.columns([1.05, 1, 1.1], gap="medium")
    with left.container(gap="xsmall", key="runs.documents"):
        inputs, words, limit = _draw_documents(home)
        found = st.container(key="runs.found")
    with middle.container(gap="xsmall", key="runs.rule"):
        recipe, rule = draw_rule(home)
    with right.container(gap="xsmall", key="runs.models"):
        models, seats_path = _draw_models()
        seats_place = st.container(gap="xsmall", key="runs.seatlist")
    size = _draw_size(recipe)
    where = draw_executor()
    if refuse(home, "run"):
        seats_path = ""
    form = RunForm(inputs=inputs, models=models, seats_path=seats_path, **rule, **size, **where)
    plan = plan_run(form, home, lambda paths: _read_sources(paths, words, limit))
    with found:
        _draw_found(plan.loaded)
    with seats_place:
        _draw_seats(home, plan.seats, recipe)
    return draw_start(home, plan, "Start the run", _build_estimate(plan), key="runs")


def _draw_documents(home: Home) -> tuple[tuple[str, ...], int, int | None]:
    draw_section_head("Documents", "what tasks are grounded in", key="runs.documents.head")
    kind = st.segmented_control(
        "Documents from", list(SOURCES), format_func=SOURCES.__getitem__, default="samples", required=True,
        key="runs.source", bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    inputs: tuple[str, ...] = ()
    # Looking into files of this machine, or putting some there, is an act, too.
    refusal = refuse(home, "run") if kind in ("path", "upload") else ""
    if refusal:
        draw(build_sentences([refusal], "unchecked"), key="runs.documents.refused")
    elif kind == "path":
        typed = st.text_input(
            "Folder or file on this machine", key="runs.path", bind="query-params", placeholder="/data/papers"
        )
        inputs = (typed.strip(),) if typed and typed.strip() else ()
    elif kind == "upload":
        inputs = _draw_upload(home)
    else:
        inputs = _draw_samples()
    words_column, limit_column = st.columns(2, gap="small")
    words = words_column.number_input(
        "Words per passage", 50, 20_000, 700, step=50, key="runs.words",
        help="A longer document is split into passages of about this size, on paragraph borders.",
    )  # fmt: skip
    limit = limit_column.number_input("Passages at most", 1, None, None, key="runs.limit", placeholder="all")
    return inputs, int(words or 700), int(limit) if limit else None


def _draw_samples() -> tuple[str, ...]:
    folders = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()) if SAMPLES.is_dir() else []
    if not folders:
        draw(build_sentences([f"The samples are not installed: {SAMPLES} is missing."], "flag"), key="runs.nosamples")
        return ()
    # The documents of the chosen domain, until others are chosen; each domain remembers its own.
    domain = st.session_state.get("runs.domain") or "cs"
    chosen = st.pills(
        "Which samples", folders, selection_mode="multi", default=[domain] if domain in folders else folders,
        key=f"runs.samples.{domain}", label_visibility="collapsed",
        format_func=lambda name: DOMAIN_WORDS.get(name, name.capitalize()),
    )  # fmt: skip
    if len(chosen) == len(folders):
        return (str(SAMPLES),)
    return tuple(str(SAMPLES / name) for name in folders if name in chosen)


def _draw_upload(home: Home) -> tuple[str, ...]:
    files = st.file_uploader(
        "Documents", accept_multiple_files=True, type=[suffix[1:] for suffix in SUFFIXES], key="runs.upload",
        label_visibility="collapsed",
    )  # fmt: skip
    paths, problems = [], []
    for file in files or []:
        try:
            paths.append(str(save_upload(home, file.name, file.getvalue())))
        except BadInput as error:
            problems.append(str(error))
    if problems:
        draw(build_sentences(problems, "flag"), key="runs.upload.problems")
    return tuple(dict.fromkeys(paths))


def _draw_found(loaded: Loaded | None) -> None:
    if loaded is None:
        return
    parts: list[Tree] = [
        node("div", {"style": "padding-top:6px"}, node("b", None, describe_documents(loaded))),
        node("div", {"style": "max-height:172px;overflow-y:auto", "tabindex": "0"}, _build_documents(loaded)),
    ]
    if loaded.duplicates:
        twice = count_of(len(loaded.duplicates), "text is", "texts are")
        parts.append(node("div", "muted", f"{twice} there twice and used once."))
    if loaded.skipped:
        rows: list[list[Tree | None]] = [
            [node("span", {"dir": "auto"}, skip.name), node("span", {"class": "muted", "dir": "auto"}, skip.reason)]
            for skip in loaded.skipped[:50]
        ]
        note = "the rest goes on" if len(rows) == len(loaded.skipped) else "first 50 shown"
        table = build_table([Column("File", width="38%"), Column("Reason")], rows, "Skipped files")
        box = node("div", {"style": "max-height:148px;overflow-y:auto", "tabindex": "0"}, table)
        parts.append(build_section(f"{count_of(len(loaded.skipped), 'file')} skipped", box, note))
    draw(build_stack(*parts, gap=8), key="runs.documents.found")


def _build_documents(loaded: Loaded, limit: int = 200) -> Tree:
    """Every document with its passages, in reading order."""
    counts = Counter(source.document or source.title for source in loaded.sources)
    rows: list[list[Tree | None]] = [
        [node("span", {"dir": "auto", "style": "overflow-wrap:anywhere"}, name), f"{count:,}"]
        for name, count in list(counts.items())[:limit]
    ]
    return build_table([Column("Document"), Column("Passages", True, "70px")], rows, "Documents")


def _draw_models() -> tuple[str, str]:
    draw_section_head("Models", "who plays which seat", key="runs.models.head")
    kind = st.segmented_control(
        "Models", list(MODELS), format_func=MODELS.__getitem__, default=SIMULATED, required=True, key="runs.seats",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    path = ""
    if kind == "file":
        path = (
            st.text_input("Seats file (TOML) on this machine", key="runs.seats_path", placeholder="~/seats.toml") or ""
        )
    return kind if kind in MODELS else SIMULATED, path


def _draw_seats(home: Home, seats: SeatBook | None, recipe: Recipe | None) -> None:
    if seats is None:
        return
    playing = list_playing(recipe) if recipe else ()
    draw(build_seat_table(seats, os.environ, playing), key="runs.seats.table")
    draw_seat_test(home, seats, key="runs.seattest")


def _draw_size(recipe: Recipe | None) -> dict[str, Any]:
    draw_section_head("Size", "per source unless said otherwise", key="runs.size.head")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="runs.size"):
        limits = recipe.limits if recipe else RecipeLimits(name="", title="")
        rounds = st.number_input(
            "Rounds at most", 1, limits.rounds_max, limits.rounds, key=f"runs.rounds.{limits.name}", width=120
        )
        slots = st.number_input("Calls at once", 1, 4096, 32, key="runs.slots", width=120)
        calls = st.number_input("Budget, calls", 1, None, None, key="runs.calls", placeholder="none", width=130)
        tokens = st.number_input("Budget, tokens", 1, None, None, key="runs.tokens", placeholder="none", width=130)
        cost = st.number_input(
            "Budget, money", 0.0, None, None, key="runs.cost", placeholder="none", width=130,
            help="In the currency of the price table (Settings). Every seat's model needs a price there.",
        )  # fmt: skip
        stop = st.number_input(
            "Stop below, %", 0.0, 99.0, None, step=1.0, key="runs.stop", placeholder="never", width=130,
            help=f"Pauses the run when, after {AFTER_SOURCES} sources, the acceptance rate is below this share with "
            "99 % confidence.",
        )  # fmt: skip
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="runs.seed", width=110)
        review = st.toggle(
            "Final review", True, key="runs.final_review", help="Ask the verifier once more about a task that passed."
        )
        baseline = st.toggle(
            "Baseline", False, key="runs.baseline",
            help="One round, both solvers always, nothing accepted: the single-shot control.",
        )  # fmt: skip
    return {
        "rounds": int(rounds or 15),
        "slots": int(slots or 32),
        "budget_calls": int(calls) if calls else None,
        "budget_tokens": int(tokens) if tokens else None,
        "budget_cost": float(cost) if cost else None,
        "stop_below": float(stop) / 100 if stop else None,
        "seed": int(seed or 0),
        "final_review": bool(review),
        "baseline": bool(baseline),
    }


def _build_estimate(plan: RunPlan) -> Tree:
    """Calls, tokens and money as expected, each with its range in quieter words."""
    estimate = plan.estimate
    if estimate is None:
        return node("span", "muted", "The estimate of calls and cost appears when nothing above is missing.")
    calls, tokens = estimate.calls, estimate.tokens
    parts: list[Tree] = [node("b", None, f"About {calls.expected:,} calls expected")]
    if calls.least != calls.most:
        parts.append(node("span", "muted", f", {calls.least:,} at least, {calls.most:,} at most"))
    spread = f" ({format_tokens(tokens.least)} to {format_tokens(tokens.most)})"
    parts += [f"; {format_tokens(tokens.expected)} tokens", node("span", "muted", spread), "; "]
    parts += [describe_money(estimate), node("span", "muted", ". Retries left out.")]
    if estimate.unbounded:
        seats = ", ".join(estimate.unbounded)
        parts.append(node("span", "muted", f" Without max_tokens, replies of {seats} may be longer than estimated."))
    return node("span", None, *parts)


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _read_sources(paths: tuple[str, ...], words: int, limit: int | None) -> Loaded:
    """Kept for a minute: a moved slider must not read a folder of PDFs again."""
    return load_sources([Path(path).expanduser() for path in paths], passage_words=words, limit=limit, cap=DRY_LOAD_CAP)
