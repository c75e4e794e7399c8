"""What the Runs page shows of one run, live or finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import pandas as pd

from autodata.costs import CostSheet, make_sheet
from autodata.index.database import Index
from autodata.index.queries.cards import CARD_COLUMNS, RunCard, build_cards, find_run_card, list_run_cards
from autodata.index.queries.counts import load_counts
from autodata.index.queries.events import Event, list_events, list_last_errors
from autodata.index.queries.uses import RoleUse, list_roles, name_models
from autodata.index.queries.weighing import UnsuitableSource, list_unsuitable
from autodata.prices import PriceTable

__all__ = [
    "Event",
    "RoleUse",
    "RunCard",
    "RunDetail",
    "SkippedSource",
    "find_run_card",
    "list_run_cards",
    "list_runs",
    "load_progress",
    "load_run",
]


@dataclass(frozen=True, slots=True)
class SkippedSource:
    """A file that could not be used, by name and reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunDetail:
    """Everything the page shows of one run.

    `card` has the counts. `failures`: (outcome, rounds) of rounds that were not accepted, largest first.
    `errors`: (kind, count) of failed attempts. `calls_per_minute`: over the minute before the last record.
    `calls_saved`: answers, and their grading, that frugal rounds did without.
    `seconds_left`: estimate from sources done so far, None before the first or when not running.
    `budget_calls`, `budget_tokens`, `budget_cost`: as set, None for none. `warnings` are sentences of the start.
    `imported`: where a run of another system comes from and what its file never recorded (`not_recorded`); empty for
    one of our own.
    """

    card: RunCard
    settings: dict[str, Any]
    policy: dict[str, Any]
    recipe: dict[str, Any]
    software: str
    warnings: tuple[str, ...]
    exhausted: int
    skipped_sources: int
    in_flight_sources: int
    prompt_tokens: int
    completion_tokens: int
    calls_saved: int
    calls_per_minute: float
    mean_rounds_to_accept: float | None
    seconds_running: float
    seconds_left: float | None
    budget_calls: int | None
    budget_tokens: int | None
    budget_cost: float | None
    roles: tuple[RoleUse, ...]
    failures: tuple[tuple[str, int], ...]
    errors: tuple[tuple[str, int], ...]
    last_errors: tuple[Event, ...]
    events: tuple[Event, ...]
    skipped: tuple[SkippedSource, ...]
    undecided: tuple[SkippedSource, ...]
    unsuitable: tuple[UnsuitableSource, ...]
    imported: dict[str, Any] = field(default_factory=dict)

    def price(self, prices: PriceTable | None = None) -> CostSheet:
        """What the run has cost, with its own prices or with others."""
        uses = {role.role: role.use for role in self.roles}
        models = name_models(self.roles, self.settings)
        return make_sheet(uses, models, prices or self.prices, self.card.accepted)

    @property
    def prices(self) -> PriceTable:
        """The prices in force."""
        return PriceTable(**(self.settings.get("prices") or {}))


def list_runs(index: Index) -> list[str]:
    """Run ids, newest first."""
    return [row[0] for row in index.query("SELECT run_id FROM runs ORDER BY started DESC, run_id DESC")]


def load_run(index: Index, run_id: str) -> RunDetail | None:
    """The run, or None when the index does not know it (yet)."""
    return index.remember(("run", run_id), lambda: _load_run(index, run_id))


def load_progress(index: Index, run_id: str, points: int = 120) -> pd.DataFrame:
    """Columns t (epoch seconds), sources_done, accepted, rounds, calls, tokens - all cumulative - and
    calls_per_minute; at most `points` rows."""
    return index.frame(_PROGRESS, {"run_id": run_id, "points": points})


def _load_run(index: Index, run_id: str) -> RunDetail | None:
    rows = index.records(f"SELECT {CARD_COLUMNS}, {_DETAILS} FROM runs WHERE run_id = ?", [run_id])
    if not rows:
        return None
    row, run = rows[0], rows[0]["run"]
    counts = load_counts(index, [run])
    own = counts[run]
    (card,) = build_cards(index, rows, counts)
    chosen, running = orjson.loads(row["settings"]), card.state == "running"
    session = row["session"]
    seconds = row["active_s"] + (max(0.0, card.last - (session or card.last)) if running else 0.0)
    skipped = index.query("SELECT DISTINCT name, reason FROM skipped WHERE run = ? ORDER BY name", [run])
    undecided = index.query(_UNDECIDED, {"run": run}) if own.undecided else []
    roles = list_roles(index, run)
    failed = any(role.errors for role in roles)
    return RunDetail(
        card=card,
        settings=chosen,
        policy=orjson.loads(row["policy"]),
        recipe=orjson.loads(row["recipe"]),
        software=row["software"] or "",
        warnings=tuple(orjson.loads(row["warnings"])),
        exhausted=own.exhausted,
        skipped_sources=len(skipped),
        in_flight_sources=_count_in_flight(index, run) if running else 0,
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        calls_saved=own.saved,
        calls_per_minute=_measure_rate(index, run, session, card.last),
        mean_rounds_to_accept=own.rounds_to_accept,
        seconds_running=seconds,
        seconds_left=_estimate_left(card, seconds) if running else None,
        budget_calls=chosen.get("budget_calls"),
        budget_tokens=chosen.get("budget_tokens"),
        budget_cost=chosen.get("budget_cost"),
        roles=roles,
        failures=own.failures,
        errors=tuple(index.query(_ERRORS, [run])) if failed else (),
        last_errors=list_last_errors(index, run) if failed else (),
        events=list_events(index, run, card),
        skipped=tuple(SkippedSource(*parts) for parts in skipped),
        unsuitable=list_unsuitable(index, run_id) if own.skipped else (),
        undecided=tuple(SkippedSource(*parts) for parts in undecided),
        imported=orjson.loads(row["imported"]) if row["imported"] else {},
    )


def _count_in_flight(index: Index, run: int) -> int:
    """Sources with calls but no end."""
    return int(
        index.query(
            """SELECT count(*) FROM (
                SELECT source_id FROM sources WHERE run = $run
                    AND source_id NOT IN (SELECT source_id FROM results WHERE run = $run)
            ) SEMI JOIN (SELECT source_id FROM calls WHERE run = $run) USING (source_id)""",
            {"run": run},
        )[0][0]
    )


def _measure_rate(index: Index, run: int, session: float | None, last: float) -> float:
    """Calls in the minute before the last record; a younger stretch of work is scaled up to a minute."""
    count, first = index.query("SELECT count(*), min(t) FROM calls WHERE run = ? AND t > ?", [run, last - 60])[0]
    if not count:
        return 0.0
    return float(count) * 60.0 / min(60.0, max(last - (session or first), 1.0))


def _estimate_left(card: RunCard, seconds: float) -> float | None:
    if not card.sources_done:
        return None
    return seconds / card.sources_done * (card.sources - card.sources_done)


_DETAILS = """policy, settings, recipe, software, warnings, session, active_s, prompt_tokens, completion_tokens"""
"""What else the page shows of a run's row."""

_UNDECIDED = """SELECT coalesce(s.title, e.source_id), e.reason
FROM (SELECT * FROM results WHERE run = $run AND outcome = 'undecided') e
LEFT JOIN (SELECT source_id, title FROM sources WHERE run = $run) s ON s.source_id = e.source_id ORDER BY e.seq"""

_ERRORS = """SELECT error_kind, count(*) FROM calls WHERE run = ? AND error_kind IS NOT NULL
GROUP BY 1 ORDER BY 2 DESC, 1"""

_PROGRESS = """
WITH mine AS (SELECT run, started AS low, greatest(last - started, 1e-9) AS width FROM runs WHERE run_id = $run_id),
happened AS (
    SELECT greatest(second, low) AS t, calls, tokens, 0 AS rounds, 0 AS accepted, 0 AS done
    FROM paces JOIN mine USING (run)
    UNION ALL
    SELECT t, 0, 0, 1, (outcome = 'accepted')::INTEGER, 0 FROM rounds WHERE run = (SELECT run FROM mine)
    UNION ALL
    SELECT t, 0, 0, 0, 0, 1 FROM results WHERE run = (SELECT run FROM mine)
),
parts AS (
    SELECT least(floor((t - low) / width * $points), $points - 1) AS part, any_value(low) AS low,
        any_value(width) AS width, sum(calls) AS calls, sum(tokens) AS tokens, sum(rounds) AS rounds,
        sum(accepted) AS accepted, sum(done) AS done
    FROM happened, mine GROUP BY 1
)
SELECT low + (part + 1) * width / $points AS t, sum(done) OVER w AS sources_done, sum(accepted) OVER w AS accepted,
    sum(rounds) OVER w AS rounds, sum(calls) OVER w AS calls, sum(tokens) OVER w AS tokens,
    calls * 60 * $points / width AS calls_per_minute
FROM parts WINDOW w AS (ORDER BY part) ORDER BY part
"""
