"""What the Overview page shows: totals, the map, the funnel, runs and what needs somebody."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from autodata.index.database import Index
from autodata.index.queries.cards import Need, RunCard, list_needs, list_run_cards
from autodata.index.queries.filters import OPEN_STATES
from autodata.index.queries.funnel import (
    FunnelStage,
    count_baseline_rounds,
    leave_out_baselines,
    load_bands_by_round,
    load_funnel,
    load_outcomes_by_round,
    restrict_to_run,
)
from autodata.index.queries.sparklines import Sparklines, load_sparklines
from autodata.index.tallies import GRID

__all__ = [
    "FunnelStage",
    "Landing",
    "Need",
    "RunCard",
    "Sparklines",
    "Totals",
    "count_baseline_rounds",
    "list_needs",
    "list_run_cards",
    "load_bands_by_round",
    "load_funnel",
    "load_landing",
    "load_outcomes_by_round",
    "load_sparklines",
    "load_totals",
]


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over everything indexed (or one run). Gaps in [-1, 1], None where nothing was measured.

    Baseline runs accept nothing by design: their sources, rounds, tasks and gaps are left out, and their calls out of
    `calls_per_accepted`, unless one of them is asked for; `runs` and `calls` hold everything. `baseline_runs` and
    `baseline_rounds` say how much that is. `calls_per_accepted` leaves out imports that record no call.

    `open` tasks take a vote: `waiting` of them have one already. `disputed` take a lead. Planted runs count nowhere.

    `judged` rounds have both sides measured. `decided_today` counts approve, reject and flag since local midnight that
    nobody took back, `decided_today_by_me` those of the reviewer asked about.
    """

    runs: int
    runs_running: int
    documents: int
    sources: int
    rounds: int
    judged: int
    tasks: int
    accepted: int
    claimed_gap: float | None
    claimed_gap_n: int
    first_round_gap: float | None
    first_round_n: int
    calls: int
    calls_per_accepted: float | None
    approved: int
    rejected: int
    flagged: int
    skipped: int
    open: int
    open_risky: int
    decided_today: int
    decided_today_by_me: int
    exported: int
    simulated: bool
    all_simulated: bool
    baseline_runs: int = 0
    baseline_rounds: int = 0
    waiting: int = 0
    disputed: int = 0


@dataclass(frozen=True, slots=True)
class Landing:
    """Where judged rounds land. `density`: weak, strong (lower corners of cells of width 1/bins), n.
    `weak_only`: weak, n - rounds whose strong side was not run. `measured` and `weak_only_n` are their totals."""

    density: pd.DataFrame
    weak_only: pd.DataFrame
    measured: int
    weak_only_n: int
    bins: int


def load_totals(index: Index, run_id: str | None = None, reviewer: str | None = None) -> Totals:
    """Totals of everything, or of one run."""
    midnight = _last_midnight()
    return index.remember(
        ("totals", run_id, reviewer, midnight), lambda: _count_totals(index, run_id, reviewer, midnight)
    )


def load_landing(index: Index, bins: int = GRID, run_id: str | None = None) -> Landing:
    """Density of all judged rounds on a grid of bins × bins. `bins` must divide 32, the grid that is kept; raises
    ValueError otherwise. Baseline runs are left out unless one of them is asked for."""
    if bins < 1 or GRID % bins:
        raise ValueError(f"{bins} cells do not divide the grid of {GRID}")
    counted, params = leave_out_baselines(run_id)
    frame = index.frame(
        f"""SELECT (weak // $part) / $bins AS weak, (strong // $part) / $bins AS strong, sum(n)::BIGINT AS n FROM cells
        WHERE scope = 'all' AND {counted} GROUP BY 1, 2 ORDER BY 1, 2""",
        {**params, "bins": bins, "part": GRID // bins},
    )
    measured = frame["strong"].notna()
    density = frame[measured].reset_index(drop=True)
    weak_only = frame[~measured].drop(columns="strong").reset_index(drop=True)
    return Landing(density, weak_only, int(density["n"].sum()), int(weak_only["n"].sum()), bins)


def _count_totals(index: Index, run_id: str | None, reviewer: str | None, midnight: float) -> Totals:
    mine, params = restrict_to_run(run_id)
    counted, _ = leave_out_baselines(run_id)
    made = index.records(_MADE.format(mine=mine, counted=counted), params)[0]
    standing = {
        word: (n, risky)
        for word, n, risky in index.query(
            f"""SELECT decision, sum(n)::BIGINT, coalesce(sum(n) FILTER (risky), 0)::BIGINT FROM piles
            WHERE scope = 'last' AND outcome = 'accepted' AND {mine} GROUP BY 1""",
            params,
        )
    }
    approved, rejected, flagged, skipped, waiting, disputed = (standing.get(word, (0, 0))[0] for word in _DECIDED)
    undecided, risky = (sum(standing.get(word, (0, 0))[at] for word in OPEN_STATES) for at in range(2))
    exported = index.query(_EXPORTED.format(mine=mine), params)[0][0] if approved else 0
    today, by_me = index.query(_TODAY, {"reviewer": reviewer or "", "midnight": midnight})[0]
    accepted, judged_first = made["accepted"], made["judged_first"]
    return Totals(
        runs=made["runs"],
        runs_running=made["running"],
        documents=made["documents"],
        sources=made["sources"],
        rounds=made["rounds"],
        judged=made["judged"],
        tasks=made["tasks"],
        accepted=accepted,
        claimed_gap=made["gap"] / made["judged_accepted"] if made["judged_accepted"] else None,
        claimed_gap_n=made["judged_accepted"],
        first_round_gap=made["gap_first"] / judged_first if judged_first else None,
        first_round_n=judged_first,
        calls=made["calls"],
        calls_per_accepted=made["calls_counted"] / made["accepted_called"] if made["accepted_called"] else None,
        baseline_runs=made["baselines"],
        baseline_rounds=made["baseline_rounds"],
        approved=approved,
        rejected=rejected,
        flagged=flagged,
        skipped=skipped,
        waiting=waiting,
        disputed=disputed,
        open=undecided,
        open_risky=risky,
        decided_today=today,
        decided_today_by_me=by_me,
        exported=exported,
        simulated=made["simulated"] > 0,
        all_simulated=made["runs"] > 0 and made["simulated"] == made["runs"],
    )


def _last_midnight() -> float:
    return datetime.fromtimestamp(time.time()).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


_DECIDED = ("approved", "rejected", "flagged", "skipped", "waiting", "disputed")
_EXPORTED = """
SELECT count(*) FROM trajectories SEMI JOIN members USING (key) WHERE {mine} AND accepted AND decision = 'approved'
"""
_TODAY = """
SELECT count(*), count(*) FILTER (reviewer = $reviewer) FROM decisions
WHERE verdict IN ('approve', 'reject', 'flag') AND t >= $midnight AND key NOT IN (SELECT key FROM canaries)
    AND decision_id NOT IN (SELECT undoes FROM decisions WHERE verdict = 'undo' AND undoes IS NOT NULL
        AND t >= $midnight)
"""
_MADE = """
SELECT * FROM
    (SELECT count(*) AS runs, count(*) FILTER (state = 'running') AS running,
        count(*) FILTER (simulated) AS simulated, count(*) FILTER (baseline) AS baselines,
        coalesce(sum(calls), 0)::BIGINT AS calls, coalesce(sum(calls) FILTER ({counted}), 0)::BIGINT AS calls_counted
    FROM runs WHERE {mine}),
    (SELECT coalesce(sum(sources), 0)::BIGINT AS sources, coalesce(sum(documents), 0)::BIGINT AS documents,
        coalesce(sum(tasks), 0)::BIGINT AS tasks
    FROM standings WHERE {counted}),
    (SELECT coalesce(sum(n), 0)::BIGINT AS rounds, coalesce(sum(judged), 0)::BIGINT AS judged,
        coalesce(sum(n) FILTER (outcome = 'accepted'), 0)::BIGINT AS accepted,
        coalesce(sum(n) FILTER (outcome = 'accepted' AND run IN (SELECT run FROM runs WHERE calls > 0)), 0)::BIGINT
            AS accepted_called,
        coalesce(sum(judged) FILTER (outcome = 'accepted'), 0)::BIGINT AS judged_accepted,
        coalesce(sum(gap) FILTER (outcome = 'accepted'), 0) AS gap,
        coalesce(sum(judged) FILTER (round = 1), 0)::BIGINT AS judged_first,
        coalesce(sum(gap) FILTER (round = 1), 0) AS gap_first
    FROM tallies WHERE {counted}),
    (SELECT coalesce(sum(n), 0)::BIGINT AS baseline_rounds FROM tallies
    WHERE {mine} AND run IN (SELECT run FROM runs WHERE baseline))
"""
