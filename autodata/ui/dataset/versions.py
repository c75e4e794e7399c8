"""The view "Versions": every version as it stands today, its files, its card, and how it differs from another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from autodata.dataset.comparing import compare_versions
from autodata.dataset.standing import VersionState
from autodata.dataset.verifying import verify_version
from autodata.dataset.versions import DatasetVersion, read_manifest
from autodata.dataset.withdrawing import withdraw_version
from autodata.errors import AutodataError
from autodata.index.queries.dataset_versions import list_outdated
from autodata.index.queries.provenance import list_items
from autodata.ui.dataset.difference import build_difference
from autodata.ui.dataset.panels import build_outdated, build_versions
from autodata.ui.dataset.state import DONE, VERSION
from autodata.ui.links import open_page
from autodata.ui.parts import build_pairs, build_sentences
from autodata.ui.piece import draw
from autodata.ui.review.provenance import build_items
from autodata.ui.reviewer import get_reviewer, refuse
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node

ITEMS_SHOWN = 8
OUTDATED_SHOWN = 20
DOWNLOAD_MAX = 50 * 1024 * 1024
"""Larger files are named by their path: the browser is no way to move them."""
CARD_HEIGHT = 460


def draw_versions(bench: Workbench, states: list[VersionState]) -> None:
    """Draw the list on the left, the chosen version on the right."""
    if not states:
        draw(node("div", "muted", "No version yet. The first export becomes v001."), key="dataset.noversion")
        return
    known = {_label(state.version): state for state in states}
    asked = st.query_params.get(VERSION, "")
    chosen = known.get(asked) or max(states, key=lambda state: state.version.created)
    label = _label(chosen.version)
    left, right = st.columns([1, 1.7], gap="medium")
    with left.container(gap="small", key="dataset.versionlist"):
        draw_section_head("Versions", "by dataset, newest first", key="dataset.versionshead")
        clicked = draw(build_versions(states, label), key="dataset.versions")
        if clicked and clicked != asked:
            st.query_params[VERSION] = clicked
            st.rerun()
        if not chosen.version.problem:
            _draw_comparison(bench, chosen.version, states)
            _draw_withdrawal(bench, chosen)
    with right.container(gap="small", key="dataset.version"):
        if chosen.version.problem:
            draw(build_sentences([f"{label}: {chosen.version.problem}"], "flag"), key="dataset.problem")
        else:
            _draw_version(bench, chosen)


def _draw_version(bench: Workbench, state: VersionState) -> None:
    version = state.version
    draw_section_head(f"{version.name} {version.version}", count_of(version.items, "task"), key="dataset.versionhead")
    if state.words:
        draw(build_sentences([f"{state.words[:1].upper()}{state.words[1:]}."], "flag"), key="dataset.standing")
    try:
        manifest = read_manifest(bench.home, version.name, version.version)
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.manifest")
        return
    draw(build_pairs(_list_facts(version, manifest), width=78), key="dataset.facts")
    _draw_files(version, manifest)
    _draw_check(bench, version)
    _draw_outdated(bench, state)
    items = list_items(bench.index, version.name, version.version, ITEMS_SHOWN)
    if items:
        note = f"first {ITEMS_SHOWN} of {version.items:,}; " if version.items > ITEMS_SHOWN else ""
        draw_section_head("Its items", f"{note}each leads back to the records behind it", key="dataset.itemshead")
        act = draw(build_items(items), key="dataset.items")
        if act:
            open_page("review", task=act.removeprefix("item:"), show="provenance", decision="all", scope="all")
    _draw_card(version)


def _list_facts(version: DatasetVersion, manifest: dict[str, Any]) -> list[tuple[str, Tree]]:
    gate, splits = manifest.get("gate") or {}, (manifest.get("splits") or {}).get("items") or {}
    shares = ", ".join(f"{name} {count:,}" for name, count in splits.items()) if len(splits) > 1 else ""
    pairs: list[tuple[str, Tree]] = [
        ("Path", node("span", "mono", str(version.path))),
        ("SHA-256", node("span", "mono", version.hash)),
        ("Policy", node("span", None, str(gate.get("name", "approved")))),
    ]
    if shares:
        pairs.append(("Splits", node("span", None, shares)))
    if overrides := gate.get("overrides"):
        pairs.append(("Overrides", node("span", "alarm", f"{len(overrides):,}, listed in the card")))
    return pairs


def _draw_files(version: DatasetVersion, manifest: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="small", key="dataset.downloads"):
        for name in [*manifest.get("files", {}), "manifest.json", "README.md"]:
            path = version.path / name
            if path.is_file() and path.stat().st_size <= DOWNLOAD_MAX and not name.startswith("hf/"):
                st.download_button(
                    name, path.read_bytes, file_name=f"{version.name}-{version.version}-{name.replace('/', '-')}",
                    key=f"dataset.download.{version.name}.{version.version}.{name}", icon=":material/download:",
                    on_click="ignore",
                )  # fmt: skip
    if (version.path / "hf").is_dir():
        opens = f'datasets.load_dataset("{version.path / "hf"}")'
        draw(node("div", "small muted", "Opens with ", node("span", "mono", opens)), key="dataset.hf")


def _draw_check(bench: Workbench, version: DatasetVersion) -> None:
    """The hashes of its files and of the journals behind it, when somebody asks."""
    if not st.button("Verify", key="dataset.verify", help="Compares its files and its journals with the manifest."):
        return
    with st.spinner("Reading files and journals"):
        report = verify_version(bench.home, version.name, version.version)
    held = f"{count_of(report.files, 'file')} and {count_of(report.journals, 'journal')} hold."
    grown = [f"{name} has grown by {count_of(count, 'record')} since." for name, count in report.grown.items()]
    draw(build_sentences([held, *grown] if report.ok else list(report.problems), "clear" if report.ok else "violation"),
        key="dataset.verified")  # fmt: skip


def _draw_outdated(bench: Workbench, state: VersionState) -> None:
    if not state.outdated:
        return
    version = state.version
    draw_section_head("Decided otherwise since", "the next export leaves them out", key="dataset.outdatedhead")
    rows = list_outdated(bench.index, version.name, version.version, OUTDATED_SHOWN)
    act = draw(build_outdated(rows), key="dataset.outdated")
    if act:
        open_page("review", task=act.removeprefix("task|"), decision="all", scope="all")


def _draw_comparison(bench: Workbench, version: DatasetVersion, states: list[VersionState]) -> None:
    others = [_label(one.version) for one in states if one.version != version and not one.version.problem]
    if not others:
        return
    draw_section_head("Differences", f"from another version to {_label(version)}", key="dataset.diffhead")
    same = [name for name in others if name.startswith(f"{version.name}/") and name < _label(version)]
    before = st.selectbox(
        "From", others, index=others.index(same[0]) if same else 0, key=f"dataset.from.{_label(version)}",
        label_visibility="collapsed", width=220,
    )  # fmt: skip
    try:
        found = compare_versions(bench.home, _split(before), (version.name, version.version))
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.differror")
        return
    act = draw(build_difference(found), key="dataset.diff")
    if act:
        open_page("review", task=act.removeprefix("task|"), decision="all", scope="all")


def _draw_withdrawal(bench: Workbench, state: VersionState) -> None:
    """A version is never deleted here: it stays readable and says that it should not be used any more."""
    if state.withdrawn or refuse(bench.home, "export"):
        return
    version = state.version
    with st.expander("Withdraw this version", key="dataset.withdraw"):
        why = st.text_input("Why", key="dataset.withdrawwhy", placeholder="Whoever opens the version reads it")
        if st.button("Withdraw", key="dataset.withdrawdo", disabled=not (why or "").strip()):
            try:
                withdraw_version(
                    bench.home, version.name, version.version, reason=why or "", reviewer=get_reviewer(bench.home)
                )
            except AutodataError as error:
                draw(build_sentences([str(error)], "flag"), key="dataset.withdrawerror")
                return
            bench.ingest.nudge()
            st.session_state[DONE] = f"{_label(version)} is withdrawn; its files stay and say so."
            st.rerun()


def _draw_card(version: DatasetVersion) -> None:
    """The card as plain text: names that a person or a file gave are in it, and nothing of it is drawn as markup."""
    card = version.path / "README.md"
    if not card.is_file():
        return
    draw_section_head("Card", "README.md of the version", key="dataset.cardhead")
    figures = sorted((version.path / "figures").glob("*.svg"))
    if figures:
        with st.container(horizontal=True, gap="small", key="dataset.figs"):
            for path in figures:
                _draw_figure(path)
    st.code(card.read_text(encoding="utf-8", errors="replace"), language=None, wrap_lines=True, height=CARD_HEIGHT)


def _draw_figure(path: Path) -> None:
    """Our own figures: numbers and fixed words only."""
    st.image(str(path), width=330)


def _label(version: DatasetVersion) -> str:
    return f"{version.name}/{version.version}"


def _split(label: str) -> tuple[str, str]:
    name, _, version = label.partition("/")
    return name, version
