"""What each of several servers of an endpoint did for a run. Calls to an endpoint with one server name none."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class ServerUse:
    """One server's calls in a run, failed attempts included. `recent` and `recent_failed` are of the minute before the
    run's last record; `median_s` is of the answered calls, None where there is none."""

    server: str
    calls: int
    failed: int
    recent: int
    recent_failed: int
    median_s: float | None


def list_server_uses(index: Index, run_id: str) -> tuple[ServerUse, ...]:
    """The servers that a run's calls name, by address."""
    return index.remember(("servers", run_id), lambda: _list_server_uses(index, run_id))


def _list_server_uses(index: Index, run_id: str) -> tuple[ServerUse, ...]:
    return tuple(ServerUse(*row) for row in index.query(_USES, {"run_id": run_id}))


_USES = """
WITH mine AS (SELECT run, last FROM runs WHERE run_id = $run_id)
SELECT server, count(*), count(error_kind), count(*) FILTER (t > last - 60), count(error_kind) FILTER (t > last - 60),
    median(seconds) FILTER (error_kind IS NULL)
FROM calls JOIN mine USING (run) WHERE server IS NOT NULL GROUP BY server ORDER BY server
"""
