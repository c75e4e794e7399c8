"""Short series beside the figures of the Overview."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from autodata.index.database import Index
from autodata.index.queries.funnel import leave_out_baselines


@dataclass(frozen=True, slots=True)
class Sparklines:
    """Short series for the six figures, oldest first; empty where there is nothing to draw."""

    accepted: tuple[float, ...]
    gap: tuple[float, ...]
    gap_by_round: tuple[float, ...]
    approved: tuple[float, ...]
    calls_per_accepted: tuple[float, ...]


def load_sparklines(index: Index, points: int = 12) -> Sparklines:
    """Series of at most `points` values each; all but `gap_by_round` by equal stretches of the time recorded, those
    without a value left out. A source counts, with all its calls, where its latest round lies; baseline runs do not."""
    return index.remember(("sparklines", points), lambda: _draw_sparklines(index, points))


def _draw_sparklines(index: Index, points: int) -> Sparklines:
    counted, _ = leave_out_baselines(None)
    spent = index.query(
        f"""SELECT count(*) FILTER (accepted) AS won, avg(gap) FILTER (accepted), sum(calls)::BIGINT
        FROM trajectories, (SELECT min(t) AS low, greatest(max(t) - min(t), 1e-9) AS width FROM trajectories)
        WHERE {counted} GROUP BY least(floor((t - low) / width * $points), $points - 1)
        HAVING won > 0 ORDER BY min(t)""",
        {"points": points},
    )
    by_round = index.query(
        f"""SELECT sum(gap) / sum(judged) FROM tallies WHERE round <= ? AND {counted} GROUP BY round
        HAVING sum(judged) > 0 ORDER BY round""",
        [points],
    )
    approved = index.query(
        """WITH approved AS (FROM verdicts WHERE state = 'approved' AND key NOT IN (SELECT key FROM canaries))
        SELECT count(*) FROM approved,
            (SELECT min(t) AS low, greatest(max(t) - min(t), 1e-9) AS width FROM approved)
        GROUP BY least(floor((t - low) / width * $points), $points - 1) ORDER BY min(t)""",
        {"points": points},
    )
    return Sparklines(
        accepted=tuple(float(n) for n in accumulate(row[0] for row in spent)),
        gap=tuple(gap for _, gap, _ in spent if gap is not None),
        gap_by_round=tuple(row[0] for row in by_round),
        approved=tuple(float(n) for n in accumulate(row[0] for row in approved)),
        calls_per_accepted=tuple(float(calls) / won for won, _, calls in spent if calls),
    )
