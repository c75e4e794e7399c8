"""What a version is to be made with, as widgets: the gate's policy, splits, benchmarks, formats and their choices."""

from __future__ import annotations

from typing import Any

import streamlit as st

from autodata.dataset.contamination import NGRAM, ContaminationSettings
from autodata.dataset.formats import FORMATS, FormatOptions
from autodata.dataset.plan import ExportPlan, make_splits
from autodata.dataset.policies import GatePolicy, change_policy, list_policies
from autodata.errors import AutodataError, BadInput
from autodata.items.upload import save_data_upload
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import require
from autodata.ui.state import Workbench
from autodata.ui.tree import node

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3)
BENCHMARK_KINDS = ("jsonl", "json", "csv", "parquet", "txt")


def draw_plan(bench: Workbench) -> ExportPlan | None:
    """Draw the settings; None, with a sentence, while they cannot be used."""
    try:
        policies = list_policies(bench.home)
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.policyerror")
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.policyrow"):
        draw(node("span", "muted", "Policy"), key="dataset.policylabel", width="content")
        names = sorted(policies, key=lambda name: list(policies).index(name))
        name = st.selectbox(
            "Policy", names, index=names.index("approved"), key="dataset.policy", bind="query-params",
            label_visibility="collapsed", width=170,
        )  # fmt: skip
        cluster = st.toggle(
            "One of near copies", policies[name].one_per_cluster, key="dataset.cluster",
            help="Of tasks that are nearly the same only the best leaves: by certified gap, then by measured gap.",
        )  # fmt: skip
    policy = change_policy(policies[name], **({"one_per_cluster": cluster} if cluster else {}))
    draw(_build_clauses(policy), key="dataset.clauses")
    formats = st.pills(
        "Formats", list(FORMATS), selection_mode="multi", default=["jsonl", "parquet"], key="dataset.formats",
        format_func=lambda word: FORMATS[word].title, label_visibility="collapsed",
    )  # fmt: skip
    with st.expander("Splits, benchmarks, choices of a format", key="dataset.more"):
        return _draw_more(bench, policy, tuple(formats))


def describe_policy(policy: GatePolicy) -> list[str]:
    """What a task needs under a policy, clause by clause."""
    people = "a person" if policy.quorum == 1 else f"{policy.quorum} people"
    clauses = [f"approved by {people}", "accepted by its rule", "the very words that were approved", "an intact record"]
    if policy.alarms_settled:
        clauses.append("audited, no alarm open")
    clauses.append("requests shown to be the same" if policy.parity_shown else "requests not known to differ")
    if policy.gap_not_refuted:
        clauses.append("gap not refuted on fresh answers")
    if policy.certified_low_above is not None:
        clauses.append(f"certified gap above {policy.certified_low_above:g} at its lower end")
    if policy.one_per_cluster:
        clauses.append("the best of its near copies")
    if policy.leave_out_runs:
        clauses.append(f"not of {', '.join(policy.leave_out_runs)}")
    return clauses


def _build_clauses(policy: GatePolicy) -> list[Any] | str:
    words = "; ".join(describe_policy(policy))
    return node("div", {"class": "note", "style": "margin-top:-4px"}, f"A task needs: {words}. A canary never leaves.")


def _draw_more(bench: Workbench, policy: GatePolicy, formats: tuple[str, ...]) -> ExportPlan | None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="dataset.splits"):
        validation = st.selectbox("Validation", SHARES, format_func=_percent, key="dataset.validation", width=110)
        test = st.selectbox("Test", SHARES, format_func=_percent, key="dataset.test", width=110)
        seed = st.number_input("Seed", 0, 10**9, 0, key="dataset.seed", width=110)
        draw(
            node("div", "note small", "Shares of the documents. What was written from one document stays on one side."),
            key="dataset.splitnote",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="dataset.options"):
        answer = st.selectbox(
            "SFT imitates", ("strong", "reference"), key="dataset.sftanswer", width=150,
            format_func=lambda word: {"strong": "best strong answer", "reference": "reference answer"}[word],
        )  # fmt: skip
        least = st.number_input(
            "SFT score at least", 0.0, 1.0, None, 0.05, key="dataset.sftmin", width=130, placeholder="any"
        )
        ngram = st.number_input("Words in a row", 6, 50, NGRAM, key="dataset.ngram", width=130,
            help="So many words in a row that stand in a benchmark, too, count as shared text.")  # fmt: skip
        report = st.toggle("Report only", key="dataset.report", help="Let tasks leave that share text, and say which.")
    files = st.file_uploader(
        "Benchmark files to compare with", BENCHMARK_KINDS, accept_multiple_files=True, key="dataset.benchmarks"
    )
    try:
        if files:
            require(bench.home, "export")
        paths = tuple(str(save_data_upload(bench.home, file.name, file.getvalue())) for file in files or ())
        action = "report" if report else "exclude"
        check = ContaminationSettings(files=paths, ngram=int(ngram), action=action) if paths else None
        options = FormatOptions(sft_answer=answer, sft_score_min=least)
        splits = make_splits(float(validation), float(test), int(seed))
        return ExportPlan(policy=policy, formats=formats, options=options, splits=splits, contamination=check)
    except BadInput as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.planerror")
        return None


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share else "none"
