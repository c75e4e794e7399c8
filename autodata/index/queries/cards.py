"""Runs in one line each, and what needs somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.queries.counts import RunCounts, load_counts

CARD_COLUMNS = "run, run_id, state, reason, domain, policy_name, calls, started, last, pid, host, simulated, imported"
"""Columns of `runs` that a card is made of, beside the run's counts."""


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
    journal_damaged, votes_differ, sources_skipped, sources_undecided. `action` is a verb with its object."""

    severity: str
    kind: str
    sentence: str
    action: str
    run_id: str | None = None


def list_run_cards(index: Index, limit: int = 50) -> list[RunCard]:
    """Runs, running first, then newest first."""
    order = "ORDER BY state <> 'running', started DESC LIMIT ?"
    return build_cards(index, index.records(f"SELECT {CARD_COLUMNS} FROM runs {order}", [limit]))


def find_run_card(index: Index, run_id: str) -> RunCard | None:
    """One run's card; None when the index does not know the run."""
    cards = build_cards(index, index.records(f"SELECT {CARD_COLUMNS} FROM runs WHERE run_id = ?", [run_id]))
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
    if n := index.query(_DISPUTED)[0][0]:
        needs.append(Need("warning", "votes_differ", f"{_count(n, 'task')}: the votes differ", "Settle"))
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


def build_cards(
    index: Index, rows: Sequence[Mapping[str, Any]], counts: Mapping[int, RunCounts] | None = None
) -> list[RunCard]:
    """Cards of rows that have CARD_COLUMNS, in their order; `counts` where they are known already."""
    known = counts if counts is not None else load_counts(index, [row["run"] for row in rows])
    damage = dict(index.query("SELECT name, damage FROM journals WHERE damage <> ''"))
    return [_build_card(row, known[row["run"]], damage.get(f"runs/{row['run_id']}", "")) for row in rows]


def _build_card(row: Mapping[str, Any], counts: RunCounts, damage: str) -> RunCard:
    imported = orjson.loads(row["imported"]) if row["imported"] else {}
    return RunCard(
        run_id=row["run_id"],
        state=row["state"],
        reason=row["reason"],
        domain=row["domain"],
        policy=row["policy_name"],
        sources=counts.sources,
        sources_done=counts.done,
        accepted=counts.accepted,
        undecided=counts.undecided,
        rounds=counts.rounds,
        calls=row["calls"],
        gap=counts.gap,
        gap_by_round=counts.gap_by_round,
        started=row["started"] or 0,
        last=row["last"] or 0,
        pid=row["pid"],
        host=row["host"],
        simulated=row["simulated"],
        damage=damage,
        imported=str(imported.get("format") or ""),
    )


_DISPUTED = "SELECT count(*) FROM verdicts WHERE state = 'disputed' AND key NOT IN (SELECT key FROM canaries)"
