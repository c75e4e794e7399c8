"""Runs in one line each, and what needs somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run in one line. `state`: running (as recorded: nobody wrote its end), done, paused, stopped, failed.
    `gap_by_round`: mean gap of round 1, 2, …, None where no round was measured. `gap`: mean of the
    accepted rounds. `imported`: the format of a run of another system, "" for one of our own. Times in epoch
    seconds."""

    run_id: str
    state: str
    reason: str
    domain: str
    policy: str
    sources: int
    sources_done: int
    accepted: int
    undecided: int
    rounds: int
    calls: int
    gap: float | None
    gap_by_round: tuple[float | None, ...]
    started: float
    last: float
    pid: int | None
    host: str
    simulated: bool
    damage: str
    imported: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something a person should look at. `severity`: alarm, warning or note. `kind`: run_failed, run_paused,
    journal_damaged, sources_skipped, sources_undecided, risky_open. `action` is a verb with its object."""

    severity: str
    kind: str
    sentence: str
    action: str
    run_id: str | None = None


def list_run_cards(index: Index, limit: int = 50) -> list[RunCard]:
    """Runs, running first, then newest first."""
    order = "ORDER BY u.state <> 'running', u.started DESC LIMIT $limit"
    return _build_cards(index, index.records(_CARDS.format(mine="TRUE") + order, {"limit": limit}))


def find_run_card(index: Index, run_id: str) -> RunCard | None:
    """One run's card; None when the index does not know the run."""
    mine = "run = (SELECT run FROM runs WHERE run_id = $run_id)"
    cards = _build_cards(index, index.records(_CARDS.format(mine=mine), {"run_id": run_id}))
    return cards[0] if cards else None


def list_needs(index: Index, limit: int = 8) -> list[Need]:
    """What needs somebody, worst first."""
    needs = [
        Need("alarm", "journal_damaged", sentence, "Open run" if name != "reviews" else "Verify", _run_of(name))
        for name, sentence in index.query("SELECT name, damage FROM journals WHERE damage <> '' ORDER BY name")
    ]
    for run_id, state, reason in index.query(
        """SELECT run_id, state, reason FROM runs WHERE state IN ('failed', 'paused', 'stopped')
        ORDER BY state <> 'failed', last DESC"""
    ):
        severity = "alarm" if state == "failed" else "warning"
        sentence = f"{run_id} {state}" + (f": {reason}" if reason else "")
        needs.append(Need(severity, f"run_{state}", sentence, "Resume run", run_id))
    for run_id, imported, n in index.query(
        """SELECT u.run_id, u.imported <> '', s.undecided FROM standings s JOIN runs u ON u.run = s.run
        WHERE s.undecided > 0 ORDER BY u.started DESC"""
    ):
        # There is nothing to resume in a run of another system.
        severity, action = ("note", "Open run") if imported else ("warning", "Resume run")
        needs.append(Need(severity, "sources_undecided", f"{run_id}: {_count(n, 'source')} undecided", action, run_id))
    for run_id, imported, n in index.query(
        """SELECT u.run_id, u.imported <> '', count(DISTINCT x.name) FROM skipped x JOIN runs u ON u.run = x.run
        GROUP BY ALL ORDER BY max(u.started) DESC"""
    ):
        sentence = f"{run_id}: {_count(n, 'input')} could not be used"
        if imported:
            sentence = f"{run_id}: {_count(n, 'part')} of the imported file could not be used"
        needs.append(Need("note", "sources_skipped", sentence, "Show parts" if imported else "Show files", run_id))
    return needs[:limit]


def _run_of(name: str) -> str | None:
    return name.removeprefix("runs/") if name.startswith("runs/") else None


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _build_cards(index: Index, rows: list[dict[str, Any]]) -> list[RunCard]:
    gaps = _load_gaps(index, [row["run"] for row in rows])
    return [RunCard(gap_by_round=gaps.get(row.pop("run"), ()), **row) for row in rows]


def _load_gaps(index: Index, runs: list[int]) -> dict[int, tuple[float | None, ...]]:
    """Mean gap of round 1, 2, … by run."""
    found: dict[int, dict[int, float]] = {}
    for run, number, gap in index.query(
        """SELECT run, round, sum(gap) / sum(judged) FROM tallies WHERE judged > 0 AND run IN (SELECT unnest(?))
        GROUP BY run, round ORDER BY run, round""",
        [runs],
    ):
        found.setdefault(run, {})[number] = gap
    return {run: tuple(by.get(n) for n in range(1, max(by) + 1)) for run, by in found.items()}


_CARDS = """
SELECT u.run, u.run_id, u.state, u.reason, u.domain, u.policy_name AS policy, coalesce(s.sources, 0) AS sources,
    coalesce(s.done, 0) AS sources_done, coalesce(r.accepted, 0) AS accepted, coalesce(s.undecided, 0) AS undecided,
    coalesce(r.rounds, 0) AS rounds, u.calls, r.gap, coalesce(u.started, 0) AS started, coalesce(u.last, 0) AS last,
    u.pid, u.host, u.simulated, coalesce(j.damage, '') AS damage,
    CASE WHEN u.imported <> '' THEN coalesce(json_extract_string(u.imported, '$.format'), '') ELSE '' END AS imported
FROM (SELECT * FROM runs WHERE {mine}) u
LEFT JOIN journals j ON j.run = u.run
LEFT JOIN standings s ON s.run = u.run
LEFT JOIN (
    SELECT run, sum(n)::BIGINT AS rounds, coalesce(sum(n) FILTER (outcome = 'accepted'), 0)::BIGINT AS accepted,
        sum(gap) FILTER (outcome = 'accepted') / sum(judged) FILTER (outcome = 'accepted') AS gap
    FROM tallies WHERE {mine} GROUP BY run
) r ON r.run = u.run
"""
