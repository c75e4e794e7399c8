"""The form that starts a run: its widgets, from top left to the estimate. Says what is wrong before anything starts."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import streamlit as st

import autodata
from autodata.acceptance import build_clauses
from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.llm.seat import SIMULATED, SeatBook
from autodata.policy import PRESETS, Policy
from autodata.recipes.recipe import list_domains, load_recipe
from autodata.runs import create_run
from autodata.sources import SUFFIXES, Loaded, load_sources, save_upload
from autodata.ui.parts import Column, build_section, build_sentences, build_stack, build_table
from autodata.ui.piece import draw
from autodata.ui.runs.control import launch
from autodata.ui.runs.plan import RunForm, RunPlan, describe_documents, plan_run
from autodata.ui.seats import build_seat_table, draw_seat_test
from autodata.ui.shell import draw_section_head
from autodata.ui.text import count_of, format_count
from autodata.ui.tree import Tree, node

SAMPLES = Path(autodata.__file__).resolve().parents[1] / "samples"
SOURCES = {"samples": "Samples", "path": "Folder or file", "upload": "Upload"}
MODELS = {SIMULATED: "Simulated", "saved": "My seats", "file": "Seats file"}
ZERO_RULES = {
    "ignore": "Weak zeros are ignored",
    "not_all_zero": "Not every weak score 0",
    "no_single_zero": "No weak score 0",
}
DOMAIN_FALLBACK = "cs"


def draw_form(home: Home) -> str | None:
    """Draw the form; returns the id of the run when it was started in this run of the page."""
    left, middle, right = st.columns([1.05, 1, 1.1], gap="medium")
    with left.container(gap="xsmall", key="runs.documents"):
        inputs, words, limit = _draw_documents(home)
        found = st.container(key="runs.found")
    with middle.container(gap="xsmall", key="runs.rule"):
        rule = _draw_rule()
    with right.container(gap="xsmall", key="runs.models"):
        models, seats_path = _draw_models()
        seats_place = st.container(gap="xsmall", key="runs.seatlist")
    size = _draw_size()
    form = RunForm(inputs=inputs, models=models, seats_path=seats_path, **rule, **size)
    plan = plan_run(form, home, lambda paths: _read_sources(paths, words, limit))
    with found:
        _draw_found(plan.loaded)
    with seats_place:
        _draw_seats(home, plan.seats)
    return _draw_start(home, plan)


def _draw_documents(home: Home) -> tuple[tuple[str, ...], int, int | None]:
    draw_section_head("Documents", "what tasks are grounded in", key="runs.documents.head")
    kind = st.segmented_control(
        "Documents from", list(SOURCES), format_func=SOURCES.__getitem__, default="samples", required=True,
        key="runs.source", bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    inputs: tuple[str, ...] = ()
    if kind == "path":
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
    chosen = st.pills(
        "Which samples", folders, selection_mode="multi", default=folders, key="runs.samples",
        label_visibility="collapsed", format_func=lambda name: {"cs": "Computer science"}.get(name, name.capitalize()),
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


def _draw_rule() -> dict[str, Any]:
    draw_section_head("Task and rule", "what is written and when it is kept", key="runs.rule.head")
    domains = list_domains()
    domain = st.segmented_control(
        "Domain", domains, default=DOMAIN_FALLBACK, required=True, key="runs.domain", bind="query-params",
        format_func=lambda name: load_recipe(name).limits.title,
    )  # fmt: skip
    name = st.segmented_control(
        "Rule", list(PRESETS), default="deployed", required=True, key="runs.policy", bind="query-params",
        format_func=str.capitalize,
    )  # fmt: skip
    name = name if name in PRESETS else "deployed"
    preset = PRESETS[name]
    place = st.container(key="runs.clauses")
    with st.expander("Custom values", key="runs.custom"):
        changes = _draw_custom(name, preset)
    counts = st.columns(2, gap="small")
    for column, solver in zip(counts, ("weak", "strong"), strict=True):
        changes[f"{solver}_rollouts"] = column.number_input(
            f"{solver.capitalize()} rollouts", 1, 32, preset.weak_rollouts, key=f"runs.{solver}_rollouts"
        )
    changed = {field: value for field, value in changes.items() if getattr(preset, field) != value}
    with place:
        draw(_build_clauses(name, preset, changed), key="runs.clauses.list")
    return {"domain": domain if domain in domains else DOMAIN_FALLBACK, "policy": name, "policy_changes": changed}


def _draw_custom(name: str, preset: Policy) -> dict[str, Any]:
    """Number fields prefilled from the preset; another preset has fields of its own, so it starts from its values."""

    def ask(place: Any, label: str, field: str, *, optional: bool = False) -> float | None:
        value = getattr(preset, field)
        typed = place.number_input(
            label, value=value, step=0.05, format="%.2f", key=f"runs.{name}.{field}",
            placeholder="no bound" if optional else None,
        )  # fmt: skip
        return round(float(typed), 6) if typed is not None else None if optional else value

    first, second = st.columns(2, gap="small")
    changes: dict[str, Any] = {
        "weak_mean_max": ask(first, "Weak mean at most", "weak_mean_max"),
        "weak_best_max": ask(second, "Best weak at most", "weak_best_max", optional=True),
        "strong_mean_min": ask(first, "Strong mean at least", "strong_mean_min"),
        "strong_mean_max": ask(second, "Strong mean below", "strong_mean_max", optional=True),
        "gap_min": ask(first, "Gap at least", "gap_min"),
    }
    rules = list(ZERO_RULES)
    changes["zero_rule"] = second.selectbox(
        "Weak zeros", rules, index=rules.index(preset.zero_rule), format_func=ZERO_RULES.__getitem__,
        key=f"runs.{name}.zero_rule",
    )  # fmt: skip
    return changes


def _build_clauses(name: str, preset: Policy, changed: dict[str, Any]) -> Tree:
    """The rule in force in a sentence. What cannot be built (an impossible rule) is said by the plan, not here."""
    shown = preset.model_copy(update={**changed, "name": "custom"}) if changed else preset
    words = ", ".join(clause.text for clause in build_clauses(shown, [], []))
    head = "Custom values keep" if changed else f"{name.capitalize()} keeps"
    return node("div", None, f"{head} a task when ", node("span", "muted", words))


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


def _draw_seats(home: Home, seats: SeatBook | None) -> None:
    if seats is None:
        return
    draw(build_seat_table(seats, os.environ), key="runs.seats.table")
    draw_seat_test(home, seats, key="runs.seattest")


def _draw_size() -> dict[str, Any]:
    draw_section_head("Size", "per source unless said otherwise", key="runs.size.head")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="runs.size"):
        rounds = st.number_input("Rounds at most", 1, 100, 15, key="runs.rounds", width=120)
        slots = st.number_input("Calls at once", 1, 4096, 32, key="runs.slots", width=120)
        calls = st.number_input("Budget, calls", 1, None, None, key="runs.calls", placeholder="none", width=130)
        tokens = st.number_input("Budget, tokens", 1, None, None, key="runs.tokens", placeholder="none", width=130)
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
        "seed": int(seed or 0),
        "final_review": bool(review),
        "baseline": bool(baseline),
    }


def _draw_start(home: Home, plan: RunPlan) -> str | None:
    if plan.problems:
        draw(build_sentences(plan.problems, "flag"), key="runs.problems")
    if plan.warnings:
        draw(build_sentences(plan.warnings, "unchecked"), key="runs.warnings")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="runs.start"):
        kind: Literal["primary", "secondary"] = "primary" if plan.ready else "secondary"
        started = st.button("Start the run", key="runs.start.button", type=kind, disabled=not plan.ready)
        draw(_build_estimate(plan), key="runs.estimate")
    if not started or not plan.ready or plan.settings is None or plan.loaded is None:
        return None
    try:
        run_id = create_run(home, plan.settings, load_recipe(plan.settings.domain), plan.loaded)
        launch(home, run_id)
    except (AutodataError, OSError) as error:
        draw(build_sentences([f"The run could not be started: {error}"], "flag"), key="runs.start.error")
        return None
    return run_id


def _build_estimate(plan: RunPlan) -> Tree:
    if plan.calls is None:
        return node("span", "muted", "The estimate of calls appears when nothing above is missing.")
    least, expected, most = (format_count(value) for value in plan.calls)
    if least == most:
        return node("span", None, node("b", None, f"{least} calls"), node("span", "muted", ", retries left out"))
    return node(
        "span",
        None,
        node("b", None, f"About {expected} calls expected"),
        node("span", "muted", f", {least} at least, {most} at most, retries left out"),
    )


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _read_sources(paths: tuple[str, ...], words: int, limit: int | None) -> Loaded:
    """Kept for a minute: a moved slider must not read a folder of PDFs again."""
    return load_sources([Path(path).expanduser() for path in paths], passage_words=words, limit=limit)
