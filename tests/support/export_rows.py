"""Rows as the index hands them to the export, without an index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autodata.index.queries.dataset import ExportRow
from autodata.model import Criterion
from autodata.policy import PRESETS

_ROW = ExportRow(
    task_id="t1",
    run_id="cs-1",
    round=3,
    content_sha="a" * 64,
    question_type="prediction",
    context="A leader holds a lease.",
    question="Which bound keeps reads linearizable?",
    reference_answer="The lease ends before a follower may vote.",
    rubric=(Criterion("c1", "names the bound", 5), Criterion("n1", "claims that clocks agree", -3)),
    tags=("timing", "proofs"),
    source_id="0123456789abcdef",
    source_title="Lease reads",
    source_document="lease.md",
    source_passage=2,
    outcome="accepted",
    band="right",
    weak=0.31,
    strong=0.75,
    gap=0.44,
    weak_scores=(0.3, None, 0.32),
    strong_scores=(0.75, 0.75, 0.75),
    answers=(),
    policy=PRESETS["deployed"].model_dump(),
    policy_name="deployed",
    policy_sha=PRESETS["deployed"].sha,
    models={"challenger": "m-c", "weak": "m-w", "strong": "m-s", "judge": "m-j", "verifier": "m-v"},
    domain="cs",
    recipe_name="cs",
    recipe_sha="b" * 64,
    software="0.1.0",
    simulated=True,
    parity="same",
    risk=0.0,
    risk_reason="",
    damaged=False,
    decision="approved",
    decision_id="d1",
    reviewer="Ada",
    decision_reason="",
    decided=1_790_000_000.125,
    decided_content_sha="a" * 64,
    second_opinions=(),
    canary=False,
)


def make_row(**changes: Any) -> ExportRow:
    """An approved, accepted task; `changes` replace its fields."""
    return replace(_ROW, **changes)
