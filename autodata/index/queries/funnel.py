"""How far sources come on the way to a dataset, and what is lost where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One step from source to dataset. `losses`: what did not go on, (outcome or decision word, count), largest
    first. `stage` is sources, tasks, quality, accepted, approved or dataset; `documents` only for sources."""

    stage: str
    count: int
    losses: tuple[tuple[str, int], ...]
    documents: int = 0


def load_funnel(index: Index, run_id: str | None = None) -> tuple[FunnelStage, ...]:
    """Sources → tasks written → passed quality → accepted by the rule → approved → in a dataset.

    Baseline runs accept nothing by design, so they are left out unless one of them is asked for.
    """
    return index.remember(("funnel", run_id), lambda: _count_stages(index, run_id))


def count_baseline_rounds(index: Index) -> int:
    """Rounds of baseline runs, which the funnel, the totals and the distributions over all runs leave out."""
    return int(
        index.query("SELECT coalesce(sum(n), 0) FROM tallies WHERE run IN (SELECT run FROM runs WHERE baseline)")[0][0]
    )


def load_outcomes_by_round(index: Index, run_id: str | None = None, rounds: int = 12) -> pd.DataFrame:
    """Columns round, outcome, n, share (of that round's rounds, in [0, 1]); rounds beyond `rounds` are left out, and
    baseline runs unless one of them is asked for."""
    return _share_by_round(index, "outcome", run_id, rounds)


def load_bands_by_round(index: Index, run_id: str | None = None, rounds: int = 12) -> pd.DataFrame:
    """Columns round, band (right, easy, hard, inverted, none), n, share."""
    return _share_by_round(index, "band", run_id, rounds)


def restrict_to_run(run_id: str | None) -> tuple[str, dict[str, Any]]:
    """A condition on the column `run`, and its parameters. All runs are all but planted ones, whose tasks are no
    production either."""
    if run_id is None:
        return "run NOT IN (FROM planted)", {}
    return "run = (SELECT u.run FROM runs u WHERE u.run_id = $run_id)", {"run_id": run_id}


def leave_out_baselines(run_id: str | None) -> tuple[str, dict[str, Any]]:
    """The same, without baseline runs when it is about all runs: their rounds are a control, not production."""
    if run_id is None:
        return "run NOT IN (SELECT u.run FROM runs u WHERE u.baseline UNION ALL FROM planted)", {}
    return restrict_to_run(run_id)


def _count_stages(index: Index, run_id: str | None) -> tuple[FunnelStage, ...]:
    counted, params = leave_out_baselines(run_id)
    sources, documents, written, *ends = index.query(
        f"""SELECT coalesce(sum(sources), 0)::BIGINT, coalesce(sum(documents), 0)::BIGINT,
            coalesce(sum(tasks), 0)::BIGINT, coalesce(sum(exhausted), 0)::BIGINT, coalesce(sum(undecided), 0)::BIGINT,
            coalesce(sum(skipped), 0)::BIGINT
        FROM standings WHERE {counted}""",
        params,
    )[0]
    outcomes = index.query(
        f"SELECT outcome, sum(n)::BIGINT FROM tallies WHERE {counted} GROUP BY 1 ORDER BY 2 DESC, 1", params
    )
    counts = dict(outcomes)
    rounds, failed = sum(counts.values()), counts.get("failed_quality", 0)
    mine, params = restrict_to_run(run_id)
    states = dict(
        index.query(
            f"""SELECT decision, sum(n)::BIGINT FROM piles WHERE scope = 'last' AND outcome = 'accepted' AND {mine}
            GROUP BY 1""",
            params,
        )
    )
    exported = index.query(
        f"SELECT count(*) FROM trajectories SEMI JOIN members USING (key) WHERE {mine} AND accepted", params
    )[0][0]
    approved = states.get("approved", 0)
    undecided = sum(states.get(word, 0) for word in ("open", "skipped", "waiting"))
    lost = [(word, states.get(word, 0)) for word in ("rejected", "flagged", "disputed")] + [("open", undecided)]
    return (
        FunnelStage(
            "sources", sources, _list_losses(zip(("exhausted", "undecided", "skipped"), ends, strict=True)), documents
        ),
        FunnelStage("tasks", written, ()),
        FunnelStage("quality", rounds - failed, (("failed_quality", failed),) if failed else ()),
        FunnelStage(
            "accepted",
            counts.get("accepted", 0),
            tuple((outcome, n) for outcome, n in outcomes if outcome not in ("accepted", "failed_quality")),
        ),
        FunnelStage("approved", approved, tuple((word, n) for word, n in lost if n)),
        FunnelStage("dataset", exported, (("not_exported", approved - exported),) if approved > exported else ()),
    )


def _list_losses(losses: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(((word, n) for word, n in losses if n), key=lambda loss: (-loss[1], loss[0])))


def _share_by_round(index: Index, column: str, run_id: str | None, rounds: int) -> pd.DataFrame:
    counted, params = leave_out_baselines(run_id)
    return index.frame(
        f"""SELECT round, {column}, sum(n)::BIGINT AS n, sum(n) / sum(sum(n)) OVER (PARTITION BY round) AS share
        FROM tallies WHERE {counted} AND round <= $rounds GROUP BY 1, 2 ORDER BY 1, 2""",
        {**params, "rounds": rounds},
    )
