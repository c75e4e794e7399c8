"""The view "Gate and export": what a plan would let out now, why everything else stays, and the button that writes."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from autodata.dataset.folder import DatasetVersion
from autodata.dataset.gate import GateSummary, describe_reason
from autodata.dataset.overrides import record_override
from autodata.dataset.plan import ExportPlan
from autodata.dataset.policies import APPROVED
from autodata.dataset.reasons import CANARY, REASONS
from autodata.dataset.versions import export_dataset
from autodata.errors import AutodataError
from autodata.index.queries.alarms import load_alarms
from autodata.index.queries.votes import find_team
from autodata.ui.dataset.panels import build_gate, build_held, build_leaving, build_spans, build_splits
from autodata.ui.dataset.plan import draw_plan
from autodata.ui.dataset.preview import LEAVING_SHOWN, Preview, ShownTask, preview_plan, write_reasons
from autodata.ui.dataset.state import DONE, show_version
from autodata.ui.links import open_page, open_tasks
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import get_reviewer, refuse, require
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.text import count_of, shorten
from autodata.ui.tree import node

AT_ONCE = 5_000
"""Tasks up to which a dry run is made with every change; above, it has a button."""
ASKED = "dataset.asked"


def draw_gate(bench: Workbench, standing: GateSummary, versions: list[DatasetVersion]) -> None:
    """Draw the plan on the left, what it would do on the right. `standing` counts under the plain policy."""
    unseen = load_alarms(bench.index).passed_unseen
    if unseen:
        one, several = "approved task has a violation that its", "approved tasks have violations that their"
        words = f"{count_of(unseen, one, several)} decision did not see"
        draw(build_sentences([f"{words}: review before export."], "violation"), key="dataset.unseen")
    left, right = st.columns([1, 1.1], gap="medium")
    with left.container(gap="small", key="dataset.left"):
        draw_section_head("Export", "a version is written whole and never changed", key="dataset.exporthead")
        plan = draw_plan(bench)
        preview = _find_preview(bench, plan, standing)
        if plan is not None:
            included = preview.summary.included if isinstance(preview, Preview) else standing.included
            _draw_export(bench, plan, included, versions)
        if isinstance(preview, str):
            draw(build_sentences([preview], "flag"), key="dataset.previewerror")
    with right.container(gap="small", key="dataset.right"):
        shown = preview if isinstance(preview, Preview) else None
        clicked = _draw_counts(bench, plan, shown, standing)
    if clicked:
        _follow(clicked)


def _find_preview(bench: Workbench, plan: ExportPlan | None, standing: GateSummary) -> Preview | str | None:
    """The dry run; None while nobody asked for one that takes a while."""
    if plan is None:
        return None
    total = standing.approved + sum(standing.held_others.values())
    wanted = plan.model_dump_json()
    if total > AT_ONCE and st.session_state.get(ASKED) != wanted:
        words = f"Dry run over {count_of(total, 'task')}"
        if not st.button(
            words, key="dataset.dryrun", help="Counts what this plan would let out, and why not the rest."
        ):
            return None
        st.session_state[ASKED] = wanted
    with st.spinner("Counting what would leave"):
        return preview_plan(bench, plan)


def _draw_export(bench: Workbench, plan: ExportPlan, included: int, versions: list[DatasetVersion]) -> None:
    newest = max(versions, key=lambda version: version.created, default=None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.form"):
        draw(node("span", "muted", "Name"), key="dataset.namelabel", width="content")
        name = st.text_input(
            "Name", newest.name if newest else "autodata", key="dataset.name", width=150, label_visibility="collapsed"
        )
        words = f"Export {count_of(included, 'task')}" if included else "Export"
        kind: Literal["primary", "secondary"] = "primary" if included else "secondary"
        refusal = refuse(bench.home, "export")
        off = not included or bool(refusal)
        pressed = st.button(words, key="dataset.export", type=kind, disabled=off, help=refusal or None)
        pseudonyms = st.toggle(
            "Reviewers as numbers", key="dataset.pseudonyms", help="Writes reviewer-1, reviewer-2 instead of names."
        )
    if pressed:
        _export(bench, name or "", plan.model_copy(update={"pseudonyms": bool(pseudonyms)}))


def _export(bench: Workbench, name: str, plan: ExportPlan) -> None:
    bar = st.progress(0.0, text="Writing")

    def show(done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), text=f"Writing {done:,} of {total:,}")

    try:
        require(bench.home, "export")
        result = export_dataset(
            bench.home, bench.index, name.strip(), formats=plan.formats, reviewer_pseudonyms=plan.pseudonyms,
            progress=show, by=get_reviewer(bench.home), policy=plan.policy, options=plan.options, splits=plan.splits,
            contamination=plan.contamination,
        )  # fmt: skip
    except (AutodataError, OSError) as error:
        bar.empty()
        draw(build_sentences([str(error)], "flag"), key="dataset.error")
        return
    bench.ingest.nudge()
    show_version(f"{result.name}/{result.version}", f"Wrote {count_of(result.items, 'task')} to {result.path}")
    st.rerun()


def _draw_counts(
    bench: Workbench, plan: ExportPlan | None, preview: Preview | None, standing: GateSummary
) -> str | None:
    policy = plan.policy if plan else APPROVED
    note = f"policy {policy.name}" if preview else "policy approved; press Dry run for this one"
    draw_section_head("The gate", f"every accepted or decided task, {note}", key="dataset.statehead")
    summary = preview.summary if preview else standing
    clicked = draw(build_gate(summary), key="dataset.gate")
    lead = find_team(bench.index).may(get_reviewer(bench.home), "lead")
    if summary.canaries and lead:
        words = f"{describe_reason(CANARY, summary.canaries)} and never leave. Only leads are told."
        draw(build_sentences([words], "unchecked"), key="dataset.canaries")
    if preview is None or plan is None:
        return clicked
    if preview.splits:
        draw(build_splits(preview.splits), key="dataset.splitcounts")
    if plan.contamination:
        words = f"{preview.contaminated:,} of {count_of(preview.compared, 'task')} share text with a benchmark."
        draw(build_sentences([words], "flag" if preview.contaminated else "clear"), key="dataset.contaminated")
        if preview.spans:
            clicked = draw(build_spans(preview.spans), key="dataset.spans") or clicked
    if preview.overridden:
        words = f"{count_of(preview.overridden, 'reason')} set aside by a lead; each is printed in the card."
        draw(build_sentences([words], "unchecked"), key="dataset.overridden")
    _draw_reasons(bench, plan, preview)
    if preview.held:
        blocked = sum(summary.held_approved.values())
        note = f"first {len(preview.held)} of {blocked:,}" if blocked > len(preview.held) else "a click opens the task"
        draw_section_head("Approved and held back", note, key="dataset.heldhead")
        rows = [(task.task_id, task.words, task.question) for task in preview.held]
        clicked = draw(build_held(rows), key="dataset.held") or clicked
        if lead:
            _draw_override(bench, preview.held)
    if preview.leaving:
        more = summary.included > LEAVING_SHOWN
        note = f"first {LEAVING_SHOWN} of {summary.included:,}" if more else "a click opens the task"
        draw_section_head("What would leave", note, key="dataset.leavinghead")
        rows_left = [(task.task_id, task.question) for task in preview.leaving]
        clicked = draw(build_leaving(rows_left), key="dataset.leaving") or clicked
    return clicked


def _draw_reasons(bench: Workbench, plan: ExportPlan, preview: Preview) -> None:
    """All of them as a file, made when it is asked for."""
    if preview.summary.approved or preview.summary.held_others:
        st.download_button(
            "Every task with its reason", lambda: write_reasons(bench, plan), file_name="gate.csv", mime="text/csv",
            key="dataset.reasons", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _draw_override(bench: Workbench, held: tuple[ShownTask, ...]) -> None:
    """A lead lets one task pass for one reason, and says why."""
    can = {f"{task.task_id}, which {task.words}": task for task in held if REASONS[task.code][2]}
    if not can:
        return
    with st.expander("Let one pass all the same", key="dataset.override"):
        chosen = st.selectbox(
            "Task", list(can), key="dataset.overridetask", format_func=lambda words: shorten(words, 110),
            label_visibility="collapsed",
        )  # fmt: skip
        why = st.text_input("Why", key="dataset.overridewhy", placeholder="Printed in the card of every version")
        if st.button("Override", key="dataset.overridedo", disabled=not (why or "").strip()):
            task = can[chosen]
            try:
                record_override(
                    bench.home, task_id=task.task_id, run_id=task.run_id, content_sha=task.content_sha, code=task.code,
                    reason=why or "", reviewer=get_reviewer(bench.home),
                )  # fmt: skip
            except AutodataError as error:
                draw(build_sentences([str(error)], "flag"), key="dataset.overrideerror")
                return
            bench.ingest.nudge()
            st.session_state[DONE] = f"{task.task_id} passes although it {task.words}; the card will say so."
            st.rerun()


def _follow(act: str) -> None:
    kind, _, value = act.partition("|")
    if kind == "task":
        open_page("review", task=value, decision="all", scope="all")
    open_tasks(decision=value, scope="accepted")
