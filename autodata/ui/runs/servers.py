"""The servers of a run's endpoints that have several, and its workers where it has any: who carries what, and who is
passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autodata.index.queries.servers import ServerUse
from autodata.llm.client import find_address
from autodata.llm.replicas import ServerLoad
from autodata.runs_live import LiveRun
from autodata.ui.marks import draw_bar, draw_severity
from autodata.ui.parts import Column, build_section, build_sentences, build_stack, build_table
from autodata.ui.text import count_of, format_duration, format_latency, format_share
from autodata.ui.tree import Tree, node


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One server: what the record says of it, and its load while the run works, None otherwise."""

    endpoint: str
    server: str
    use: ServerUse | None
    load: ServerLoad | None


def list_server_rows(
    settings: dict[str, Any], uses: Sequence[ServerUse], live: LiveRun | None
) -> tuple[ServerRow, ...]:
    """The servers of all endpoints in use that have several, in the order of the seats file."""
    book = settings.get("seats") or {}
    used = {seat.get("endpoint") for seat in (book.get("seats") or {}).values()}
    by_server = {use.server: use for use in uses}
    loads = {(load.endpoint, load.server): load for load in live.servers} if live else {}
    rows = []
    for name, endpoint in (book.get("endpoints") or {}).items():
        if name not in used or not endpoint.get("replicas"):
            continue
        for url in (endpoint["base_url"], *endpoint["replicas"]):
            server = find_address(url)
            rows.append(ServerRow(name, server, by_server.get(server), loads.get((name, server))))
    return tuple(rows)


def build_servers(rows: Sequence[ServerRow]) -> Tree | None:
    """A line per server; None where every endpoint has only one."""
    if not rows:
        return None
    live = any(row.load for row in rows)
    columns = [Column("Endpoint", width="15%"), Column("Server", width="22%"), Column("State", width="24%")]
    columns += [Column("Calls", True), Column("Failed", True), Column("Calls a minute" if live else "Median", True)]
    columns += [Column("In flight", True, "16%")] if live else []
    table = build_table(columns, [_build_row(rows, at, live) for at in range(len(rows))], "Servers")
    waiting = sum({row.endpoint: row.load.waiting for row in rows if row.load}.values())
    away = [row for row in rows if row.load and row.load.health != "open"]
    note = f"{count_of(len(rows), 'server')}, the least loaded gets the next call"
    if live:
        note = f"{count_of(waiting, 'call')} waiting for a place; the least loaded server gets the next call"
    said = build_sentences([_say_away(row) for row in away], "flag") if away else None
    return build_section("Servers", build_stack(said, table, gap=8), note)


def build_workers(live: LiveRun | None) -> Tree | None:
    """The workers of a run on a cluster; None where it works in one process, or not at all."""
    if live is None or not (live.workers or live.lost):
        return None
    rows: list[list[Tree | None]] = [
        [node("span", "mono", w.host), f"{w.pid}", f"{w.sources:,}", f"{w.calls:,}",
         format_duration(max(0.0, live.t - w.joined))]
        for w in live.workers
    ]  # fmt: skip
    columns = [Column("Machine"), Column("Process", True), Column("Sources", True), Column("Calls", True)]
    table = build_table([*columns, Column("At work for", True)], rows, "Workers")
    lost = ""
    if live.lost:
        words = count_of(live.lost, "worker was lost", "workers were lost")
        lost = f"{words}; others took over its sources, and nothing recorded was asked again."
    said = build_sentences([lost], "unchecked") if lost else None
    return build_section("Workers", build_stack(said, table, gap=8), "processes that work on this run's sources")


def _build_row(rows: Sequence[ServerRow], at: int, live: bool) -> list[Tree | None]:
    row = rows[at]
    first = at == 0 or rows[at - 1].endpoint != row.endpoint
    calls, failed = (row.use.calls, row.use.failed) if row.use else (0, 0)
    cells: list[Tree | None] = [
        row.endpoint if first else None,
        node("span", "mono", row.server),
        _build_state(row),
        f"{calls:,}",
        node("span", "alarm" if failed else None, format_share(failed, calls)) if calls else "–",
    ]
    if not live:
        return [*cells, format_latency(row.use.median_s if row.use else None)]
    return [*cells, f"{row.use.recent:,}" if row.use else "0", _build_flight(row.load)]


def _build_state(row: ServerRow) -> Tree:
    """A mark and a word, never a colour alone."""
    load = row.load
    if load is None:
        return node("span", "muted", "was used" if row.use else "not used yet")
    if load.health == "passed_over":
        back = f"passed over, {format_duration(load.back_in_s)} left" if load.back_in_s >= 1 else "passed over"
        return _mark("failed", back, "alarm")
    if load.health == "probing":
        return _mark("flag", "tried again with one call", "alarm")
    if load.limit < load.most:
        return _mark("undecided", f"slowed to {load.limit:,} of {load.most:,}", "")
    return _mark("clear", "takes calls", "")


def _mark(mark: str, words: str, tone: str) -> Tree:
    return node("span", f"row {tone}".strip(), draw_severity(mark), words)


def _build_flight(load: ServerLoad | None) -> Tree:
    if load is None:
        return "–"
    share = load.in_flight / max(1, load.most)
    bar = node("span", {"style": "width:64px;flex:none"}, draw_bar(share, thin=True))
    style = {"style": "display:flex;gap:8px;align-items:center;justify-content:flex-end"}
    return node("span", style, bar, f"{load.in_flight:,} of {load.limit:,}")


def _say_away(row: ServerRow) -> str:
    if row.load and row.load.health == "probing":
        return f"{row.server} did not answer and is tried again with one call at a time; the others carry its load."
    back = format_duration(row.load.back_in_s) if row.load else ""
    return f"{row.server} did not answer or asked to be left alone; it gets calls again in {back}. The others go on."
