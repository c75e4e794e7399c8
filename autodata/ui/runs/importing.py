"""Importing trajectories of other systems: what would come, then the import; what an imported run says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from glob import escape
from pathlib import Path

import streamlit as st

from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.importing.detect import AUTO, FORMATS
from autodata.importing.report import ImportReport
from autodata.importing.store import import_path
from autodata.importing.upload import SUFFIXES, save_uploads
from autodata.index.queries.runs import RunDetail
from autodata.ui.marks import draw_simulated
from autodata.ui.parts import (
    Column,
    build_columns,
    build_counts,
    build_pairs,
    build_section,
    build_sentences,
    build_stack,
    build_table,
)
from autodata.ui.piece import draw
from autodata.ui.reviewer import refuse, require
from autodata.ui.runs.frozen import describe_policy
from autodata.ui.runs.live import SPEC, build_log, build_losses
from autodata.ui.runs.money import build_roles
from autodata.ui.shell import Figure, draw_section_head
from autodata.ui.text import ABSENT, OUTCOME_WORDS, count_of, format_count
from autodata.ui.tree import Tree, node

KINDS = {"path": "File or folder", "upload": "Upload"}
SHOWN = 50
"""Rows of a table of findings; the rest is counted."""


def draw_import(home: Home) -> str | None:
    """Draw the panel: choose files, see what would come, import. Returns the id of the run when it was imported now, or
    was one already."""
    left, right = st.columns([1, 1.4], gap="medium")
    with left.container(gap="xsmall", key="runs.import.left"):
        path, name = _choose_files(home)
    with right.container(gap="xsmall", key="runs.import.right"):
        draw_section_head("What would come", "nothing is written before you import", key="runs.import.found")
        if path is None:
            draw(node("span", "muted", "No file chosen yet."), key="runs.import.nothing")
            return None
        try:
            report = _look(str(home.root), str(path), name, _stamp(path))
        except (AutodataError, OSError) as error:
            draw(build_sentences([str(error)], "flag"), key="runs.import.problem")
            return None
        draw(build_report(report), key="runs.import.report")
        st.space("xsmall")
        return _draw_import_button(home, path, name, report)


def build_report(report: ImportReport) -> Tree:
    """What an import would bring, what it lacks and what could not be used."""
    head = node("div", "row", node("b", None, report.sentence), draw_simulated() if report.simulated else None)
    parts: list[Tree] = [head]
    if report.warnings:
        parts.append(build_sentences(report.warnings, "flag"))
    outcomes = [(OUTCOME_WORDS.get(name, name), count) for name, count in report.outcomes.items()]
    parts.append(build_section("Rounds by outcome", build_counts(outcomes, total=report.rounds)))
    parts.append(_build_missing([missing.words for missing in report.missing]))
    if report.differing:
        rows = [(entry.where, entry.sentence) for entry in report.differing]
        note = f"{len(rows):,} of {count_of(report.rounds, 'round')}"
        parts.append(_build_findings("The file says otherwise", ("Round", "What differs"), rows, note))
    if report.unused:
        rows = [(entry.where, entry.reason) for entry in report.unused]
        parts.append(_build_findings("Could not be used", ("Where", "Why"), rows, count_of(len(rows), "part")))
    return build_stack(*parts)


def build_provenance(detail: RunDetail) -> Tree | None:
    """Where an imported run comes from and what its file never recorded; None for a run of our own."""
    about = detail.imported
    if not about:
        return None
    title, version = str(about.get("title", about.get("format"))), str(about.get("version") or "")
    size = f"{format_count(int(about.get('bytes') or 0))} bytes, SHA-256 {str(about.get('sha256', ''))[:16]}"
    pairs: list[tuple[str, Tree]] = [
        ("Format", title if not version or version in title else f"{title}, {version}"),
        ("File", node("span", {"class": "mono", "dir": "auto"}, f"{about.get('file')}")),
        ("Content", size),
        ("Read by", str(about.get("importer", ABSENT))),
    ]
    missing = [str(words) for words in about.get("not_recorded") or ()]
    body = build_stack(build_pairs(pairs), _build_missing(missing), gap=10)
    return build_section("Imported", body, "made by another system; the record is what its file says")


def list_parts(detail: RunDetail) -> list[Tree | None]:
    """The body of an imported run's page: what its rounds came to, what was used where that is recorded, where it comes
    from, what was left out. Nothing of how a run of our own is set, started or resumed."""
    used = build_roles(detail) if detail.card.calls else build_section("Seats", node("span", "muted", "Not recorded."))
    policy = describe_policy(detail.policy) if detail.policy else "not recorded"
    rule = build_pairs([("Rule", policy), ("Domain", detail.card.domain)])
    undecided = [(row.name, row.reason) for row in detail.undecided]
    unused = [(row.name, row.reason) for row in detail.skipped]
    return [
        build_columns(
            build_stack(build_losses(detail), used, gap=20),
            build_stack(build_provenance(detail), build_section("As its file says", rule), gap=20),
            spec=SPEC,
        ),
        build_section("Warnings", build_sentences(detail.warnings, "flag")) if detail.warnings else None,
        _build_findings("Undecided sources", ("Source", "Why"), undecided, count_of(len(undecided), "source"))
        if undecided
        else None,
        _build_findings("Could not be used", ("Where", "Why"), unused, count_of(len(unused), "part"))
        if unused
        else None,
        build_log(detail),
    ]


def mark_figures(detail: RunDetail, figures: Sequence[Figure]) -> list[Figure]:
    """Key figures of a run. Of an import, what its file never recorded says so instead of 0; its pace is not ours."""
    if not detail.imported:
        return list(figures)
    missing = set(detail.imported.get("not_recorded") or ())
    absent = {"Calls a minute"}
    if not detail.card.calls:
        absent |= {"Calls", "Tokens"}
    if "tokens" in missing:
        absent.add("Tokens")
    if "costs" in missing:
        absent.add("Cost")
    return [
        replace(figure, value=ABSENT, note="not recorded", series=())
        if figure.label in absent
        else replace(figure, note="as recorded")
        if figure.label in ("Calls", "Tokens")
        else figure
        for figure in figures
    ]


@st.cache_data(ttl=60, max_entries=4, show_spinner=False)
def _look(root: str, path: str, name: str, stamp: tuple[tuple[str, int, int], ...]) -> ImportReport:
    """Kept for a minute while the files (`stamp`) stay as they are: a click must not parse them again."""
    return import_path(Home(Path(root)), Path(path), name, dry_run=True)


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of a file and what lies beside it under its name, or of a folder's files."""
    files = path.rglob("*") if path.is_dir() else path.parent.glob(f"{escape(path.name)}*")
    return tuple((file.name, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in sorted(files))


def _choose_files(home: Home) -> tuple[Path | None, str]:
    draw_section_head("Files", "trajectories of other systems become a run", key="runs.import.head")
    kind = st.segmented_control(
        "Where the files are", list(KINDS), format_func=KINDS.__getitem__, default="path", required=True,
        key="runs.import.kind", label_visibility="collapsed",
    )  # fmt: skip
    if refusal := refuse(home, "import"):
        # Looking into a file of this machine is an act, too.
        draw(build_sentences([refusal], "unchecked"), key="runs.import.refused")
        return None, AUTO
    path = _draw_upload(home) if kind == "upload" else _draw_path()
    name = st.selectbox(
        "Format", [AUTO, *FORMATS], key="runs.import.format",
        format_func=lambda name: "Tell by the content" if name == AUTO else FORMATS[name].title,
    )  # fmt: skip
    return path, name or AUTO


def _draw_import_button(home: Home, path: Path, name: str, report: ImportReport) -> str | None:
    words = "Open the run" if report.existing else "Import"
    if not st.button(words, key="runs.import.button", type="primary"):
        return None
    try:
        require(home, "import")
        run_id = import_path(home, path, name).run_id
    except (AutodataError, OSError) as error:
        draw(build_sentences([f"Nothing was imported: {error}"], "flag"), key="runs.import.error")
        return None
    _look.clear()
    return run_id


def _draw_path() -> Path | None:
    typed = st.text_input(
        "File or folder on this machine", key="runs.import.path", placeholder="outputs/mock-demo/run.db"
    )
    return Path(typed.strip()).expanduser() if typed and typed.strip() else None


def _draw_upload(home: Home) -> Path | None:
    files = st.file_uploader(
        "Files of one run", accept_multiple_files=True, type=list(SUFFIXES), key="runs.import.upload",
        help="A run.db together with its run.db-wal and run.db-shm, where they are there.",
    )  # fmt: skip
    if not files:
        return None
    try:
        return save_uploads(home, [(file.name, file.getvalue()) for file in files])
    except BadInput as error:
        draw(build_sentences([str(error)], "flag"), key="runs.import.upload.problem")
        return None


def _build_missing(words: Sequence[str]) -> Tree:
    text = ", ".join(words) if words else "nothing is missing"
    return build_section("Not recorded", node("span", "muted", text), "shown as such, never as clean or zero")


def _build_findings(title: str, heads: tuple[str, str], rows: Sequence[tuple[str, str]], note: str) -> Tree:
    cells: list[list[Tree | None]] = [
        [node("span", {"dir": "auto"}, where), node("span", {"class": "muted", "dir": "auto"}, why)]
        for where, why in rows[:SHOWN]
    ]
    table = build_table([Column(heads[0], width="38%"), Column(heads[1])], cells, title)
    box = node("div", {"style": "max-height:220px;overflow-y:auto", "tabindex": "0"}, table)
    more = f", first {SHOWN} shown" if len(rows) > SHOWN else ""
    return build_section(title, box, note + more)
