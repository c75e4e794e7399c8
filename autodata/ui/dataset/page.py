"""The Dataset page: the gate, the export, and the versions that left. `?version=name/v001` shows one of them."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from autodata.dataset.formats import WRITERS
from autodata.dataset.gate import (
    CANARY,
    GateSummary,
    describe_reason,
    describe_summary,
    find_reason,
    summarise_gate,
)
from autodata.dataset.items import make_gate_row
from autodata.dataset.versions import DatasetVersion, export_dataset, list_versions, read_manifest
from autodata.errors import AutodataError
from autodata.index.queries.alarms import load_alarms
from autodata.index.queries.dataset import count_gate, stream_export_rows
from autodata.index.queries.overview import load_totals
from autodata.index.queries.provenance import list_items
from autodata.index.queries.votes import find_team
from autodata.ui.dataset.panels import build_gate, build_held, build_leaving, build_versions, list_figures
from autodata.ui.links import open_page, open_tasks
from autodata.ui.parts import build_pairs, build_sentences
from autodata.ui.piece import draw
from autodata.ui.review.provenance import build_items
from autodata.ui.reviewer import get_reviewer, refuse
from autodata.ui.shell import draw_empty, draw_figures, draw_page_head, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of, shorten
from autodata.ui.tree import node

FORMATS = {"jsonl": "JSONL", "parquet": "Parquet", "csv": "CSV"}
HELD_SHOWN = 20
LEAVING_SHOWN = 8
ITEMS_SHOWN = 8
DOWNLOAD_MAX = 50 * 1024 * 1024
"""Larger files are named by their path: the browser is no way to move them."""
DONE = "dataset.done"


def draw_page() -> None:
    """Draw the gate and the versions; the first visit says what to do."""
    bench = get_workbench()
    counts = count_gate(bench.index)
    summary = summarise_gate(counts)
    versions = list_versions(bench.home)
    if not counts and not versions:
        note = "Only tasks that a person approved can leave. Accepted tasks wait for that on the Review page."
        if draw_empty("No task is approved yet", note, key="dataset.none", action="Start a run"):
            open_page("runs", new="1")
        return
    simulated = any(count.simulated for count in counts) or any(version.simulated for version in versions)
    draw_page_head(
        describe_summary(summary).removesuffix("."),
        "Nothing leaves without a person's approval.",
        key="dataset.gatehead",
        simulated=simulated,
    )
    draw_figures(list_figures(summary, load_totals(bench.index), versions), key="dataset.figures")
    unseen = load_alarms(bench.index).passed_unseen
    if unseen:
        words = (
            f"{count_of(unseen, 'approved task has', 'approved tasks have')} a violation that its decision did not see"
        )
        draw(build_sentences([f"{words}: review before export."], "violation"), key="dataset.unseen")
    left, right = st.columns([1.1, 1], gap="medium")
    with left.container(gap="small", key="dataset.left"):
        draw_section_head("Export", "a version is written whole and never changed", key="dataset.exporthead")
        _draw_export(bench, summary.included, versions)
        draw_section_head("The gate", "every accepted or decided task", key="dataset.statehead")
        clicked = draw(build_gate(summary), key="dataset.gate")
        lead = find_team(bench.index).may(get_reviewer(bench.home), "lead")
        if summary.canaries and lead:
            words = f"{describe_reason(CANARY, summary.canaries)} and never leave. Only leads are told."
            draw(build_sentences([words], "unchecked"), key="dataset.canaries")
        clicked = _draw_approved(bench, summary) or clicked
    with right.container(gap="small", key="dataset.right"):
        _draw_versions(bench, versions)
    if clicked:
        _follow(clicked)


def _draw_export(bench: Workbench, included: int, versions: list[DatasetVersion]) -> None:
    newest = max(versions, key=lambda version: version.created, default=None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.form"):
        draw(node("span", "muted", "Name"), key="dataset.namelabel", width="content")
        name = st.text_input(
            "Name", newest.name if newest else "autodata", key="dataset.name", width=126, label_visibility="collapsed"
        )
        formats = st.pills(
            "Formats", list(WRITERS), selection_mode="multi", default=["jsonl", "parquet"], key="dataset.formats",
            format_func=lambda word: FORMATS.get(word, word), label_visibility="collapsed",
        )  # fmt: skip
        words = f"Export {count_of(included, 'task')}" if included else "Export"
        kind: Literal["primary", "secondary"] = "primary" if included else "secondary"
        refusal = refuse(bench.home, "export")
        off = not included or bool(refusal)
        pressed = st.button(words, key="dataset.export", type=kind, disabled=off, help=refusal or None)
        pseudonyms = st.toggle(
            "Reviewers as numbers", key="dataset.pseudonyms", help="Writes reviewer-1, reviewer-2 instead of names."
        )
    if pressed:
        _export(bench, name or "", formats, bool(pseudonyms))
    elif done := st.session_state.pop(DONE, None):
        draw(build_sentences([done], "clear"), key="dataset.done")


def _export(bench: Workbench, name: str, formats: list[str], pseudonyms: bool) -> None:
    bar = st.progress(0.0, text="Writing")

    def show(done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), text=f"Writing {done:,} of {total:,}")

    try:
        result = export_dataset(
            bench.home, bench.index, name.strip(), formats=formats, reviewer_pseudonyms=pseudonyms,
            progress=show, by=get_reviewer(bench.home),
        )  # fmt: skip
    except (AutodataError, OSError) as error:
        bar.empty()
        draw(build_sentences([str(error)], "flag"), key="dataset.error")
        return
    bench.ingest.nudge()
    st.session_state[DONE] = f"Wrote {count_of(result.items, 'task')} to {result.path}"
    st.query_params["version"] = f"{result.name}/{result.version}"
    st.rerun()


def _draw_approved(bench: Workbench, summary: GateSummary) -> str | None:
    """The first approved tasks by name: those that the gate holds back, then those that would leave."""
    blocked = sum(summary.held_approved.values())
    held: list[tuple[str, str, str]] = []
    leaving: list[tuple[str, str]] = []
    for batch in stream_export_rows(bench.index, decisions=("approved",), batch=100):
        for row in batch:
            question = shorten(row.question, 120)
            reason = find_reason(make_gate_row(row))
            if reason == CANARY:
                continue
            if reason:
                held.append((row.task_id, reason, question))
            else:
                leaving.append((row.task_id, question))
        if len(held) >= min(blocked, HELD_SHOWN) and len(leaving) >= min(summary.included, LEAVING_SHOWN):
            break
    clicked = None
    if held:
        note = f"first {HELD_SHOWN} of {blocked:,}" if blocked > HELD_SHOWN else "a click opens the task"
        draw_section_head("Approved and held back", note, key="dataset.heldhead")
        clicked = draw(build_held(held[:HELD_SHOWN]), key="dataset.held")
    if leaving:
        more = summary.included > LEAVING_SHOWN
        note = f"first {LEAVING_SHOWN} of {summary.included:,}" if more else "a click opens the task"
        draw_section_head("What would leave", note, key="dataset.leavinghead")
        clicked = draw(build_leaving(leaving[:LEAVING_SHOWN]), key="dataset.leaving") or clicked
    return clicked


def _draw_versions(bench: Workbench, versions: list[DatasetVersion]) -> None:
    draw_section_head("Versions", "newest first", key="dataset.versionshead")
    if not versions:
        draw(node("div", "muted", "No version yet. The first export becomes v001."), key="dataset.noversion")
        return
    names = {f"{version.name}/{version.version}": version for version in versions}
    asked = st.query_params.get("version", "")
    chosen = names.get(asked) or max(versions, key=lambda version: version.created)
    label = f"{chosen.name}/{chosen.version}"
    clicked = draw(build_versions(versions, label), key="dataset.versions")
    if clicked and clicked != asked:
        st.query_params["version"] = clicked
        st.rerun()
    if not chosen.problem:
        _draw_version(bench, chosen)


def _draw_version(bench: Workbench, version: DatasetVersion) -> None:
    draw_section_head(f"{version.name} {version.version}", key="dataset.versionhead")
    pairs = [
        ("Path", node("span", "mono", str(version.path))),
        ("SHA-256", node("span", "mono", version.hash)),
    ]
    draw(build_pairs(pairs, width=70), key="dataset.facts")
    try:
        files = read_manifest(bench.home, version.name, version.version).get("files", {})
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.manifest")
        files = {}
    with st.container(horizontal=True, gap="small", key="dataset.downloads"):
        for name in [*files, "manifest.json", "README.md"]:
            path = version.path / name
            if path.is_file() and path.stat().st_size <= DOWNLOAD_MAX:
                key = f"dataset.download.{version.name}.{version.version}.{name}"
                st.download_button(
                    name, path.read_bytes, file_name=f"{version.name}-{version.version}-{name}", key=key,
                    icon=":material/download:", on_click="ignore",
                )  # fmt: skip
    items = list_items(bench.index, version.name, version.version, ITEMS_SHOWN)
    if items:
        draw_section_head("Its items", "each leads back to the records behind it", key="dataset.itemshead")
        act = draw(build_items(items), key="dataset.items")
        if act:
            open_page("review", task=act.removeprefix("item:"), show="provenance", decision="all", scope="all")
    card = version.path / "README.md"
    if card.is_file():
        st.code(card.read_text(encoding="utf-8", errors="replace"), language=None, wrap_lines=True, height=360)


def _follow(act: str) -> None:
    kind, _, value = act.partition("|")
    if kind == "task":
        open_page("review", task=value)
    open_tasks(decision=value, scope="accepted")
